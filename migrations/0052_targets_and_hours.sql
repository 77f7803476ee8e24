-- +goose Up
-- What a month's close needs to know that no sale tells: what was to be sold, and who worked how long.

-- owner: referral/target
-- What a store or a person is to sell in a month. Set anew it is another version, and the latest counts.
CREATE TABLE target (
  brand_id     int         NOT NULL,
  month        date        NOT NULL, -- its first day
  holder_kind  text        NOT NULL,
  holder_id    uuid        NOT NULL,
  version_no   int         NOT NULL, -- 1.. within the holder's month
  target_minor bigint      NOT NULL, -- net merchandise; 0: none any more
  currency     char(3)     NOT NULL,
  set_by       text        NOT NULL, -- shop.Actor.Pseudonym
  set_at       timestamptz NOT NULL,
  CONSTRAINT target_pkey PRIMARY KEY (brand_id, month, holder_kind, holder_id, version_no),
  CONSTRAINT target_currency_fkey FOREIGN KEY (currency) REFERENCES currency (code),
  CONSTRAINT target_month_is_first_day CHECK (extract(day FROM month) = 1),
  CONSTRAINT target_holder_known CHECK (holder_kind IN ('store', 'staff')),
  CONSTRAINT target_never_negative CHECK (target_minor >= 0)
);

-- owner: referral/target
-- How long a person worked at a store in a month, by which its pool is divided. Set anew it is another version, and the latest counts.
CREATE TABLE worked_hours (
  brand_id   int         NOT NULL,
  month      date        NOT NULL, -- its first day
  store_id   uuid        NOT NULL,
  staff_id   uuid        NOT NULL,
  version_no int         NOT NULL, -- 1.. within the person's month at the store
  minutes    int         NOT NULL, -- 0: she did not work there after all
  set_by     text        NOT NULL, -- shop.Actor.Pseudonym
  set_at     timestamptz NOT NULL,
  CONSTRAINT worked_hours_pkey PRIMARY KEY (brand_id, month, store_id, staff_id, version_no),
  CONSTRAINT worked_hours_store_fkey FOREIGN KEY (brand_id, store_id) REFERENCES store (brand_id, id),
  CONSTRAINT worked_hours_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT worked_hours_month_is_first_day CHECK (extract(day FROM month) = 1),
  CONSTRAINT worked_hours_fit_a_month CHECK (minutes BETWEEN 0 AND 44640)
);

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON target, worked_hours FROM homestore_app;
