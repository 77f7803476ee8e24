-- +goose Up
-- Who was claimed since a day: what a new policy is tried on.
CREATE INDEX claim_by_time ON claim (brand_id, recorded_at DESC, customer_id);
