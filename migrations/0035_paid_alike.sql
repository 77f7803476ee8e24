-- +goose Up
-- Who pays for others what they buy as their own customers.

-- owner: clienteling/order
-- What an order was paid with, where a system says so: the hash of whatever stands for the card there. Only orders that say it have
-- a row, so the orders' own table and its plans stay as they are.
CREATE TABLE order_payment (
  brand_id    int   NOT NULL,
  order_id    uuid  NOT NULL, -- carries placed_at
  payment     bytea NOT NULL, -- SHA-256
  customer_id uuid,           -- who bought, as it was told with the payment; NULL: nobody is known
  CONSTRAINT order_payment_pkey PRIMARY KEY (brand_id, order_id, payment),
  CONSTRAINT order_payment_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT order_payment_is_sha256 CHECK (octet_length(payment) = 32)
);
CREATE INDEX order_payment_by_payment ON order_payment (brand_id, payment, order_id) WHERE customer_id IS NOT NULL;

CALL secure_brand_tables();
REVOKE DELETE ON order_payment FROM homestore_app;
