-- +goose Up
-- How disputes about an order ended: its credits follow, also when it is credited anew later.

-- owner: referral/ledger
CREATE TABLE order_decision (
  brand_id    int         NOT NULL,
  order_id    uuid        NOT NULL,
  decision_no int         NOT NULL, -- 1.. within the order, as they were decided
  decision_id uuid        NOT NULL, -- of the dispute
  role        text        NOT NULL,
  from_kind   text,                 -- NULL: whoever has the role
  from_id     uuid,
  to_kind     text        NOT NULL,
  to_id       uuid        NOT NULL,
  store_id    uuid        NOT NULL, -- under which it is earned from then on
  decided_at  timestamptz NOT NULL,
  CONSTRAINT order_decision_pkey PRIMARY KEY (brand_id, order_id, decision_no),
  CONSTRAINT order_decision_once_per_role UNIQUE (brand_id, order_id, decision_id, role),
  CONSTRAINT order_decision_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT order_decision_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT order_decision_to_known CHECK (to_kind IN ('store', 'staff', 'pool')),
  CONSTRAINT order_decision_from_known CHECK (from_kind IN ('store', 'staff', 'pool') AND from_id IS NOT NULL OR from_kind IS NULL AND from_id IS NULL)
);

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON order_decision FROM homestore_app;
