-- +goose Up
-- What makes the book's past provable: a seal on every transfer, and months that are closed for good.

-- owner: referral/ledger
-- A month in which nothing is dated any more, nor in any before it.
CREATE TABLE closed_month (
  brand_id  int         NOT NULL,
  month     date        NOT NULL, -- its first day, brand's zone
  closed_at timestamptz NOT NULL,
  closed_by text        NOT NULL, -- shop.Actor.Pseudonym
  CONSTRAINT closed_month_pkey PRIMARY KEY (brand_id, month),
  CONSTRAINT closed_month_is_first_day CHECK (extract(day FROM month) = 1)
);
-- owner: referral/ledger
-- What was dated in a closed month, and in those before it that were not closed on their own, when it was closed: for ever.
CREATE TABLE closed_total (
  brand_id     int     NOT NULL,
  month        date    NOT NULL,
  currency     char(3) NOT NULL,
  transfers    bigint  NOT NULL,
  amount_minor bigint  NOT NULL,
  CONSTRAINT closed_total_pkey PRIMARY KEY (brand_id, month, currency),
  CONSTRAINT closed_total_month_fkey FOREIGN KEY (brand_id, month) REFERENCES closed_month (brand_id, month)
);

-- owner: referral/ledger
-- One link of the brand's chain. No foreign key: a seal outlives its transfer, that is what it is for.
CREATE TABLE ledger_seal (
  brand_id    int         NOT NULL,
  transfer_id uuid        NOT NULL, -- so a seal lies in the year of its transfer
  seal_no     bigint      NOT NULL, -- 1.. within the brand, as they were sealed
  form_hash   bytea       NOT NULL, -- SHA-256 of the transfer in its one form, see ledger.Seal
  hash        bytea       NOT NULL, -- SHA-256 of the hash of the seal before and form_hash
  sealed_at   timestamptz NOT NULL,
  CONSTRAINT ledger_seal_pkey PRIMARY KEY (brand_id, transfer_id),
  CONSTRAINT ledger_seal_hashes_are_sha256 CHECK (octet_length(form_hash) = 32 AND octet_length(hash) = 32)
) PARTITION BY RANGE (transfer_id);
-- owner: referral/ledger
-- The end of the brand's chain, which is all that need be known elsewhere to prove the whole. Its row lets one sealer work at a time.
CREATE TABLE ledger_head (
  brand_id  int         NOT NULL,
  seals     bigint      NOT NULL,
  hash      bytea       NOT NULL, -- of the last seal; 32 zero bytes before the first
  sealed_at timestamptz NOT NULL,
  CONSTRAINT ledger_head_one_per_brand PRIMARY KEY (brand_id)
);

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON closed_month, closed_total, ledger_seal FROM homestore_app;
REVOKE DELETE ON ledger_head FROM homestore_app;
