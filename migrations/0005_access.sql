-- +goose Up
-- Who may touch what. Roles belong to the whole server, so another database's migration may make the same one at the same moment.
-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['homestore_app', 'homestore_scan'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN NOBYPASSRLS', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd

-- What every migration that adds a brand's table calls at its end: row-level security, forced, with the one policy; rights of
-- the application. Tables that only grow are named here and lose UPDATE and DELETE again.
-- +goose StatementBegin
CREATE PROCEDURE secure_brand_tables() LANGUAGE plpgsql AS $$
DECLARE t record;
BEGIN
  FOR t IN SELECT c.oid::regclass AS name, c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN ('brand', 'currency', 'tag_directory', 'integration_directory') AND c.relname !~ '^(river_|goose_)'
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'one_brand')
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.name);
    EXECUTE format('CREATE POLICY one_brand ON %s USING (brand_id = NULLIF(current_setting(''app.brand'', true), '''')::int)', t.name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO homestore_app', t.name);
    IF t.relname IN ('ledger_transfer', 'audit', 'claim', 'policy', 'plan') THEN
      EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM homestore_app', t.name);
    END IF;
    IF t.relname IN ('fact_key', 'sales_order', 'order_edit', 'order_line', 'refund', 'fulfilment', 'price_adjustment', 'account', 'order_credit',
        'binding', 'click_used', 'invoice_used') THEN
      EXECUTE format('REVOKE DELETE ON %s FROM homestore_app', t.name);
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
CALL secure_brand_tables();

-- The writer of scans may insert scans of any brand, and nothing else at all.
CREATE POLICY scan_of_any_brand ON scan FOR INSERT TO homestore_scan WITH CHECK (true);
GRANT INSERT ON scan TO homestore_scan;

GRANT SELECT, INSERT, UPDATE ON brand TO homestore_app;
GRANT SELECT ON currency TO homestore_app;
GRANT SELECT, INSERT ON tag_directory TO homestore_app;
GRANT SELECT, INSERT, DELETE ON integration_directory TO homestore_app;

-- == partitions ===============================================================================================
-- Months for what expires (scan, delivery), years for what stays: each check of a foreign key locks every partition of the
-- table it looks into. LIKE and ATTACH, never CREATE .. PARTITION OF, which stops the readers of the parent. Row-level security
-- is switched on by hand: a query that names a partition directly does not pass the parent's policy, and shows nothing.
-- +goose StatementBegin
CREATE PROCEDURE make_partition(parent text, at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
  step  text := CASE WHEN parent IN ('scan', 'delivery') THEN 'month' ELSE 'year' END;
  a     timestamp := date_trunc(step, at AT TIME ZONE 'UTC');
  b     timestamp := a + ('1 ' || step)::interval;
  child text := parent || '_' || to_char(a, CASE step WHEN 'year' THEN 'YYYY' ELSE 'YYYYMM' END);
BEGIN
  IF to_regclass(child) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING GENERATED)', child, parent);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    parent, child, id_floor(a AT TIME ZONE 'UTC'), id_floor(b AT TIME ZONE 'UTC'));
END $$;
-- +goose StatementEnd
