-- +goose Up
-- From what an order's credits were worked out: enough to work them out again, to the cent, from it alone.
ALTER TABLE order_credit ADD COLUMN trace jsonb; -- attribution.Trace; NULL: credited before it was kept
