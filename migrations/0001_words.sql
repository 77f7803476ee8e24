-- +goose Up
-- Functions that every later migration uses, and the four reference tables: the only ones of a brand without brand_id first.
-- Written for PostgreSQL 15 and run by the owner role.
CREATE EXTENSION IF NOT EXISTS btree_gist; -- exclusion constraints that compare brand_id with =

-- The smallest id of an instant: bounds of partitions and of time ranges. Go has the same as shop.FloorID; a test compares them.
-- +goose StatementBegin
CREATE FUNCTION id_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$;
-- +goose StatementEnd
-- The instant that an id carries, in whole milliseconds.
-- +goose StatementBegin
CREATE FUNCTION id_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) $$;
-- +goose StatementEnd

-- owner: clienteling/team
CREATE TABLE brand (
  brand_id      int         NOT NULL, -- given by `homestore brand add`, no sequence
  slug          text        NOT NULL, -- what sign-in and URLs call it
  name          jsonb       NOT NULL, -- {"zh-TW": …, "en": …}
  time_zone     text        NOT NULL,
  language      text        NOT NULL,
  currency      char(3)     NOT NULL,
  tax_bp        int         NOT NULL, -- tax contained in prices, basis points
  site_url      text        NOT NULL, -- where a code leads that leads nowhere else
  short_domain  text        NOT NULL, -- host of the QR text
  allowed_hosts text[]      NOT NULL, -- hosts that a tag may lead to, with the port where it is not 443
  created_at    timestamptz NOT NULL,
  CONSTRAINT brand_pkey PRIMARY KEY (brand_id),
  CONSTRAINT brand_slug_once UNIQUE (slug),
  CONSTRAINT brand_tax_in_range CHECK (tax_bp BETWEEN 0 AND 10000)
);

-- owner: clienteling/team
CREATE TABLE currency (
  code  char(3)  NOT NULL,
  minor smallint NOT NULL, -- digits in use behind the point; shop.Currency has the same, a test compares them
  CONSTRAINT currency_pkey PRIMARY KEY (code),
  CONSTRAINT currency_has_sane_digits CHECK (minor BETWEEN 0 AND 4)
);
INSERT INTO currency (code, minor) VALUES
  ('TWD', 0), ('JPY', 0), ('KRW', 0), ('HKD', 2), ('GBP', 2), ('USD', 2), ('EUR', 2), ('CNY', 2), ('SGD', 2);
ALTER TABLE brand ADD CONSTRAINT brand_currency_fkey FOREIGN KEY (currency) REFERENCES currency (code);

-- owner: referral/tag
-- The one way from a code to its brand, read before any brand is known. No key to tag: a reference table must not point at a brand's table.
CREATE TABLE tag_directory (
  code     text NOT NULL,
  brand_id int  NOT NULL,
  tag_id   uuid NOT NULL,
  CONSTRAINT tag_directory_pkey PRIMARY KEY (code),
  CONSTRAINT tag_directory_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id)
);

-- owner: clienteling/team
-- The one way from what a system presents (a shop domain, an API key's hash) to its brand.
CREATE TABLE integration_directory (
  platform text NOT NULL,
  lookup   text NOT NULL,
  brand_id int  NOT NULL,
  key_id   uuid NOT NULL,
  CONSTRAINT integration_directory_pkey PRIMARY KEY (platform, lookup),
  CONSTRAINT integration_directory_brand_fkey FOREIGN KEY (brand_id) REFERENCES brand (brand_id)
);
