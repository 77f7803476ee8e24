-- +goose Up
-- "That was mine": what staff say about an order or a customer, and what was decided.

-- owner: referral/dispute
CREATE TABLE dispute (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL, -- carries raised_at
  order_id    uuid,                 -- NULL: it is about a customer
  customer_id uuid,                 -- NULL: it is about an order
  role        text        NOT NULL, -- about a customer home_staff, or home_store: the store alone
  to_kind     text        NOT NULL, -- for whom it was raised
  to_id       uuid        NOT NULL,
  store_id    uuid        NOT NULL, -- under which that earns
  from_kind   text,                 -- NULL: whoever has it
  from_id     uuid,
  since       timestamptz NOT NULL, -- when the order was placed; from when on she was theirs, they say
  said        text        NOT NULL,
  raiser_id   uuid,                 -- NULL: Homestore itself
  raised_by   text        NOT NULL, -- shop.Actor.Pseudonym
  raised_at   timestamptz NOT NULL,
  state       text        NOT NULL,
  decided_at  timestamptz,
  decided_by  text,
  reason      text,
  CONSTRAINT dispute_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT dispute_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT dispute_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CONSTRAINT dispute_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT dispute_is_about_one_thing CHECK ((order_id IS NULL) <> (customer_id IS NULL)),
  CONSTRAINT dispute_to_known CHECK (to_kind IN ('store', 'staff', 'pool')),
  CONSTRAINT dispute_state_known CHECK (state IN ('raised', 'upheld', 'refused', 'withdrawn')),
  CONSTRAINT dispute_decided_by_somebody CHECK ((state = 'raised') = (decided_at IS NULL) AND (state = 'raised') = (decided_by IS NULL)),
  CONSTRAINT dispute_decided_with_a_reason CHECK (state NOT IN ('upheld', 'refused') OR reason <> '')
);
CREATE UNIQUE INDEX dispute_one_open_per_order ON dispute (brand_id, order_id, role, to_id, raiser_id) NULLS NOT DISTINCT WHERE state = 'raised' AND order_id IS NOT NULL;
CREATE UNIQUE INDEX dispute_one_open_per_customer ON dispute (brand_id, customer_id, to_id, raiser_id) NULLS NOT DISTINCT WHERE state = 'raised' AND customer_id IS NOT NULL;
CREATE INDEX dispute_by_raiser ON dispute (brand_id, raiser_id, id DESC);
CREATE INDEX dispute_by_store ON dispute (brand_id, store_id, id DESC);
-- owner: referral/dispute
-- Who had it when it was raised. Credits are worked out anew; whom it was raised against stays.
CREATE TABLE dispute_against (
  brand_id   int  NOT NULL,
  dispute_id uuid NOT NULL,
  to_kind    text NOT NULL,
  to_id      uuid NOT NULL,
  store_id   uuid NOT NULL, -- under which it was earned
  CONSTRAINT dispute_against_pkey PRIMARY KEY (brand_id, dispute_id, to_kind, to_id),
  CONSTRAINT dispute_against_dispute_fkey FOREIGN KEY (brand_id, dispute_id) REFERENCES dispute (brand_id, id)
);
CREATE INDEX dispute_against_by_party ON dispute_against (brand_id, to_id, dispute_id DESC);
CREATE INDEX dispute_against_by_store ON dispute_against (brand_id, store_id, dispute_id DESC);
-- owner: referral/dispute
-- How many disputes a store and its people had in a month, on which side, with which end and after how many days.
CREATE TABLE dispute_figure (
  brand_id   int  NOT NULL,
  month      date NOT NULL, -- first day of that in which it was raised, or decided; brand's zone
  store_id   uuid NOT NULL,
  party_kind text NOT NULL, -- store: all of the store's
  party_id   uuid NOT NULL,
  side       text NOT NULL, -- for: it was raised for them; against: they had it
  state      text NOT NULL, -- into which it came
  days       int  NOT NULL, -- whole days from raising to that, 0 for raised
  disputes   int  NOT NULL,
  CONSTRAINT dispute_figure_pkey PRIMARY KEY (brand_id, month, store_id, party_kind, party_id, side, state, days),
  CONSTRAINT dispute_figure_side_known CHECK (side IN ('for', 'against')),
  CONSTRAINT dispute_figure_positive CHECK (disputes > 0 AND days >= 0)
);

CALL secure_brand_tables();
REVOKE DELETE ON dispute, dispute_against, dispute_figure FROM homestore_app;
REVOKE UPDATE ON dispute, dispute_against FROM homestore_app;
GRANT UPDATE (state, decided_at, decided_by, reason) ON dispute TO homestore_app;
