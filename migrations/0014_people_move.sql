-- +goose Up
-- Staff leave and move, stores close: from an instant on, and nobody's past is changed.

-- The instant itself; left_on is the last day, as people and files say it.
ALTER TABLE staff ADD COLUMN left_at timestamptz;

-- owner: referral/binding
-- Whose customers pass to whom from an instant on. No binding is touched by it: whose a customer is at an instant is her binding and
-- the successions since it began.
CREATE TABLE succession (
  brand_id      int         NOT NULL,
  id            uuid        NOT NULL,
  succession_no int         NOT NULL, -- 1.. within the brand, as they were recorded: which of two at one instant comes first
  kind          text        NOT NULL, -- leave, move, close
  staff_id      uuid,                 -- whose customers; NULL: everybody's of the store
  store_id      uuid,                 -- of which store; NULL: of every store
  effective_at  timestamptz NOT NULL,
  note          text        NOT NULL, -- what those who take over should know; empty: nothing
  recorded_by   text        NOT NULL, -- shop.Actor.Pseudonym
  recorded_at   timestamptz NOT NULL,
  CONSTRAINT succession_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT succession_numbered_once UNIQUE (brand_id, succession_no),
  CONSTRAINT succession_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT succession_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT succession_kind_known CHECK (kind IN ('leave', 'move', 'close')),
  CONSTRAINT succession_of_somebody CHECK (CASE kind
    WHEN 'leave' THEN staff_id IS NOT NULL AND store_id IS NULL
    WHEN 'move' THEN staff_id IS NOT NULL AND store_id IS NOT NULL
    ELSE staff_id IS NULL AND store_id IS NOT NULL END)
);
CREATE INDEX succession_by_staff ON succession (brand_id, staff_id);
CREATE INDEX succession_by_store ON succession (brand_id, store_id);

-- owner: referral/binding
-- Who takes over; of several each has customers by its share.
CREATE TABLE succession_heir (
  brand_id      int  NOT NULL,
  succession_id uuid NOT NULL,
  heir_no       int  NOT NULL, -- 1..
  store_id      uuid,          -- NULL: the home store stays
  person        text NOT NULL, -- keep: who had the staff part has it still; pool: that of the store; staff: staff_id
  staff_id      uuid,
  share         int  NOT NULL,
  CONSTRAINT succession_heir_pkey PRIMARY KEY (brand_id, succession_id, heir_no),
  CONSTRAINT succession_heir_succession_fkey FOREIGN KEY (brand_id, succession_id) REFERENCES succession (brand_id, id),
  CONSTRAINT succession_heir_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT succession_heir_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT succession_heir_person_known CHECK (person IN ('keep', 'pool', 'staff') AND (person = 'staff') = (staff_id IS NOT NULL)),
  CONSTRAINT succession_heir_has_a_share CHECK (share BETWEEN 1 AND 10000)
);
-- From an heir back to those whose customers came to her.
CREATE INDEX succession_heir_by_staff ON succession_heir (brand_id, staff_id);
CREATE INDEX succession_heir_by_store ON succession_heir (brand_id, store_id);

-- owner: referral/binding
-- Work to do: customers whose profile and orders follow a succession that is in force. The row goes when it is done.
CREATE TABLE succession_follow (
  brand_id      int         NOT NULL,
  succession_id uuid        NOT NULL,
  due_at        timestamptz NOT NULL,
  look          int         NOT NULL, -- the second finds who was bound while the succession was recorded
  reached       uuid,                 -- the last customer who has been looked at; NULL: none yet
  CONSTRAINT succession_follow_pkey PRIMARY KEY (brand_id, succession_id),
  CONSTRAINT succession_follow_succession_fkey FOREIGN KEY (brand_id, succession_id) REFERENCES succession (brand_id, id)
);
CREATE INDEX succession_follow_due ON succession_follow (brand_id, due_at);

-- Whoever was ever won by a person or for a store, in pages.
CREATE INDEX binding_of_staff ON binding (brand_id, staff_id, customer_id) WHERE staff_id IS NOT NULL;
CREATE INDEX binding_of_store ON binding (brand_id, store_id, customer_id) WHERE store_id IS NOT NULL;

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON succession, succession_heir FROM homestore_app;
