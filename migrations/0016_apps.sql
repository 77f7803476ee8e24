-- +goose Up
-- owner: clienteling/team
-- The brand's own apps, as phones ask for them before they open its codes there. An empty text: there is none.
CREATE TABLE brand_app (
  brand_id             int         NOT NULL,
  ios_team             text        NOT NULL,
  ios_bundle           text        NOT NULL,
  ios_store            text        NOT NULL, -- number in the App Store; empty: not there yet
  android_package      text        NOT NULL,
  android_certificates text[]      NOT NULL, -- SHA-256 fingerprints of what the app is signed with
  changed_at           timestamptz NOT NULL,
  CONSTRAINT brand_app_one_row_per_brand PRIMARY KEY (brand_id),
  CONSTRAINT brand_app_ios_is_whole CHECK ((ios_team = '') = (ios_bundle = '') AND (ios_store = '' OR ios_bundle <> '')),
  CONSTRAINT brand_app_android_is_whole CHECK ((android_package = '') = (android_certificates = '{}'))
);

CALL secure_brand_tables();
REVOKE DELETE ON brand_app FROM homestore_app;
