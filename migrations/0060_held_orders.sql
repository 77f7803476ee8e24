-- +goose Up
-- Orders that look wrong when they become due: nothing of them is paid by itself.

-- owner: referral/ledger
-- None of an order's credits becomes payable while its hold is open. What is decided stays said, also when it is credited anew.
CREATE TABLE order_hold (
  brand_id   int         NOT NULL,
  order_id   uuid        NOT NULL,
  id         uuid        NOT NULL, -- carries opened_at
  signs      jsonb       NOT NULL, -- what looked wrong and how much of it, as in binding_hold
  staff      uuid[]      NOT NULL, -- who gained when it was opened
  stores     uuid[]      NOT NULL, -- and under which stores
  opened_at  timestamptz NOT NULL,
  state      text        NOT NULL,
  decided_at timestamptz,
  decided_by text,                 -- shop.Actor.Pseudonym
  why        text,
  CONSTRAINT order_hold_pkey PRIMARY KEY (brand_id, order_id),
  CONSTRAINT order_hold_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT order_hold_state_known CHECK (state IN ('open', 'released', 'refused')),
  CONSTRAINT order_hold_decided_by_somebody CHECK ((state <> 'open') = (decided_at IS NOT NULL AND decided_by IS NOT NULL AND why IS NOT NULL))
);
CREATE INDEX order_hold_by_time ON order_hold (brand_id, id DESC);

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON order_hold FROM homestore_app;
GRANT UPDATE (state, decided_at, decided_by, why) ON order_hold TO homestore_app;
