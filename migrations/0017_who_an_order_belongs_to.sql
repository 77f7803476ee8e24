-- +goose Up
-- What the reports of displays sum over: whose each order is, and per hour what each display did.

-- owner: referral/report
-- Which tag, store and person an order belongs to in reports, and what it came to, as is known now. No foreign keys but the
-- order's: what is not there is all zeros or empty, and scans expire.
CREATE TABLE order_origin (
  brand_id         int     NOT NULL,
  order_id         uuid    NOT NULL,
  scan_id          uuid,             -- the scan on which it belongs to its tag
  tag_id           uuid    NOT NULL,
  store_id         uuid    NOT NULL,
  staff_id         uuid    NOT NULL,
  placement        text    NOT NULL,
  orders           int     NOT NULL, -- 0: a test, or cancelled
  currency         char(3) NOT NULL,
  net_minor        bigint  NOT NULL, -- merchandise without tax, less what went back
  returned_minor   bigint  NOT NULL, -- what went back of it
  credit_minor     bigint  NOT NULL, -- commission of everybody, less what was taken back
  own_credit_minor bigint  NOT NULL, -- of it, what is earned under store_id
  CONSTRAINT order_origin_pkey PRIMARY KEY (brand_id, order_id),
  CONSTRAINT order_origin_order_fkey FOREIGN KEY (brand_id, order_id) REFERENCES sales_order (brand_id, id),
  CONSTRAINT order_origin_once_or_not CHECK (orders IN (0, 1))
) PARTITION BY RANGE (order_id);
CREATE INDEX order_origin_by_scan ON order_origin (brand_id, scan_id) WHERE scan_id IS NOT NULL;

-- owner: referral/report
-- What one display did in one hour of the brand's clock. An hour is always worked out whole, from the facts themselves. Not
-- partitioned: its rows are one for each display and hour in which something happened.
CREATE TABLE funnel_hour (
  brand_id         int         NOT NULL,
  hour             timestamptz NOT NULL, -- its first instant
  part             text        NOT NULL, -- scan: what expires with the scans; sale: joins, bindings, orders
  tag_id           uuid        NOT NULL, -- all zeros: none; so too the next two
  store_id         uuid        NOT NULL,
  staff_id         uuid        NOT NULL,
  placement        text        NOT NULL, -- empty: none
  scans            bigint      NOT NULL DEFAULT 0,
  sessions         bigint      NOT NULL DEFAULT 0, -- that began in the hour
  buying_sessions  bigint      NOT NULL DEFAULT 0, -- of them, those that led to an order
  session_minor    bigint      NOT NULL DEFAULT 0, -- net revenue that they led to
  session_squares  bigint      NOT NULL DEFAULT 0, -- the same squared session by session; ends where a bigint does: three thousand million in one
  joins            bigint      NOT NULL DEFAULT 0,
  bindings         bigint      NOT NULL DEFAULT 0,
  orders           bigint      NOT NULL DEFAULT 0, -- in the brand's currency, as all amounts
  foreign_orders   bigint      NOT NULL DEFAULT 0, -- in others
  net_minor        bigint      NOT NULL DEFAULT 0,
  returned_minor   bigint      NOT NULL DEFAULT 0,
  credit_minor     bigint      NOT NULL DEFAULT 0,
  own_credit_minor bigint      NOT NULL DEFAULT 0,
  CONSTRAINT funnel_hour_pkey PRIMARY KEY (brand_id, hour, part, tag_id, store_id, staff_id, placement),
  CONSTRAINT funnel_hour_part_known CHECK (part IN ('scan', 'sale'))
);

-- owner: referral/report
-- How many facts an hour had when it was worked out. They only grow, so one that has as many now is as it was. A scan may come
-- days late and its writer may write nothing else, so this, and no cursor, says which hours are to be worked out again.
CREATE TABLE counted_hour (
  brand_id    int         NOT NULL,
  hour        timestamptz NOT NULL,
  scans       bigint      NOT NULL, -- also those of programs
  joins       bigint      NOT NULL,
  bindings    bigint      NOT NULL,
  visits      bigint      NOT NULL,
  is_week_due boolean     NOT NULL, -- the week in which it lies has to be worked out again
  CONSTRAINT counted_hour_pkey PRIMARY KEY (brand_id, hour)
);
CREATE INDEX counted_hour_week_due ON counted_hour (brand_id, hour) WHERE is_week_due;

-- owner: referral/report
-- An order that has changed, or a customer whose orders since an instant have another home: noted in the transaction of the
-- fact, gone when it was worked out. A row of its own each time, so that no sale waits for another.
CREATE TABLE origin_due (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  order_id    uuid,
  customer_id uuid,
  since       timestamptz,
  CONSTRAINT origin_due_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT origin_due_names_one CHECK ((order_id IS NULL) <> (customer_id IS NULL) AND (customer_id IS NULL) = (since IS NULL))
);

-- owner: referral/report
-- How a store took part in one ISO week of the brand's calendar.
CREATE TABLE adoption_week (
  brand_id     int    NOT NULL,
  week         date   NOT NULL, -- its Monday
  store_id     uuid   NOT NULL,
  new_members  bigint NOT NULL, -- won for the store, who had no home before
  active_staff bigint NOT NULL, -- people of it who won or served somebody
  bound        bigint NOT NULL, -- customers whose home it was when the week ended, or is now
  came_back    bigint NOT NULL, -- of its customers, those who visited or bought on a later day than the one on which she was won
  CONSTRAINT adoption_week_pkey PRIMARY KEY (brand_id, week, store_id),
  CONSTRAINT adoption_week_is_monday CHECK (extract(isodow FROM week) = 1)
);

-- Joins are counted by the hour.
CREATE INDEX customer_by_joining ON customer (brand_id, joined_at) WHERE joined_at IS NOT NULL;

CALL secure_brand_tables();

-- The orders that are there already: their years, and a note for each.
-- +goose StatementBegin
DO $$
DECLARE child record; b record;
BEGIN
  FOR child IN SELECT right(i.inhrelid::regclass::text, 4) AS year FROM pg_inherits i WHERE i.inhparent = 'sales_order'::regclass LOOP
    CALL make_partition('order_origin', make_timestamptz(child.year::int, 7, 1, 0, 0, 0, 'UTC'));
  END LOOP;
  FOR b IN SELECT brand_id FROM brand LOOP
    PERFORM set_config('app.brand', b.brand_id::text, true);
    INSERT INTO origin_due (brand_id, id, order_id) SELECT brand_id, id, id FROM sales_order WHERE brand_id = b.brand_id;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd
