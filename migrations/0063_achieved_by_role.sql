-- +goose Up
-- A month pays on a target by what was reached in one role, so that is what people are to be shown.

ALTER TABLE achieved_month ADD COLUMN role text NOT NULL DEFAULT ''; -- '': in all roles that count for a target together, each line once
ALTER TABLE achieved_month DROP CONSTRAINT achieved_month_pkey;
ALTER TABLE achieved_month ADD CONSTRAINT achieved_month_pkey PRIMARY KEY (brand_id, month, holder_kind, holder_id, currency, role);

-- The orders that are there already: a note for each. What was kept of them until now is what they add together.
-- +goose StatementBegin
DO $$
DECLARE b record;
BEGIN
  FOR b IN SELECT brand_id FROM brand LOOP
    PERFORM set_config('app.brand', b.brand_id::text, true);
    INSERT INTO origin_due (brand_id, id, order_id) SELECT brand_id, id, id FROM sales_order WHERE brand_id = b.brand_id
    ON CONFLICT DO NOTHING;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd
