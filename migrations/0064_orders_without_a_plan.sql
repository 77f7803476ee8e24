-- +goose Up
-- Orders that no plan credited are looked for every minute: a brand's first plan may begin before they came.
CREATE INDEX order_credit_unplanned ON order_credit (brand_id, order_id) WHERE plan_id IS NULL;
