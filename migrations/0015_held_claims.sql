-- +goose Up
-- Claims that wait: for a manager, because they look wrong, or for the customer, whom the policy asks.

-- What a claim met, and by which rule it won or lost: what a dispute is shown.
ALTER TABLE claim ADD COLUMN against_id uuid;                   -- the binding that was live: it lost to that, or replaced it
ALTER TABLE claim ADD COLUMN rule       text NOT NULL DEFAULT '';

-- owner: referral/binding
-- The claim itself stays as it was recorded; what is decided is another claim of hers, and the state here.
CREATE TABLE binding_hold (
  brand_id         int         NOT NULL,
  id               uuid        NOT NULL, -- carries opened_at
  customer_id      uuid        NOT NULL,
  claim_no         int         NOT NULL,
  store_id         uuid        NOT NULL,
  staff_id         uuid,
  source           text        NOT NULL,
  waits_for        text        NOT NULL, -- manager, customer; nobody: to be seen, there is nothing to decide
  signs            jsonb       NOT NULL, -- what looked wrong and how much of it: [{"sign": …, "score": …, "seen": …, "cap": …}]
  against_id       uuid,
  against_store_id uuid,
  against_staff_id uuid,
  opened_at        timestamptz NOT NULL,
  lapses_at        timestamptz,          -- NULL: it waits as long as it takes
  state            text        NOT NULL,
  decided_at       timestamptz,
  decided_by       text,                 -- shop.Actor.Pseudonym
  why              text,
  CONSTRAINT binding_hold_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT binding_hold_one_per_claim UNIQUE (brand_id, customer_id, claim_no),
  CONSTRAINT binding_hold_claim_fkey FOREIGN KEY (brand_id, customer_id, claim_no) REFERENCES claim (brand_id, customer_id, claim_no),
  CONSTRAINT binding_hold_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT binding_hold_waits_for_known CHECK (waits_for IN ('manager', 'customer', 'nobody')),
  CONSTRAINT binding_hold_state_known CHECK (state IN ('open', 'released', 'refused', 'lapsed', 'told')),
  CONSTRAINT binding_hold_told_waits_for_nobody CHECK ((state = 'told') = (waits_for = 'nobody')),
  CONSTRAINT binding_hold_decided_by_somebody CHECK ((state IN ('released', 'refused', 'lapsed')) = (decided_at IS NOT NULL AND decided_by IS NOT NULL AND why IS NOT NULL))
);
CREATE INDEX binding_hold_by_store ON binding_hold (brand_id, store_id, id DESC);
CREATE INDEX binding_hold_by_other_store ON binding_hold (brand_id, against_store_id, id DESC) WHERE against_store_id IS NOT NULL;
CREATE INDEX binding_hold_by_staff ON binding_hold (brand_id, staff_id, id DESC) WHERE staff_id IS NOT NULL;
CREATE INDEX binding_hold_by_other_staff ON binding_hold (brand_id, against_staff_id, id DESC) WHERE against_staff_id IS NOT NULL;
CREATE INDEX binding_hold_by_lapse ON binding_hold (brand_id, lapses_at) WHERE state = 'open' AND lapses_at IS NOT NULL;

-- owner: referral/binding
-- How many claims that could win a person made on a day, and a tag in an hour: one row each, so that a cap costs one row to keep
-- and two tills at the same moment do not both stay under it.
CREATE TABLE claim_count (
  brand_id   int         NOT NULL,
  subject    text        NOT NULL, -- staff, tag
  subject_id uuid        NOT NULL,
  began_at   timestamptz NOT NULL, -- of the day in the brand's zone, of the hour
  store_id   uuid        NOT NULL,
  claims     int         NOT NULL,
  CONSTRAINT claim_count_one_per_span PRIMARY KEY (brand_id, subject, subject_id, began_at),
  CONSTRAINT claim_count_subject_known CHECK (subject IN ('staff', 'tag')),
  CONSTRAINT claim_count_positive CHECK (claims > 0)
);
CREATE INDEX claim_count_by_store ON claim_count (brand_id, store_id, began_at);

-- owner: referral/binding
-- Who brought a click id after it had bound somebody else.
CREATE TABLE click_replay (
  brand_id    int         NOT NULL,
  scan_id     uuid        NOT NULL,
  customer_id uuid        NOT NULL,
  brought_at  timestamptz NOT NULL,
  CONSTRAINT click_replay_once_each PRIMARY KEY (brand_id, scan_id, customer_id),
  CONSTRAINT click_replay_of_a_used_click FOREIGN KEY (brand_id, scan_id) REFERENCES click_used (brand_id, scan_id)
);

CREATE INDEX click_replay_by_customer ON click_replay (brand_id, customer_id);

-- Whom somebody has won, newest first: are their orders given back?
CREATE INDEX binding_by_who_won ON binding (brand_id, staff_id, id DESC) WHERE staff_id IS NOT NULL;
-- Who else has signed in with the app on this phone.
CREATE INDEX sign_in_session_by_app ON sign_in_session (brand_id, device_hash);

CALL secure_brand_tables();
REVOKE DELETE ON binding_hold, claim_count, click_replay FROM homestore_app;
REVOKE UPDATE ON binding_hold, click_replay FROM homestore_app;
GRANT UPDATE (state, decided_at, decided_by, why) ON binding_hold TO homestore_app;
