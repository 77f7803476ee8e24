-- +goose Up
-- A statement has an id of its own, by which it is asked for. Within a month ids ascend as statements are listed.
ALTER TABLE statement ADD COLUMN id uuid;
-- +goose StatementBegin
DO $$
DECLARE b int;
BEGIN
  FOR b IN SELECT brand_id FROM brand LOOP
    PERFORM set_config('app.brand', b::text, true);
    UPDATE statement SET id = gen_random_uuid() WHERE brand_id = b;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd
ALTER TABLE statement ALTER COLUMN id SET NOT NULL;
ALTER TABLE statement ADD CONSTRAINT statement_by_id UNIQUE (brand_id, id);
