-- +goose Up
-- From a scanned tag to a paid commission.

-- owner: referral/tag
CREATE TABLE tag (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  code        text        NOT NULL,
  store_id    uuid        NOT NULL,
  staff_id    uuid,
  sku         text,
  placement   text        NOT NULL,
  label       text        NOT NULL,
  batch       text        NOT NULL, -- print batch, empty for single tags
  destination text        NOT NULL, -- URL template
  state       text        NOT NULL,
  replaced_by uuid,
  valid_from  timestamptz,
  valid_until timestamptz,
  created_by  uuid,
  created_at  timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL,
  CONSTRAINT tag_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT tag_code_once UNIQUE (brand_id, code), -- over all brands: tag_directory_pkey
  CONSTRAINT tag_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT tag_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT tag_replaced_by_fkey FOREIGN KEY (brand_id, replaced_by) REFERENCES tag (brand_id, id),
  CONSTRAINT tag_state_known CHECK (state IN ('draft', 'live', 'paused', 'retired', 'replaced'))
);
CREATE INDEX tag_by_store ON tag (brand_id, store_id, id DESC);

-- owner: referral/scan
-- Expires by month, so nothing may hold a foreign key to it; written by homestore_scan for many brands, so it holds none either.
-- Store and staff are those of the tag at the scan: a tag that moves later does not take its scans along.
CREATE TABLE scan (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL, -- carries scanned_at; the click id's subject
  tag_id      uuid        NOT NULL,
  tag_code    text        NOT NULL,
  store_id    uuid        NOT NULL,
  staff_id    uuid,
  placement   text        NOT NULL,
  kind        text        NOT NULL,
  device      bytea       NOT NULL, -- pseudonymous; equal for the same device
  customer_id uuid,                 -- where she was signed in
  scanned_at  timestamptz NOT NULL,
  CONSTRAINT scan_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT scan_id_carries_scanned_at CHECK (scanned_at = id_time(id)),
  CONSTRAINT scan_kind_known CHECK (kind IN ('person', 'bot', 'preview', 'prefetch'))
) PARTITION BY RANGE (id);
CREATE INDEX scan_by_tag ON scan (brand_id, tag_id, id DESC);

-- owner: referral/scan
-- Scans that are a customer's own (brought when she joined, or made signed in), copied because the scan expires.
CREATE TABLE customer_scan (
  brand_id    int         NOT NULL,
  customer_id uuid        NOT NULL,
  scan_id     uuid        NOT NULL,
  tag_id      uuid        NOT NULL,
  tag_code    text        NOT NULL,
  store_id    uuid        NOT NULL,
  staff_id    uuid,
  placement   text        NOT NULL,
  scanned_at  timestamptz NOT NULL,
  CONSTRAINT customer_scan_pkey PRIMARY KEY (brand_id, customer_id, scan_id)
);
-- owner: referral/scan
-- Scans that an order named, copied for the same reason.
CREATE TABLE order_scan (
  brand_id    int         NOT NULL,
  order_id    uuid        NOT NULL,
  scan_id     uuid        NOT NULL,
  tag_id      uuid        NOT NULL,
  tag_code    text        NOT NULL,
  store_id    uuid        NOT NULL,
  staff_id    uuid,
  placement   text        NOT NULL,
  scanned_at  timestamptz NOT NULL,
  CONSTRAINT order_scan_pkey PRIMARY KEY (brand_id, order_id, scan_id)
);

-- owner: referral/binding
CREATE TABLE binding (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  customer_id uuid        NOT NULL,
  binding_no  int         NOT NULL,  -- 1.. within the customer, as they were recorded
  store_id    uuid,                  -- NULL: she chose nobody
  staff_id    uuid,                  -- NULL: the store alone
  source      text        NOT NULL,
  evidence    jsonb       NOT NULL,  -- copied: the scan expires
  period      tstzrange   NOT NULL,  -- empty: replaced at the instant at which it began
  recorded_at timestamptz NOT NULL,
  CONSTRAINT binding_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT binding_numbered_once UNIQUE (brand_id, customer_id, binding_no),
  CONSTRAINT binding_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CONSTRAINT binding_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT binding_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT binding_source_known CHECK (source IN ('scan', 'staff_code', 'till', 'invoice', 'import', 'transfer', 'customer')),
  CONSTRAINT binding_staff_needs_store CHECK (staff_id IS NULL OR store_id IS NOT NULL),
  CONSTRAINT binding_never_overlaps EXCLUDE USING gist (brand_id WITH =, customer_id WITH =, period WITH &&)
);
-- Implied by the exclusion; kept because the live one is looked up a million times and a btree is cheaper than gist.
CREATE UNIQUE INDEX binding_one_live_per_customer ON binding (brand_id, customer_id) WHERE upper_inf(period);
CREATE INDEX binding_by_store ON binding (brand_id, store_id) WHERE upper_inf(period);
-- owner: referral/binding
-- Every attempt to win a customer, also the refused ones: what a dispute is decided by.
CREATE TABLE claim (
  brand_id    int         NOT NULL,
  customer_id uuid        NOT NULL,
  claim_no    int         NOT NULL, -- 1.. within the customer, as they were recorded
  store_id    uuid        NOT NULL,
  staff_id    uuid,
  source      text        NOT NULL,
  outcome     text        NOT NULL, -- won, or the code of the refusal
  evidence    jsonb       NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT claim_pkey PRIMARY KEY (brand_id, customer_id, claim_no),
  CONSTRAINT claim_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
-- owner: referral/binding
-- A click id binds one customer once.
CREATE TABLE click_used (
  brand_id    int         NOT NULL,
  scan_id     uuid        NOT NULL,
  customer_id uuid        NOT NULL,
  used_at     timestamptz NOT NULL,
  CONSTRAINT click_used_once PRIMARY KEY (brand_id, scan_id)
);
-- owner: referral/binding
-- An invoice binds one customer once, whoever shows it next.
CREATE TABLE invoice_used (
  brand_id    int         NOT NULL,
  invoice     text        NOT NULL,
  customer_id uuid        NOT NULL,
  used_at     timestamptz NOT NULL,
  CONSTRAINT invoice_used_once PRIMARY KEY (brand_id, invoice)
);

-- owner: referral/plan
CREATE TABLE plan (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  version     int         NOT NULL,
  first_day   date        NOT NULL,
  rules       jsonb       NOT NULL, -- the whole plan as the API takes it
  created_by  uuid,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT plan_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT plan_version_once UNIQUE (brand_id, version),
  CONSTRAINT plan_one_per_day UNIQUE (brand_id, first_day)
);

-- owner: referral/ledger
-- What the rules say now about one order: which plan, when it is payable, who lost a claim and why. The past is in ledger_transfer.
CREATE TABLE order_credit (
  brand_id    int         NOT NULL,
  order_id    uuid        NOT NULL,
  plan_id     uuid,                 -- NULL: no plan was in force
  reason      text        NOT NULL, -- empty, self_purchase, no_plan
  lost        jsonb       NOT NULL, -- [{"role", "to", "why"}]
  payable_at  timestamptz,          -- NULL: not received yet
  vested_at   timestamptz,          -- when its credits became payable
  credited_at timestamptz NOT NULL,
  CONSTRAINT order_credit_pkey PRIMARY KEY (brand_id, order_id),
  CONSTRAINT order_credit_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id)
) PARTITION BY RANGE (order_id);
CREATE INDEX order_credit_due ON order_credit (brand_id, payable_at) WHERE vested_at IS NULL AND payable_at IS NOT NULL;
-- owner: referral/ledger
-- Who is credited for an order, in which role, how much of which line, and why: the rules' answer now, net = share - reversed.
CREATE TABLE credit (
  brand_id         int    NOT NULL,
  order_id         uuid   NOT NULL,
  role             text   NOT NULL,
  beneficiary_kind text   NOT NULL,
  beneficiary_id   uuid   NOT NULL,
  parcel           text   NOT NULL, -- pickup and packing: name of the fulfilment; empty for the sale
  line_no          int    NOT NULL, -- 0: the fixed fee of a parcel
  store_id         uuid   NOT NULL, -- under which the role is earned
  share_minor      bigint NOT NULL,
  reversed_minor   bigint NOT NULL,
  reason           jsonb  NOT NULL,
  CONSTRAINT credit_pkey PRIMARY KEY (brand_id, order_id, role, beneficiary_kind, beneficiary_id, parcel, line_no),
  CONSTRAINT credit_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES order_credit (brand_id, order_id),
  CONSTRAINT credit_beneficiary_known CHECK (beneficiary_kind IN ('store', 'staff', 'pool')),
  CONSTRAINT credit_never_negative CHECK (share_minor >= 0 AND reversed_minor BETWEEN 0 AND share_minor)
) PARTITION BY RANGE (order_id);
CREATE INDEX credit_by_beneficiary ON credit (brand_id, beneficiary_id, order_id DESC);
-- owner: referral/ledger
-- The id is computed from the other columns (UUIDv8), so that a posting needs no look-up.
CREATE TABLE account (
  brand_id    int     NOT NULL,
  id          uuid    NOT NULL,
  kind        text    NOT NULL, -- expense, pending, payable, stated, paid
  holder_kind text    NOT NULL, -- brand, store, staff, pool
  holder_id   uuid,             -- NULL for the brand itself
  currency    char(3) NOT NULL,
  CONSTRAINT account_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT account_once_per_holder UNIQUE NULLS NOT DISTINCT (brand_id, kind, holder_kind, holder_id, currency),
  CONSTRAINT account_carries_currency UNIQUE (brand_id, id, currency),
  CONSTRAINT account_currency_fkey FOREIGN KEY (currency) REFERENCES currency (code),
  CONSTRAINT account_kind_known CHECK (kind IN ('expense', 'pending', 'payable', 'stated', 'paid')),
  CONSTRAINT account_holder_known CHECK (holder_kind IN ('brand', 'store', 'staff', 'pool'))
);
CREATE INDEX account_by_holder ON account (brand_id, holder_id);
-- owner: referral/ledger
-- One row is one transfer: balanced by construction. The id carries posted_at (the ledger's own time); effective_at is the fact's.
CREATE TABLE ledger_transfer (
  brand_id          int         NOT NULL,
  id                uuid        NOT NULL,
  kind              text        NOT NULL, -- credit, correction, refund, vest
  role              text        NOT NULL,
  debit_account_id  uuid        NOT NULL,
  credit_account_id uuid        NOT NULL,
  amount_minor      bigint      NOT NULL,
  currency          char(3)     NOT NULL,
  order_id          uuid,
  parcel            text        NOT NULL,
  line_no           int,                  -- NULL: all lines of the order together (vest)
  fact              text        NOT NULL, -- empty: the order itself; else the event that took something back, as kind:name
  reverses_id       uuid,                 -- the transfer of which this takes something back
  reason            jsonb       NOT NULL,
  month             date        NOT NULL, -- first day of the month in which it is dated, brand's zone
  effective_at      timestamptz NOT NULL,
  posted_at         timestamptz NOT NULL,
  CONSTRAINT ledger_transfer_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT ledger_transfer_id_carries_posted_at CHECK (posted_at = id_time(id)),
  CONSTRAINT ledger_transfer_positive CHECK (amount_minor > 0),
  CONSTRAINT ledger_transfer_between_two CHECK (debit_account_id <> credit_account_id),
  CONSTRAINT ledger_transfer_debit_fkey FOREIGN KEY (brand_id, debit_account_id, currency) REFERENCES account (brand_id, id, currency),
  CONSTRAINT ledger_transfer_credit_fkey FOREIGN KEY (brand_id, credit_account_id, currency) REFERENCES account (brand_id, id, currency),
  CONSTRAINT ledger_transfer_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT ledger_transfer_reverses_fkey FOREIGN KEY (brand_id, reverses_id) REFERENCES ledger_transfer (brand_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX ledger_transfer_by_order ON ledger_transfer (brand_id, order_id);
CREATE INDEX ledger_transfer_by_debit ON ledger_transfer (brand_id, debit_account_id, id);
CREATE INDEX ledger_transfer_by_credit ON ledger_transfer (brand_id, credit_account_id, id);
-- owner: referral/ledger
-- Roll-up for balances and reports: 16 slots, the slot is the writer's and a reader sums them. One row would queue every sale behind one commit.
CREATE TABLE account_day (
  brand_id     int      NOT NULL,
  account_id   uuid     NOT NULL,
  day          date     NOT NULL, -- of effective_at, brand's zone
  kind         text     NOT NULL,
  role         text     NOT NULL,
  slot         smallint NOT NULL,
  debit_minor  bigint   NOT NULL,
  credit_minor bigint   NOT NULL,
  entries      bigint   NOT NULL,
  CONSTRAINT account_day_pkey PRIMARY KEY (brand_id, account_id, day, kind, role, slot),
  CONSTRAINT account_day_account_fkey FOREIGN KEY (brand_id, account_id) REFERENCES account (brand_id, id),
  CONSTRAINT account_day_slot_in_range CHECK (slot BETWEEN 0 AND 15)
);
