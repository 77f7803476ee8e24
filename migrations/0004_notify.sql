-- +goose Up
-- What reaches a phone, and what the API remembers of a request.

-- owner: notify/device
CREATE TABLE push_device (
  brand_id      int         NOT NULL,
  id            uuid        NOT NULL,
  customer_id   uuid        NOT NULL,
  target_kind   text        NOT NULL, -- token; fid when Firebase moves to installation ids
  target        text        NOT NULL,
  platform      text        NOT NULL,
  language      text        NOT NULL,
  registered_at timestamptz NOT NULL,
  seen_at       timestamptz NOT NULL,
  dead_at       timestamptz,
  CONSTRAINT push_device_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT push_device_target_once UNIQUE (brand_id, target_kind, target),
  CONSTRAINT push_device_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CONSTRAINT push_device_target_kind_known CHECK (target_kind IN ('token', 'fid')),
  CONSTRAINT push_device_platform_known CHECK (platform IN ('ios', 'android', 'web'))
);
CREATE INDEX push_device_by_customer ON push_device (brand_id, customer_id);

-- owner: notify/offer
CREATE TABLE offer (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL,
  kind        text        NOT NULL,
  title       jsonb       NOT NULL,
  body        jsonb       NOT NULL,
  terms       jsonb       NOT NULL,
  link        text        NOT NULL,
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  approved_at timestamptz,          -- staff may send only what is approved
  approved_by uuid,
  created_at  timestamptz NOT NULL,
  CONSTRAINT offer_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT offer_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id),
  CONSTRAINT offer_kind_known CHECK (kind IN ('coupon', 'threshold', 'free_shipping', 'bundle', 'gift')),
  CONSTRAINT offer_ends_after_start CHECK (ends_at > starts_at)
);
-- owner: notify/offer
-- What one customer was promised: the coupon code in her app.
CREATE TABLE offer_grant (
  brand_id    int         NOT NULL,
  offer_id    uuid        NOT NULL,
  customer_id uuid        NOT NULL,
  code        text        NOT NULL,
  granted_at  timestamptz NOT NULL,
  granted_by  text        NOT NULL, -- shop.Actor.Pseudonym, or campaign:<id>
  redeemed_at timestamptz,
  order_id    uuid,                 -- with which it was redeemed
  CONSTRAINT offer_grant_pkey PRIMARY KEY (brand_id, offer_id, customer_id),
  CONSTRAINT offer_grant_code_once UNIQUE (brand_id, code),
  CONSTRAINT offer_grant_offer_fkey FOREIGN KEY (brand_id, offer_id) REFERENCES offer (brand_id, id),
  CONSTRAINT offer_grant_customer_fkey FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX offer_grant_by_customer ON offer_grant (brand_id, customer_id);
-- owner: notify/campaign
CREATE TABLE campaign (
  brand_id     int         NOT NULL,
  id           uuid        NOT NULL,
  name         text        NOT NULL,
  offer_id     uuid        NOT NULL,
  audience     jsonb       NOT NULL,
  emergency    boolean     NOT NULL, -- may pass the weekly cap, never consent or quiet hours
  state        text        NOT NULL,
  scheduled_at timestamptz,          -- NULL: prepared, and started by hand
  started_at   timestamptz,
  finished_at  timestamptz,          -- fan-out done, or stopped
  reached_id   uuid,                 -- last customer whom the fan-out has handled: where it goes on after a crash
  counts       jsonb       NOT NULL, -- what the fan-out did with everybody in the audience
  created_by   uuid,
  created_at   timestamptz NOT NULL,
  CONSTRAINT campaign_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT campaign_offer_fkey FOREIGN KEY (brand_id, offer_id) REFERENCES offer (brand_id, id),
  CONSTRAINT campaign_state_known CHECK (state IN ('scheduled', 'running', 'finished', 'stopped'))
);
-- owner: notify/delivery
-- One message to one customer's device, written before it is sent. Expires by month.
CREATE TABLE delivery (
  brand_id    int         NOT NULL,
  id          uuid        NOT NULL, -- carries intended_at
  purpose_id  uuid        NOT NULL, -- the campaign, or the offer when one staff member sent it
  offer_id    uuid        NOT NULL,
  customer_id uuid        NOT NULL,
  device_id   uuid        NOT NULL,
  emergency   boolean     NOT NULL, -- passes the weekly cap
  state       text        NOT NULL, -- intended, sending, sent, later, dead, failed, unknown, expired, dropped
  why         text        NOT NULL, -- of every state but intended, sending and sent
  attempts    int         NOT NULL,
  epoch       int         NOT NULL, -- fences the result of a sender whose lease is over
  next_at     timestamptz,          -- not before; while sending: the end of the lease
  tried_at    timestamptz,          -- first attempt: given up an hour after it, in the weekly cap for seven days
  message_id  text,                 -- FCM's name for it: accepted, which is not delivered
  intended_at timestamptz NOT NULL,
  sent_at     timestamptz,
  opened_at   timestamptz,
  CONSTRAINT delivery_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT delivery_id_carries_intended_at CHECK (intended_at = id_time(id)),
  CONSTRAINT delivery_state_known CHECK (state IN ('intended', 'sending', 'sent', 'later', 'dead', 'failed', 'unknown', 'expired', 'dropped'))
) PARTITION BY RANGE (id);
CREATE INDEX delivery_due ON delivery (brand_id, next_at) WHERE state IN ('intended', 'sending', 'later');
CREATE INDEX delivery_by_customer ON delivery (brand_id, customer_id, id DESC);
-- owner: notify/delivery
-- "Never the same offer campaign twice" cannot be a key of a partitioned table.
CREATE TABLE delivery_key (
  brand_id    int  NOT NULL,
  purpose_id  uuid NOT NULL,
  customer_id uuid NOT NULL,
  first_id    uuid NOT NULL,
  CONSTRAINT delivery_key_once_per_customer PRIMARY KEY (brand_id, purpose_id, customer_id)
);
-- owner: notify/delivery
-- Who was told how to refuse marketing, which the first message does; deliveries themselves expire.
CREATE TABLE refusal_told (
  brand_id    int         NOT NULL,
  customer_id uuid        NOT NULL,
  told_at     timestamptz NOT NULL,
  CONSTRAINT refusal_told_pkey PRIMARY KEY (brand_id, customer_id)
);

-- owner: api/endpoint
CREATE TABLE idempotency_key (
  brand_id   int         NOT NULL,
  actor_id   uuid        NOT NULL,
  key        text        NOT NULL,
  request    bytea       NOT NULL, -- SHA-256 of operation and body
  status     int,                  -- NULL: in flight
  media_type text,                 -- of the response
  response   bytea,
  created_at timestamptz NOT NULL, -- when the key was first seen
  claimed_at timestamptz NOT NULL, -- when the request now at work took it; later than created_at after a crash
  CONSTRAINT idempotency_key_once PRIMARY KEY (brand_id, actor_id, key)
);
CREATE INDEX idempotency_key_by_time ON idempotency_key (brand_id, created_at);
