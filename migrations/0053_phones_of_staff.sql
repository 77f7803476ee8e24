-- +goose Up
-- owner: notify/device
-- The staff app on a shop's tablet or a person's own phone, as an address of messages to whoever signed in on it last.
CREATE TABLE staff_device (
  brand_id      int         NOT NULL,
  id            uuid        NOT NULL,
  staff_id      uuid        NOT NULL,
  session_id    uuid        NOT NULL, -- of her sign-in there: nothing is sent to who has signed out. No key: sessions are forgotten
  target_kind   text        NOT NULL, -- token; fid when Firebase moves to installation ids
  target        text        NOT NULL,
  platform      text        NOT NULL,
  language      text        NOT NULL,
  registered_at timestamptz NOT NULL,
  seen_at       timestamptz NOT NULL,
  dead_at       timestamptz,
  CONSTRAINT staff_device_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT staff_device_target_once UNIQUE (brand_id, target_kind, target),
  CONSTRAINT staff_device_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT staff_device_target_kind_known CHECK (target_kind IN ('token', 'fid')),
  CONSTRAINT staff_device_platform_known CHECK (platform IN ('ios', 'android', 'web'))
);
CREATE INDEX staff_device_by_staff ON staff_device (brand_id, staff_id);

CALL secure_brand_tables();
