-- +goose Up
-- Revenue of months before and after credit, and what was reached of targets.

-- What an order adds to the figures of its month; NULL: it was not worked out since there are such.
ALTER TABLE order_origin ADD COLUMN month_part jsonb;

-- owner: referral/report
-- Net revenue of a store's month: of what it sold, and of what belongs to it by the credit. Both columns of a month and currency
-- add up to the same.
CREATE TABLE split_month (
  brand_id     int     NOT NULL,
  month        date    NOT NULL, -- its first day, brand's zone: of the orders placed in it
  store_id     uuid    NOT NULL,
  currency     char(3) NOT NULL,
  before_minor bigint  NOT NULL,
  after_minor  bigint  NOT NULL,
  CONSTRAINT split_month_pkey PRIMARY KEY (brand_id, month, store_id, currency),
  CONSTRAINT split_month_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id)
);
-- owner: referral/report
-- The net base of the lines from which somebody earns by her customers, her sales and her help, each line once.
CREATE TABLE achieved_month (
  brand_id    int     NOT NULL,
  month       date    NOT NULL, -- its first day, brand's zone: of the orders placed in it
  holder_kind text    NOT NULL,
  holder_id   uuid    NOT NULL,
  currency    char(3) NOT NULL,
  millionths  bigint  NOT NULL, -- of a minor unit: a counter's base has fractions, and is rounded once, when it is read
  CONSTRAINT achieved_month_pkey PRIMARY KEY (brand_id, month, holder_kind, holder_id, currency),
  CONSTRAINT achieved_month_holder_known CHECK (holder_kind IN ('store', 'staff'))
);

CALL secure_brand_tables();

-- The orders that are there already: a note for each.
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
