-- +goose Up
-- How a click id came too late to an order that names it; NULL: it did not, or was kept before anybody looked.
ALTER TABLE order_scan ADD COLUMN late text,
  ADD CONSTRAINT order_scan_late_known CHECK (late IN ('after_order', 'added_later'));
