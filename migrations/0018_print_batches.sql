-- +goose Up
-- Tags by the thousand: print batches that can be revoked at once, and files that may be sent again.

-- owner: referral/tag
-- What was printed together. Whoever issues into a batch and whoever revokes it lock its row, so that nothing is issued into a revoked one.
CREATE TABLE tag_batch (
  brand_id   int         NOT NULL,
  id         uuid        NOT NULL,
  batch      text        NOT NULL, -- as tags name it
  created_by uuid,                 -- who made the first tag of it
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by uuid,
  reason     text        NOT NULL, -- empty until it is revoked
  CONSTRAINT tag_batch_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT tag_batch_once UNIQUE (brand_id, batch)
);
CREATE INDEX tag_by_batch ON tag (brand_id, batch, store_id) WHERE batch <> '';

-- owner: referral/tag
-- The row of a caller's file from which a tag was made: the same row again is the same tag.
CREATE TABLE tag_row (
  brand_id int   NOT NULL,
  row_key  text  NOT NULL, -- "key " and the caller's own, or "row " and a hash of what the row is about
  said     bytea NOT NULL, -- SHA-256 of everything that the row said
  tag_id   uuid  NOT NULL,
  CONSTRAINT tag_row_pkey PRIMARY KEY (brand_id, row_key),
  CONSTRAINT tag_row_tag_fkey FOREIGN KEY (brand_id, tag_id) REFERENCES tag (brand_id, id)
);

CALL secure_brand_tables();
REVOKE DELETE ON tag_batch FROM homestore_app;
REVOKE UPDATE, DELETE ON tag_row FROM homestore_app;

-- The batches that there are, each under the id of its first tag.
-- +goose StatementBegin
DO $$
DECLARE b int;
BEGIN
  FOR b IN SELECT brand_id FROM brand LOOP
    PERFORM set_config('app.brand', b::text, true);
    INSERT INTO tag_batch (brand_id, id, batch, created_by, created_at, reason)
    SELECT DISTINCT ON (batch) brand_id, id, batch, created_by, created_at, '' FROM tag WHERE brand_id = b AND batch <> '' ORDER BY batch, id;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd
