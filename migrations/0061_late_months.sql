-- +goose Up
-- Whoever notes that a month is late does not wait for a close that takes the notes: each note is a row of its own.

-- owner: referral/ledger
-- The same month noted twice is worked out once. A close deletes the notes that it read; what is noted meanwhile is for the next.
-- The id tells notes apart and nothing else, so the database makes it, also for a program that does not know of it yet.
ALTER TABLE late_month ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE late_month DROP CONSTRAINT late_month_pkey, ADD CONSTRAINT late_month_pkey PRIMARY KEY (brand_id, month, id);

CALL secure_brand_tables();
