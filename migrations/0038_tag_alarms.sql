-- +goose Up
-- What is suspicious about a tag: found each morning, decided by the manager.

-- owner: referral/alarm
-- What people did at a tag on one day, for some weeks: what its usual is told by. No row: nothing.
CREATE TABLE alarm_figure (
  brand_id  int   NOT NULL,
  tag_id    uuid  NOT NULL,
  day       date  NOT NULL, -- brand's zone
  hours     int[] NOT NULL, -- scan sessions that began in each of 24 hours by the brand's clock
  at_store  int   NOT NULL, -- of them in the network of the tag's store
  elsewhere int   NOT NULL, -- and in that of another store of the brand
  CONSTRAINT alarm_figure_pkey PRIMARY KEY (brand_id, tag_id, day),
  CONSTRAINT alarm_figure_tag_fkey FOREIGN KEY (brand_id, tag_id) REFERENCES tag (brand_id, id),
  CONSTRAINT alarm_figure_has_24_hours CHECK (cardinality(hours) = 24)
);
-- owner: referral/alarm
-- A day of which all tags were looked at.
CREATE TABLE alarm_morning (
  brand_id  int         NOT NULL,
  day       date        NOT NULL, -- the day before it
  tags      int         NOT NULL,
  raised    int         NOT NULL,
  looked_at timestamptz NOT NULL,
  CONSTRAINT alarm_morning_pkey PRIMARY KEY (brand_id, day)
);
-- owner: referral/alarm
CREATE TABLE tag_alarm (
  brand_id   int         NOT NULL,
  id         uuid        NOT NULL,
  tag_id     uuid        NOT NULL,
  store_id   uuid        NOT NULL, -- the tag's
  kind       text        NOT NULL,
  state      text        NOT NULL,
  evidence   jsonb       NOT NULL, -- the figures of its last day
  first_day  date        NOT NULL, -- on which it was so
  last_day   date        NOT NULL,
  raised_at  timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  reason     text        NOT NULL, -- of a dismissal
  CONSTRAINT tag_alarm_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT tag_alarm_tag_fkey FOREIGN KEY (brand_id, tag_id) REFERENCES tag (brand_id, id),
  CONSTRAINT tag_alarm_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT tag_alarm_kind_known CHECK (kind IN ('moved', 'dead', 'copied', 'burst')),
  CONSTRAINT tag_alarm_state_known CHECK (state IN ('open', 'seen', 'dismissed', 'over')),
  CONSTRAINT tag_alarm_days_in_order CHECK (first_day <= last_day)
);
CREATE UNIQUE INDEX tag_alarm_one_standing ON tag_alarm (brand_id, tag_id, kind) WHERE state IN ('open', 'seen');
CREATE INDEX tag_alarm_dismissed ON tag_alarm (brand_id, tag_id, kind) WHERE state = 'dismissed';
CREATE INDEX tag_alarm_by_store ON tag_alarm (brand_id, store_id, id DESC);

CALL secure_brand_tables();
REVOKE DELETE ON tag_alarm, alarm_morning FROM homestore_app;
