package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

// One row per table of a brand: everything but the four reference tables and what the queue and goose keep for themselves.
const brandTables = `
SELECT c.oid, c.relname::text AS name, c.relforcerowsecurity AND c.relrowsecurity AS forced,
  (SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'brand_id' AND a.attnotnull) AS brand
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname NOT IN ('brand', 'currency', 'tag_directory', 'integration_directory') AND c.relname !~ '^(river_|goose_)'`

func owner(t *testing.T) *pgx.Conn {
	t.Helper()
	url, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

// What keeps the way open to a database sharded by brand. Each query names what breaks the rule.
func TestSchemaCanBeShardedByBrand(t *testing.T) {
	t.Parallel()
	rules := map[string]string{
		"every table of a brand has brand_id NOT NULL": `SELECT name FROM t WHERE brand IS NULL`,
		"every table has a primary key":                `SELECT name FROM t WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)`,
		"every index begins with brand_id": `SELECT name || ': ' || i.indexrelid::regclass FROM t JOIN pg_index i ON i.indrelid = t.oid
			WHERE i.indkey[0] IS DISTINCT FROM t.brand`,
		"every foreign key between brands' tables carries brand_id": `SELECT t.name || ': ' || k.conname FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
			JOIN t AS r ON r.oid = k.confrelid WHERE NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS u (mine, theirs) WHERE u.mine = t.brand AND u.theirs = r.brand)`,
		"no foreign key leads to a table that stays on one machine": `SELECT t.name || ': ' || k.conname FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
			JOIN pg_class f ON f.oid = k.confrelid WHERE f.relname ~ '^(river_|goose_)'`,
		"no reference table points at a brand's table": `SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k JOIN t ON t.oid = k.confrelid
			WHERE k.contype = 'f' AND k.conrelid::regclass::text IN ('brand', 'currency', 'tag_directory', 'integration_directory')`,
		"no triggers": `SELECT name || ': ' || g.tgname FROM t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal`,
		"no sequences": `SELECT name || ': ' || a.attname FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~ 'nextval'`,
		"every exclusion constraint holds brand_id": `SELECT name || ': ' || k.conname FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'x'
			WHERE NOT (t.brand = ANY (k.conkey))`,
		"every table of a brand is under forced row-level security": `SELECT name FROM t WHERE NOT forced`,
		"every table of a brand has the one policy":                 `SELECT name FROM t WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'one_brand')`,
		"every partition is under forced row-level security": `SELECT c.relname::text FROM pg_class c
			WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relforcerowsecurity AND c.relrowsecurity)`,
	}
	conn := owner(t)
	for why, query := range rules {
		rows, err := conn.Query(t.Context(), `WITH t AS (`+brandTables+`) `+query)
		if err != nil {
			t.Fatalf("%s: %v", why, err)
		}
		broken, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", why, err)
		}
		if len(broken) > 0 {
			t.Errorf("%s, but: %s", why, strings.Join(broken, ", "))
		}
	}
	var tables int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM (`+brandTables+`) AS t`).Scan(&tables); err != nil || tables < 40 {
		t.Errorf("looked at %d tables (%v); the rules above say something only about tables that are found", tables, err)
	}
}

// The second wall: a query that forgot brand_id shows nothing of another brand, and cannot write into it.
func TestQueryThatForgotTheBrandSeesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	mine, other := postgrestest.Brand(t, pool), postgrestest.Brand(t, pool)
	err := pool.Brand(t.Context(), mine.Brand, func(tx pgx.Tx) error {
		var foreign, own int
		err := tx.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE brand_id <> $1), count(*) FROM store`, mine.Brand).Scan(&foreign, &own)
		if err != nil {
			return err
		}
		if foreign != 0 || own != 3 {
			t.Errorf("saw %d stores of others among %d", foreign, own)
		}
		tag, err := tx.Exec(t.Context(), `UPDATE store SET code = 'stolen' WHERE id = $1`, other.S1)
		if err != nil || tag.RowsAffected() != 0 {
			t.Errorf("changed %d stores of another brand (%v)", tag.RowsAffected(), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = pool.Brand(t.Context(), mine.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO consent (brand_id, customer_id, channel, granted, source, changed_at) VALUES ($1, $2, 'push', true, 'x', now())`, other.Brand, shop.NewID(time.Now()))
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("writing into another brand: %v", err)
	}
	err = pool.Global(t.Context(), func(tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(t.Context(), `SELECT count(*) FROM store`).Scan(&n)
		if n != 0 {
			t.Errorf("without a brand %d stores are seen", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestApplicationCanChangeNeitherSchemaNorPast(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	for _, statement := range []string{
		`UPDATE ledger_transfer SET amount_minor = 1`, `DELETE FROM ledger_transfer`, `TRUNCATE ledger_transfer`,
		`UPDATE ledger_seal SET seal_no = 1`, `DELETE FROM ledger_seal`, `DELETE FROM ledger_head`, `UPDATE closed_month SET month = '2000-01-01'`,
		`DELETE FROM closed_month`, `UPDATE closed_total SET transfers = 0`, `DELETE FROM closed_total`,
		`UPDATE audit SET act = ''`, `DELETE FROM audit`, `UPDATE claim SET outcome = 'won'`, `UPDATE plan SET rules = '{}'`,
		`DELETE FROM fact_key`, `DELETE FROM sales_order`, `DROP TABLE store`, `ALTER TABLE store ADD COLUMN x int`, `CREATE TABLE x (i int)`,
		`ALTER TABLE store DISABLE ROW LEVEL SECURITY`, `DROP POLICY one_brand ON store`,
	} {
		err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil || !(strings.Contains(err.Error(), "42501")) {
			t.Errorf("%s: %v, want SQLSTATE 42501", statement, err)
		}
	}
}

func TestScanWriterMayOnlyInsertScans(t *testing.T) {
	t.Parallel()
	url, _ := postgrestest.DSNs(t)
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: url, Role: postgres.RoleScan})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, statement := range []string{`SELECT FROM scan`, `SELECT FROM customer`, `UPDATE scan SET kind = 'bot'`, `INSERT INTO audit DEFAULT VALUES`} {
		if _, err := pool.Raw().Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v, want SQLSTATE 42501", statement, err)
		}
	}
}

func TestGoAndSQLAgreeOnIDsAndCurrencies(t *testing.T) {
	t.Parallel()
	conn := owner(t)
	at := time.Date(2026, 2, 28, 23, 59, 59, 123456789, time.UTC)
	id := shop.NewID(at)
	var floor string
	var carried time.Time
	if err := conn.QueryRow(t.Context(), `SELECT id_floor($1)::text, id_time($2::uuid)`, at, id.String()).Scan(&floor, &carried); err != nil {
		t.Fatal(err)
	}
	if floor != shop.FloorID(at).String() {
		t.Errorf("id_floor is %s, shop.FloorID is %s", floor, shop.FloorID(at))
	}
	if !carried.Equal(id.Time()) {
		t.Errorf("id_time is %s, shop.ID.Time is %s", carried, id.Time())
	}
	rows, err := conn.Query(t.Context(), `SELECT code::text, minor::int FROM currency`)
	if err != nil {
		t.Fatal(err)
	}
	var code string
	var minor, n int
	_, err = pgx.ForEachRow(rows, []any{&code, &minor}, func() error {
		n++
		if digits, ok := shop.Currency(code).Digits(); !ok || digits != minor {
			t.Errorf("%s has %d digits in SQL, %d in Go (known: %v)", code, minor, digits, ok)
		}
		return nil
	})
	if err != nil || n < 9 {
		t.Fatalf("%d currencies, %v", n, err)
	}
}
