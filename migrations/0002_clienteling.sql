-- +goose Up
-- Who sells, who buys, and what was bought.

-- == team =====================================================================================================

-- owner: clienteling/team
-- The brand's switches, versioned: the one in force at an instant is the last that began before it.
CREATE TABLE policy (
  brand_id   int         NOT NULL,
  id         uuid        NOT NULL, -- carries begins_at
  begins_at  timestamptz NOT NULL,
  rules      jsonb       NOT NULL,
  CONSTRAINT policy_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT policy_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id),
  CONSTRAINT policy_id_carries_begins_at CHECK (begins_at = id_time(id))
);

-- owner: clienteling/team
CREATE TABLE store (
  brand_id     int         NOT NULL,
  id           uuid        NOT NULL,
  code         text        NOT NULL,
  name         jsonb       NOT NULL,
  kind         text        NOT NULL,
  house_bp     int         NOT NULL DEFAULT 0, -- counter: the department store's share of the sale
  region       text        NOT NULL DEFAULT '', -- whose stores may see each other's customers where the policy says region; empty: none
  opened_on    date        NOT NULL,
  closed_on    date,
  successor_id uuid,
  created_at   timestamptz NOT NULL,
  CONSTRAINT store_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT store_code_once_per_brand UNIQUE (brand_id, code),
  CONSTRAINT store_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id),
  CONSTRAINT store_successor_fkey FOREIGN KEY (brand_id, successor_id) REFERENCES store (brand_id, id),
  CONSTRAINT store_kind_known CHECK (kind IN ('shop', 'counter', 'online', 'popup', 'reseller')),
  CONSTRAINT store_house_share_in_range CHECK (house_bp BETWEEN 0 AND 10000)
);

-- owner: clienteling/team
CREATE TABLE staff (
  brand_id      int         NOT NULL,
  id            uuid        NOT NULL,
  employee_no   text        NOT NULL,
  name          text        NOT NULL,
  email         text,                 -- managers sign in with it
  brand_role    text,                 -- hq, finance: for the whole brand; others get their role by assignment
  pin_hash      text,                 -- argon2id
  password_hash text,                 -- argon2id
  totp_secret   bytea,                -- sealed; NULL: second factor not set up
  totp_step     bigint,               -- the last 30 seconds whose code was used: a code works once
  left_on       date,
  revoked_at    timestamptz,          -- signed out everywhere, may not sign in
  created_at    timestamptz NOT NULL,
  CONSTRAINT staff_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT staff_employee_no_once_per_brand UNIQUE (brand_id, employee_no),
  CONSTRAINT staff_email_once_per_brand UNIQUE (brand_id, email),
  CONSTRAINT staff_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id),
  CONSTRAINT staff_brand_role_known CHECK (brand_role IN ('hq', 'finance'))
);

-- owner: clienteling/team
-- May overlap: people help out elsewhere. So no exclusion constraint here.
CREATE TABLE assignment (
  brand_id int       NOT NULL,
  id       uuid      NOT NULL,
  staff_id uuid      NOT NULL,
  store_id uuid      NOT NULL,
  role     text      NOT NULL,
  days     daterange NOT NULL,
  CONSTRAINT assignment_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT assignment_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT assignment_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT assignment_role_known CHECK (role IN ('staff', 'manager')),
  CONSTRAINT assignment_days_not_empty CHECK (NOT isempty(days))
);
CREATE INDEX assignment_by_staff ON assignment (brand_id, staff_id);
CREATE INDEX assignment_by_store ON assignment (brand_id, store_id);

-- owner: clienteling/team
-- A shop's tablet or till. It exists once a manager has made a code for it, and may sign people in once the code was used.
CREATE TABLE device (
  brand_id      int         NOT NULL,
  id            uuid        NOT NULL,
  store_id      uuid        NOT NULL,
  name          text        NOT NULL,
  enrolment_hash bytea,               -- one-time code, until it is used
  enrol_until   timestamptz,
  secret_hash   bytea,                -- what the device proves itself with from then on
  enrolled_at   timestamptz,
  revoked_at    timestamptz,
  created_by    uuid,
  created_at    timestamptz NOT NULL,
  CONSTRAINT device_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT device_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT device_enrolment_code_once UNIQUE (brand_id, enrolment_hash)
);

-- owner: clienteling/team
-- One row per family of refresh tokens. Tokens are derived from (id, generation) and the server's secret, so none is stored.
CREATE TABLE sign_in_session (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  subject     text        NOT NULL, -- staff, customer
  subject_id  uuid        NOT NULL,
  method      text        NOT NULL, -- pin, password, token: a PIN never gives a role over the whole brand
  device_id   uuid,                 -- the enrolled device, with a PIN
  device_hash bytea       NOT NULL, -- of the secret of the app that signed in: only it may refresh
  generation  int         NOT NULL,
  rotated_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  revoked_at  timestamptz,
  revoked_why text,
  created_at  timestamptz NOT NULL,
  CONSTRAINT sign_in_session_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT sign_in_session_device_fkey FOREIGN KEY (brand_id, device_id) REFERENCES device (brand_id, id),
  CONSTRAINT sign_in_session_subject_known CHECK (subject IN ('staff', 'customer')),
  CONSTRAINT sign_in_session_method_known CHECK (method IN ('pin', 'password', 'token'))
);
CREATE INDEX sign_in_session_by_subject ON sign_in_session (brand_id, subject_id);
CREATE INDEX sign_in_session_by_device ON sign_in_session (brand_id, device_id);

-- owner: clienteling/team
-- Failed sign-ins under one name, on one device or in one store: what locks are decided by. A name is counted by its hash, so
-- that one nobody bears locks as one that somebody does.
CREATE TABLE sign_in_failure (
  brand_id     int         NOT NULL,
  scope        text        NOT NULL, -- pin, password, device, store
  scope_id     uuid        NOT NULL, -- of the device or store; of a name, from its hash
  failures     int         NOT NULL, -- since the last success or lock; of a device or store, what has not drained yet
  guesses      int         NOT NULL, -- wrong PINs since a manager last reset it
  locks        int         NOT NULL, -- in a row: each is twice as long
  last_at      timestamptz NOT NULL,
  locked_until timestamptz,
  CONSTRAINT sign_in_failure_pkey PRIMARY KEY (brand_id, scope, scope_id),
  CONSTRAINT sign_in_failure_scope_known CHECK (scope IN ('pin', 'password', 'device', 'store'))
);

-- owner: clienteling/team
CREATE TABLE integration_key (
  brand_id       int         NOT NULL,
  id             uuid        NOT NULL,
  name           text        NOT NULL,
  platform       text        NOT NULL, -- api, shopify, …
  key_hash       bytea,                -- of an API key
  webhook_secret bytea,                -- sealed: the HMAC needs the secret itself
  former_secret  bytea,                -- sealed: the one before, good until former_until
  former_until   timestamptz,
  places         jsonb       NOT NULL DEFAULT '{}', -- the platform's places that are stores of ours: {"655441491": "id of the store"}
  store_id       uuid,                 -- the web store whose orders it brings
  scopes         text[]      NOT NULL,
  created_at     timestamptz NOT NULL,
  revoked_at     timestamptz,
  CONSTRAINT integration_key_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT integration_key_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id)
);

-- owner: clienteling/team
-- Whose tokens a customer may exchange for a session: the brand's own identity provider, Firebase or LINE.
CREATE TABLE customer_issuer (
  brand_id int  NOT NULL,
  provider text NOT NULL, -- oidc, firebase, line
  issuer   text NOT NULL, -- the token's iss
  audience text NOT NULL, -- the token's aud: Firebase project, LINE channel, client id
  jwks_url text NOT NULL, -- empty where the provider's own is known
  CONSTRAINT customer_issuer_pkey PRIMARY KEY (brand_id, issuer, audience),
  CONSTRAINT customer_issuer_provider_known CHECK (provider IN ('oidc', 'firebase', 'line'))
);

-- == catalogue ================================================================================================

-- owner: clienteling/catalogue
CREATE TABLE product (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  external_id text        NOT NULL,
  name        jsonb       NOT NULL,
  description jsonb       NOT NULL,
  category    text        NOT NULL,
  updated_at  timestamptz NOT NULL,
  CONSTRAINT product_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT product_external_id_once UNIQUE (brand_id, external_id)
);
-- owner: clienteling/catalogue
CREATE TABLE variant (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  product_id  uuid        NOT NULL,
  sku         text        NOT NULL,
  name        jsonb       NOT NULL, -- colour, size
  price_minor bigint      NOT NULL,
  currency    char(3)     NOT NULL,
  updated_at  timestamptz NOT NULL,
  CONSTRAINT variant_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT variant_sku_once UNIQUE (brand_id, sku),
  CONSTRAINT variant_product_fkey FOREIGN KEY (brand_id, product_id) REFERENCES product (brand_id, id),
  CONSTRAINT variant_currency_fkey FOREIGN KEY (currency) REFERENCES currency (code),
  CONSTRAINT variant_price_not_negative CHECK (price_minor >= 0)
);
CREATE INDEX variant_by_product ON variant (brand_id, product_id);

-- == customer =================================================================================================

-- owner: clienteling/customer
CREATE TABLE customer (
  brand_id   int         NOT NULL,
  id         uuid        NOT NULL,
  name       text,
  language   text,
  time_zone  text,
  tier       text,
  staff_id   uuid,                 -- she works here: her own purchases earn nobody anything
  joined_at  timestamptz,          -- NULL: known from an order only, not a member
  merged_to  uuid,
  erased_at  timestamptz,
  created_at timestamptz NOT NULL,
  CONSTRAINT customer_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT customer_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id),
  CONSTRAINT customer_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT customer_merged_to_fkey FOREIGN KEY (brand_id, merged_to) REFERENCES customer (brand_id, id),
  CONSTRAINT customer_not_merged_into_self CHECK (merged_to <> id)
);
-- owner: clienteling/customer
-- Search by name: one row per pair of characters, compared with =, because under row-level security LIKE reaches no index.
CREATE TABLE customer_token (
  brand_id    int  NOT NULL,
  token       text NOT NULL,
  customer_id uuid NOT NULL,
  CONSTRAINT customer_token_pkey PRIMARY KEY (brand_id, token, customer_id),
  CONSTRAINT customer_token_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX customer_token_by_customer ON customer_token (brand_id, customer_id);
-- owner: clienteling/customer
CREATE TABLE identity (
  brand_id    int         NOT NULL,
  kind        text        NOT NULL, -- phone, email, member_no, line, web_shop, pos, oidc
  value       text        NOT NULL, -- normalised: E.164, lower-case mail; foreign ids as source:id
  ending      text        NOT NULL GENERATED ALWAYS AS (reverse(value)) STORED,
  customer_id uuid        NOT NULL,
  verified_at timestamptz,
  CONSTRAINT identity_one_customer_per_value PRIMARY KEY (brand_id, kind, value),
  CONSTRAINT identity_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX identity_by_customer ON identity (brand_id, customer_id);
-- Staff type the last digits. A stored column and ~>=~ with ~<~, which are leakproof, so that the index serves under row-level security.
CREATE INDEX identity_by_ending ON identity (brand_id, kind, ending text_pattern_ops);
-- owner: clienteling/customer
-- The row to lock first (customer, order, binding, ledger), and the only figures that card, segment and task read.
CREATE TABLE customer_profile (
  brand_id       int         NOT NULL,
  customer_id    uuid        NOT NULL,
  orders         int         NOT NULL DEFAULT 0,
  spent_minor    bigint      NOT NULL DEFAULT 0, -- paid for merchandise less what was refunded
  currency       char(3),
  first_order_at timestamptz,
  last_order_at  timestamptz,
  home_store_id  uuid,
  home_staff_id  uuid,
  home_since     timestamptz,
  CONSTRAINT customer_profile_pkey PRIMARY KEY (brand_id, customer_id),
  CONSTRAINT customer_profile_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX customer_profile_by_home_store ON customer_profile (brand_id, home_store_id);
-- owner: clienteling/customer
-- What she agreed to, per channel, as it stands; each change is in the audit.
CREATE TABLE consent (
  brand_id    int         NOT NULL,
  customer_id uuid        NOT NULL,
  channel     text        NOT NULL, -- push, sms, email, line
  granted     boolean     NOT NULL,
  source      text        NOT NULL, -- brand_app, till, import, …
  changed_at  timestamptz NOT NULL,
  CONSTRAINT consent_pkey PRIMARY KEY (brand_id, customer_id, channel),
  CONSTRAINT consent_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CONSTRAINT consent_channel_known CHECK (channel IN ('push', 'sms', 'email', 'line'))
);

-- == order ====================================================================================================

-- owner: clienteling/order
-- Claims of outside facts. Not partitioned: a key that must hold over all time cannot carry a month. Kind order with
-- sequence 0 is the name of an order: the first fact that speaks of it makes the row, also one that comes before its order,
-- so two facts about one order always wait for each other here.
CREATE TABLE fact_key (
  brand_id    int         NOT NULL,
  source      text        NOT NULL, -- shopify, pos, api, file:online-retail
  kind        text        NOT NULL, -- order, refund, fulfilment, paid, cancel, adjustment
  external_id text        NOT NULL,
  sequence    bigint      NOT NULL, -- kind order: the version; paid and cancel: the instant in ms
  subject_id  uuid,                 -- the order: leads to its partition without a search. NULL: it has not come yet
  CONSTRAINT fact_key_claimed_once PRIMARY KEY (brand_id, source, kind, external_id, sequence)
);

-- owner: clienteling/order
-- SQL reserves the word order. The id is a UUIDv7 of placed_at, not of now(): key, foreign key, partition and time range are one column.
CREATE TABLE sales_order (
  brand_id        int         NOT NULL,
  id              uuid        NOT NULL,
  placed_at       timestamptz NOT NULL,
  recorded_at     timestamptz NOT NULL,
  source          text        NOT NULL,
  external_id     text        NOT NULL,
  version         bigint      NOT NULL, -- the highest that is known; a platform's may be an instant
  state           text        NOT NULL,
  customer_id     uuid,                 -- NULL: an order without a customer
  channel         text        NOT NULL,
  store_id        uuid        NOT NULL, -- who sold; online: the web store
  staff_id        uuid,
  currency        char(3)     NOT NULL,
  tax_bp          int         NOT NULL,
  discount_minor  bigint      NOT NULL,
  paid_minor      bigint      NOT NULL, -- all lines after all discounts; tax that is put on top of prices is not in it
  refunded_minor  bigint      NOT NULL DEFAULT 0,
  clicks          uuid[]      NOT NULL DEFAULT '{}', -- scans named by signed click ids
  assist_store_id uuid,
  assist_staff_id uuid,
  pickup_store_id uuid,                 -- intention only
  cash_on_pickup  boolean     NOT NULL DEFAULT false,
  deliver_later   boolean     NOT NULL DEFAULT false,
  paid_at         timestamptz,
  cancelled_at    timestamptz,
  replaces_id     uuid,                 -- a corrected time makes a new row; this one points back
  CONSTRAINT sales_order_id_carries_placed_at CHECK (placed_at = id_time(id)),
  CONSTRAINT sales_order_not_placed_in_future CHECK (placed_at <= recorded_at + interval '1 day'),
  CONSTRAINT sales_order_currency_fkey FOREIGN KEY (currency) REFERENCES currency (code),
  CONSTRAINT sales_order_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CONSTRAINT sales_order_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT sales_order_channel_known CHECK (channel IN ('online', 'till')),
  CONSTRAINT sales_order_state_known CHECK (state IN ('placed', 'cancelled', 'test'))
) PARTITION BY RANGE (id);
-- The primary key comes after every other index: the planner takes the younger of two that look alike, and while a partition has
-- no statistics all do. Otherwise each check of a foreign key reads all orders of the brand (measured: 740 us a line against 10).
CREATE INDEX sales_order_by_customer ON sales_order (brand_id, customer_id, id DESC);
ALTER TABLE sales_order ADD CONSTRAINT sales_order_pkey PRIMARY KEY (brand_id, id);

-- owner: clienteling/order
-- When a version of an order was made. Version 1, which is as old as the order, has a row only where it has no lines. A version
-- that comes after a higher one is kept too: it tells since when a line was there, and that it was there at all.
CREATE TABLE order_edit (
  brand_id    int         NOT NULL,
  order_id    uuid        NOT NULL,
  version     bigint      NOT NULL,
  edited_at   timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT order_edit_pkey PRIMARY KEY (brand_id, order_id, version),
  CONSTRAINT order_edit_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id)
) PARTITION BY RANGE (order_id);

-- owner: clienteling/order
-- Lies in the year of its order. An edit adds the lines of its version; those of earlier versions stay.
CREATE TABLE order_line (
  brand_id         int     NOT NULL,
  order_id         uuid    NOT NULL,
  version          bigint  NOT NULL,
  line_no          int     NOT NULL, -- within the version
  external_id      text    NOT NULL,
  sku              text    NOT NULL,
  name             text    NOT NULL,
  category         text    NOT NULL,
  kind             text    NOT NULL,
  quantity         bigint  NOT NULL,
  unit_price_minor bigint  NOT NULL,
  discount_minor   bigint  NOT NULL,
  tax_included     boolean NOT NULL,
  CONSTRAINT order_line_pkey PRIMARY KEY (brand_id, order_id, version, line_no),
  CONSTRAINT order_line_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT order_line_kind_known CHECK (kind IN ('merchandise', 'shipping', 'gift_card', 'tip')),
  CONSTRAINT order_line_amounts_sane CHECK (quantity > 0 AND unit_price_minor >= 0 AND discount_minor >= 0)
) PARTITION BY RANGE (order_id);

-- owner: clienteling/order
CREATE TABLE refund (
  brand_id     int         NOT NULL,
  order_id     uuid        NOT NULL,
  refund_no    int         NOT NULL, -- 1.. within the order
  external_id  text        NOT NULL,
  kind         text        NOT NULL,
  refunded_at  timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL,
  amount_minor bigint      NOT NULL, -- without lines: over everything still refundable; with lines: 0
  lines        jsonb       NOT NULL, -- [{"line": "external id", "quantity": 1, "amount": 0}]
  outcome      text        NOT NULL, -- empty, surplus or unknown_line: what was said about it
  CONSTRAINT refund_pkey PRIMARY KEY (brand_id, order_id, refund_no),
  CONSTRAINT refund_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT refund_kind_known CHECK (kind IN ('refund', 'allowance', 'void')),
  CONSTRAINT refund_amount_not_negative CHECK (amount_minor >= 0)
) PARTITION BY RANGE (order_id);

-- owner: clienteling/order
CREATE TABLE fulfilment (
  brand_id      int         NOT NULL,
  order_id      uuid        NOT NULL,
  fulfilment_no int         NOT NULL,
  external_id   text        NOT NULL,
  kind          text        NOT NULL,
  store_id      uuid,                 -- NULL: a warehouse
  fulfilled_at  timestamptz NOT NULL,
  recorded_at   timestamptz NOT NULL,
  lines         text[]      NOT NULL, -- external ids; empty: everything that the order then held
  CONSTRAINT fulfilment_pkey PRIMARY KEY (brand_id, order_id, fulfilment_no),
  CONSTRAINT fulfilment_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT fulfilment_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT fulfilment_kind_known CHECK (kind IN ('ship', 'pickup'))
) PARTITION BY RANGE (order_id);

-- owner: clienteling/order
-- Money given back on a line while the goods stay.
CREATE TABLE price_adjustment (
  brand_id      int         NOT NULL,
  order_id      uuid        NOT NULL,
  adjustment_no int         NOT NULL,
  external_id   text        NOT NULL,
  line          text        NOT NULL, -- external id
  amount_minor  bigint      NOT NULL,
  adjusted_at   timestamptz NOT NULL,
  recorded_at   timestamptz NOT NULL,
  CONSTRAINT price_adjustment_pkey PRIMARY KEY (brand_id, order_id, adjustment_no),
  CONSTRAINT price_adjustment_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT price_adjustment_positive CHECK (amount_minor > 0)
) PARTITION BY RANGE (order_id);

-- owner: clienteling/order
-- A fact that names an order which has not come yet. Gone as soon as it was applied.
CREATE TABLE waiting_fact (
  brand_id          int         NOT NULL,
  source            text        NOT NULL,
  order_external_id text        NOT NULL,
  kind              text        NOT NULL, -- with external_id and sequence: what its fact_key will be
  external_id       text        NOT NULL,
  sequence          bigint      NOT NULL,
  fact              jsonb       NOT NULL,
  message_id        uuid,                 -- the inbox message that brought it
  recorded_at       timestamptz NOT NULL,
  CONSTRAINT waiting_fact_once PRIMARY KEY (brand_id, source, order_external_id, kind, external_id, sequence)
);

-- owner: clienteling/order
-- What platforms sent, byte for byte, kept before anything is understood.
CREATE TABLE inbox (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL, -- carries received_at
  source      text        NOT NULL,
  external_id text        NOT NULL, -- the platform's id of this message
  topic       text        NOT NULL,
  body        bytea       NOT NULL,
  state       text        NOT NULL, -- received, applied, ignored, waiting, set_aside
  note        text        NOT NULL, -- why it was set aside or ignored
  key_id      uuid        NOT NULL, -- integration key that vouched for it
  attempts    int         NOT NULL,
  received_at timestamptz NOT NULL,
  handled_at  timestamptz,
  CONSTRAINT inbox_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT inbox_message_once UNIQUE (brand_id, source, external_id),
  CONSTRAINT inbox_state_known CHECK (state IN ('received', 'applied', 'ignored', 'waiting', 'set_aside'))
);
CREATE INDEX inbox_by_state ON inbox (brand_id, state, id);

-- == visit ====================================================================================================

-- owner: clienteling/visit
-- A code that the customer's app shows: one use, minutes to live.
CREATE TABLE member_code (
  brand_id    int         NOT NULL,
  code_hash   bytea       NOT NULL,
  customer_id uuid        NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz,
  CONSTRAINT member_code_pkey PRIMARY KEY (brand_id, code_hash),
  CONSTRAINT member_code_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX member_code_by_customer ON member_code (brand_id, customer_id);
-- owner: clienteling/visit
CREATE TABLE visit (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL, -- carries proven_at
  customer_id uuid        NOT NULL,
  store_id    uuid        NOT NULL,
  staff_id    uuid,
  proof       text        NOT NULL,
  proven_at   timestamptz NOT NULL,
  CONSTRAINT visit_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT visit_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CONSTRAINT visit_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT visit_proof_known CHECK (proof IN ('member_code', 'till'))
);
CREATE INDEX visit_by_customer ON visit (brand_id, customer_id, id DESC);
-- owner: clienteling/audit
CREATE TABLE audit (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL, -- carries recorded_at
  actor       text        NOT NULL, -- shop.Actor.Pseudonym
  act         text        NOT NULL,
  customer_id uuid,                 -- no foreign key: the audit outlives an erased customer
  subject_id  uuid,
  detail      jsonb       NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (brand_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX audit_by_customer ON audit (brand_id, customer_id, id DESC);
