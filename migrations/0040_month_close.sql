-- +goose Up
-- What the close of a month is worked out from, beside the book itself.

-- volume is what the tiers and targets of the month sum: the line's base less what came back of it, exactly, as "19000" or "951/50".
ALTER TABLE credit ADD COLUMN volume text NOT NULL DEFAULT '0';
-- The month in which its becoming payable is dated: the first that was open then.
ALTER TABLE order_credit ADD COLUMN vested_month date;

-- Orders that were credited before have what can be told of them: a line that came back in part has its base by the part of the
-- share that is left.
-- +goose StatementBegin
DO $$
DECLARE b record;
BEGIN
  FOR b IN SELECT brand_id, time_zone FROM brand LOOP
    PERFORM set_config('app.brand', b.brand_id::text, true);
    UPDATE credit SET volume = CASE
        WHEN reason ->> 'base' IS NULL OR share_minor = reversed_minor THEN '0'
        WHEN reversed_minor = 0 THEN reason ->> 'base'
        ELSE split_part(reason ->> 'base', '/', 1)::numeric * (share_minor - reversed_minor) || '/' ||
          coalesce(nullif(split_part(reason ->> 'base', '/', 2), ''), '1')::numeric * share_minor END
    WHERE brand_id = b.brand_id;
    UPDATE order_credit SET vested_month = date_trunc('month', vested_at AT TIME ZONE b.time_zone)::date
    WHERE brand_id = b.brand_id AND vested_at IS NOT NULL;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd

-- owner: referral/ledger
-- What refunds took back of a person's credits when these were payable already: a plan may cap it for a month and person.
CREATE TABLE clawback (
  brand_id    int         NOT NULL,
  order_id    uuid        NOT NULL,
  staff_id    uuid        NOT NULL,
  fact        text        NOT NULL, -- the refund, as kind:name
  happened_at timestamptz NOT NULL,
  currency    char(3)     NOT NULL,
  minor       bigint      NOT NULL,
  CONSTRAINT clawback_pkey PRIMARY KEY (brand_id, order_id, staff_id, fact),
  CONSTRAINT clawback_positive CHECK (minor > 0)
);
CREATE INDEX clawback_by_time ON clawback (brand_id, happened_at);

-- owner: referral/ledger
-- A closed month of which something became known since: the next close works its true-ups out anew. The row goes with that.
CREATE TABLE late_month (
  brand_id int  NOT NULL,
  month    date NOT NULL,
  CONSTRAINT late_month_pkey PRIMARY KEY (brand_id, month)
);

CALL secure_brand_tables();
