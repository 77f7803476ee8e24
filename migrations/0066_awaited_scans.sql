-- +goose Up
-- owner: referral/scan
-- Scans that an order named before they were heard of: they wait on the disk of some process until the database takes them.
CREATE TABLE awaited_scan (
  brand_id int         NOT NULL,
  order_id uuid        NOT NULL,
  scan_id  uuid        NOT NULL,
  named_at timestamptz NOT NULL,
  CONSTRAINT awaited_scan_pkey PRIMARY KEY (brand_id, order_id, scan_id)
);
CALL secure_brand_tables();
