-- +goose Up
-- Goods that went back for others.

-- owner: clienteling/order
-- An exchange of an order, as it was told. Only orders that have one have a row, so it lies in no partition. What the order's lines
-- are is worked out from its versions and these: see numbering.go.
CREATE TABLE exchange (
  brand_id     int         NOT NULL,
  order_id     uuid        NOT NULL, -- the order exchanged; carries placed_at
  exchange_no  int         NOT NULL, -- 1.. within the order
  external_id  text        NOT NULL, -- also the name of the new order, where it makes one
  exchanged_at timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL,
  keeps        boolean     NOT NULL, -- an edit of the order, by the plan of its day; otherwise a return and a new order
  lines_out    text[]      NOT NULL, -- external ids; taken out whole
  lines_in     jsonb       NOT NULL, -- [{"line": 3, "external_id": "3", "sku": …, "name": …, "category": …, "kind": "merchandise", "quantity": 1, "unit_price_minor": 10000, "discount_minor": 0, "tax_included": true}]
  store_id     uuid,                 -- who exchanged; NULL: who sold the order
  staff_id     uuid,
  CONSTRAINT exchange_pkey PRIMARY KEY (brand_id, order_id, exchange_no),
  CONSTRAINT exchange_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT exchange_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id)
);

-- The order of whose exchange this one was made. NULL: another system told it. No foreign key: each would be checked at every order.
ALTER TABLE sales_order ADD COLUMN exchange_of uuid;

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON exchange FROM homestore_app;
