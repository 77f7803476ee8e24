-- +goose Up
-- How a brand prints its tags.

-- owner: referral/label
-- Never deleted: a template that is no longer liked is changed.
CREATE TABLE label_template (
  brand_id       int         NOT NULL,
  name           text        NOT NULL,
  format         text        NOT NULL, -- the sheet, of label.Formats
  languages      text[]      NOT NULL, -- the first is printed larger
  call_to_action jsonb       NOT NULL, -- language to text; may be empty
  shows_price    boolean     NOT NULL,
  shows_store    boolean     NOT NULL,
  shows_code     boolean     NOT NULL,
  correction     text        NOT NULL,
  dark           text        NOT NULL, -- #RRGGBB
  light          text        NOT NULL,
  logo           bytea,                -- a PNG; NULL: none
  created_at     timestamptz NOT NULL,
  changed_at     timestamptz NOT NULL,
  CONSTRAINT label_template_pkey PRIMARY KEY (brand_id, name),
  CONSTRAINT label_template_correction_known CHECK (correction IN ('L', 'M', 'Q', 'H')),
  CONSTRAINT label_template_logo_needs_h CHECK (logo IS NULL OR correction = 'H'),
  CONSTRAINT label_template_logo_is_small CHECK (octet_length(logo) <= 65536)
);

CALL secure_brand_tables();
REVOKE DELETE ON label_template FROM homestore_app;
