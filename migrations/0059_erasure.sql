-- +goose Up
-- A customer is erased: what leads to the person goes, also from what platforms sent.

-- owner: clienteling/order
-- Which messages told of which order, so that the bodies are found in which somebody is named who is to be erased.
CREATE TABLE inbox_order (
  brand_id   int  NOT NULL,
  order_id   uuid NOT NULL,
  message_id uuid NOT NULL,
  CONSTRAINT inbox_order_pkey PRIMARY KEY (brand_id, order_id, message_id),
  CONSTRAINT inbox_order_message_fkey FOREIGN KEY (brand_id, message_id) REFERENCES inbox (brand_id, id)
);
CREATE INDEX inbox_order_by_message ON inbox_order (brand_id, message_id);

CALL secure_brand_tables();
