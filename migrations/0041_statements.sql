-- +goose Up
-- What closing a month leaves behind: what each month is due beyond its orders, statements, and what became of them.

-- owner: referral/period
-- What a month gives somebody beyond the credits of its orders, as is known now. The past is in ledger_transfer, where each
-- difference was posted by the close that found it; so a row is to its transfers what a credit is to those of its order.
CREATE TABLE true_up (
  brand_id    int         NOT NULL,
  month       date        NOT NULL, -- of the orders, not of the close that posts it
  kind        text        NOT NULL, -- ledger.TransferKind
  role        text        NOT NULL, -- empty: in no role
  holder_kind text        NOT NULL,
  holder_id   uuid        NOT NULL,
  currency    char(3)     NOT NULL,
  due_minor   bigint      NOT NULL,
  reason      jsonb       NOT NULL,
  worked_at   timestamptz NOT NULL,
  CONSTRAINT true_up_pkey PRIMARY KEY (brand_id, month, kind, role, holder_kind, holder_id, currency),
  CONSTRAINT true_up_kind_known CHECK (kind IN ('tier', 'target', 'month_min', 'month_cap', 'clawback_cap'))
);

-- owner: referral/period
-- What the orders and true-ups of a month have given a store's pool that was payable when a month was closed.
CREATE TABLE pool_month (
  brand_id      int         NOT NULL,
  month         date        NOT NULL, -- of the orders
  store_id      uuid        NOT NULL,
  currency      char(3)     NOT NULL,
  payable_minor bigint      NOT NULL,
  worked_at     timestamptz NOT NULL,
  CONSTRAINT pool_month_pkey PRIMARY KEY (brand_id, month, store_id, currency)
);
-- owner: referral/period
-- How it is divided among those who worked there in that month.
CREATE TABLE pool_share (
  brand_id    int     NOT NULL,
  month       date    NOT NULL,
  store_id    uuid    NOT NULL,
  currency    char(3) NOT NULL,
  staff_id    uuid    NOT NULL,
  share_minor bigint  NOT NULL,
  minutes     int     NOT NULL,
  CONSTRAINT pool_share_pkey PRIMARY KEY (brand_id, month, store_id, currency, staff_id),
  CONSTRAINT pool_share_of_a_pool FOREIGN KEY (brand_id, month, store_id, currency) REFERENCES pool_month (brand_id, month, store_id, currency)
);

-- owner: referral/period
-- A month whose true-ups and statements are made: what is left to do of its close is to count and to seal.
CREATE TABLE period (
  brand_id  int         NOT NULL,
  month     date        NOT NULL,
  since     date,                 -- first day that it took in: of months before it that nobody closed; NULL: of all
  closed_by text        NOT NULL, -- shop.Actor.Pseudonym
  made_at   timestamptz NOT NULL,
  CONSTRAINT period_pkey PRIMARY KEY (brand_id, month)
);

-- owner: referral/period
-- The end of the brand's chain of seals when all of the month was sealed: printed on its statements.
CREATE TABLE period_seal (
  brand_id  int         NOT NULL,
  month     date        NOT NULL,
  seals     bigint      NOT NULL,
  hash      bytea       NOT NULL,
  sealed_at timestamptz NOT NULL,
  CONSTRAINT period_seal_pkey PRIMARY KEY (brand_id, month),
  CONSTRAINT period_seal_period_fkey FOREIGN KEY (brand_id, month) REFERENCES period (brand_id, month)
);

-- owner: referral/period
-- What one beneficiary's accounts did in a closed month. It never changes.
CREATE TABLE statement (
  brand_id              int     NOT NULL,
  month                 date    NOT NULL,
  holder_kind           text    NOT NULL,
  holder_id             uuid    NOT NULL,
  currency              char(3) NOT NULL,
  pending_opening_minor bigint  NOT NULL,
  opening_minor         bigint  NOT NULL,
  movement_minor        bigint  NOT NULL,
  pending_closing_minor bigint  NOT NULL,
  stated_minor          bigint  NOT NULL,
  carried_minor         bigint  NOT NULL,
  CONSTRAINT statement_pkey PRIMARY KEY (brand_id, month, holder_kind, holder_id, currency),
  CONSTRAINT statement_period_fkey FOREIGN KEY (brand_id, month) REFERENCES period (brand_id, month),
  CONSTRAINT statement_adds_up CHECK (pending_opening_minor + opening_minor + movement_minor = pending_closing_minor + stated_minor + carried_minor),
  CONSTRAINT statement_pays_nothing_below_zero CHECK (stated_minor >= 0)
);
CREATE INDEX statement_by_holder ON statement (brand_id, holder_id, month);

-- owner: referral/period
-- What became of paying a statement: each try a row.
CREATE TABLE payout (
  brand_id    int         NOT NULL,
  month       date        NOT NULL,
  holder_kind text        NOT NULL,
  holder_id   uuid        NOT NULL,
  currency    char(3)     NOT NULL,
  payout_no   int         NOT NULL, -- 1.. of the statement
  outcome     text        NOT NULL, -- paid, failed
  minor       bigint      NOT NULL, -- paid: how much; failed: how much was tried
  reference   text        NOT NULL, -- of the bank or the payroll; empty: none
  note        text        NOT NULL, -- why it failed; empty: nothing
  recorded_by text        NOT NULL, -- shop.Actor.Pseudonym
  recorded_at timestamptz NOT NULL,
  CONSTRAINT payout_pkey PRIMARY KEY (brand_id, month, holder_kind, holder_id, currency, payout_no),
  CONSTRAINT payout_statement_fkey FOREIGN KEY (brand_id, month, holder_kind, holder_id, currency)
    REFERENCES statement (brand_id, month, holder_kind, holder_id, currency),
  CONSTRAINT payout_outcome_known CHECK (outcome IN ('paid', 'failed')),
  CONSTRAINT payout_positive CHECK (minor > 0)
);

-- owner: referral/period
-- What head office or finance gives or takes by hand, as it was asked for.
CREATE TABLE adjustment (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  holder_kind text        NOT NULL,
  holder_id   uuid        NOT NULL,
  currency    char(3)     NOT NULL,
  minor       bigint      NOT NULL, -- below zero: taken
  belongs_to  date,                 -- the month that it mends; NULL: none
  reason      text        NOT NULL,
  asked_by    text        NOT NULL, -- shop.Actor.Pseudonym
  asked_at    timestamptz NOT NULL,
  CONSTRAINT adjustment_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT adjustment_of_something CHECK (minor <> 0 AND reason <> '')
);
-- owner: referral/period
-- How it ended: posted at once below the limit, or decided by a second person.
CREATE TABLE adjustment_decision (
  brand_id      int         NOT NULL,
  adjustment_id uuid        NOT NULL,
  outcome       text        NOT NULL, -- approved, refused
  note          text        NOT NULL,
  decided_by    text        NOT NULL, -- shop.Actor.Pseudonym
  decided_at    timestamptz NOT NULL,
  CONSTRAINT adjustment_decided_once PRIMARY KEY (brand_id, adjustment_id),
  CONSTRAINT adjustment_decision_fkey FOREIGN KEY (brand_id, adjustment_id) REFERENCES adjustment (brand_id, id),
  CONSTRAINT adjustment_outcome_known CHECK (outcome IN ('approved', 'refused'))
);

-- Months that were closed before there were statements have none and get none: what they held is in the first that is made.
ALTER TABLE closed_month ADD COLUMN makes_statements boolean NOT NULL DEFAULT true;
-- +goose StatementBegin
DO $$
DECLARE b int;
BEGIN
  FOR b IN SELECT brand_id FROM brand LOOP
    PERFORM set_config('app.brand', b::text, true);
    UPDATE closed_month SET makes_statements = false WHERE brand_id = b;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd

CALL secure_brand_tables();
REVOKE DELETE ON true_up, pool_month, pool_share FROM homestore_app;
REVOKE UPDATE, DELETE ON period, period_seal, statement, payout, adjustment, adjustment_decision FROM homestore_app;
