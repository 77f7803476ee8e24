package postgres_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

// table is one of a brand's, as the catalogue has it.
type table struct {
	name       string
	columns    []column
	partitions []string
}

type column struct{ name, kind string }

// ofKind is a value for every type that a column has. The id of now lies in a partition that there is.
var ofKind = map[string]any{
	"uuid": shop.NewID(time.Now()), "text": "x", "bpchar": "TWD", "jsonb": "{}", "bytea": []byte("x"), "bool": true, "date": "2026-11-22",
	"int2": 1, "int4": 1, "int8": 1, "timestamptz": time.Now(), "daterange": "[2026-01-01,)", "tstzrange": "[2026-01-01,)",
	"_uuid": []shop.ID{}, "_int4": []int32{}, "_text": []string{}, "_cidr": []netip.Prefix{},
}

// The wall between brands, without any help of the services: with rows of two brands in every table that there is, a
// transaction of one finds none of the other's though its queries name no brand, changes none, deletes none and writes none.
func TestA3OneBrandReachesNoRowOfAnother(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	mine, theirs := postgrestest.Brand(t, pool).Brand, postgrestest.Brand(t, pool).Brand
	conn := owner(t)
	liftConstraints(t, conn)
	tables := tablesOfBrands(t, conn)
	if len(tables) < 40 {
		t.Fatalf("found %d tables of brands only", len(tables))
	}
	for _, tb := range tables {
		for _, brand := range []shop.BrandID{mine, theirs} {
			if err := pool.Brand(t.Context(), brand, func(tx pgx.Tx) error { return tb.insert(t, tx, brand) }); err != nil {
				t.Fatalf("%s takes no row of a brand's own: %v", tb.name, err)
			}
		}
	}
	for _, tb := range tables {
		tb.isApart(t, pool, mine, theirs)
	}
}

func (tb table) isApart(t *testing.T, pool *postgres.Pool, mine, theirs shop.BrandID) {
	t.Helper()
	count := func(as shop.BrandID) (own, all int) {
		err := pool.Read(t.Context(), as, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE brand_id = $1), count(*) FROM `+tb.name, as).Scan(&own, &all)
		})
		if err != nil {
			t.Errorf("%s: %v", tb.name, err)
		}
		return own, all
	}
	if own, all := count(mine); own != all || own == 0 {
		t.Errorf("%s shows a brand %d rows, %d are its own", tb.name, all, own)
	}
	before, _ := count(theirs)
	for _, act := range []string{
		`UPDATE %s SET brand_id = brand_id WHERE brand_id = $1`, `DELETE FROM %s WHERE brand_id = $1`, `UPDATE %s SET brand_id = $1`,
	} {
		var changed int64
		err := pool.Brand(t.Context(), mine, func(tx pgx.Tx) error {
			done, err := tx.Exec(t.Context(), fmt.Sprintf(act, tb.name), theirs)
			changed = done.RowsAffected()
			return err
		})
		if changed != 0 || err != nil && !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %s changed %d rows: %v", tb.name, act, changed, err)
		}
	}
	err := pool.Brand(t.Context(), mine, func(tx pgx.Tx) error { return tb.insert(t, tx, theirs) })
	if err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("%s: a row of another brand is refused with %v", tb.name, err)
	}
	if after, _ := count(theirs); after != before || after == 0 {
		t.Errorf("%s: the other brand had %d rows and has %d", tb.name, before, after)
	}
	for _, partition := range tb.partitions {
		var seen int
		err := pool.Read(t.Context(), mine, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM `+partition+` WHERE brand_id <> $1`, mine).Scan(&seen)
		})
		if seen != 0 || err == nil {
			t.Errorf("%s, asked by its own name, shows %d rows (%v); the application goes through %s", partition, seen, err, tb.name)
		}
	}
}

func (tb table) insert(t *testing.T, tx pgx.Tx, brand shop.BrandID) error {
	t.Helper()
	var names, places []string
	var values []any
	for i, c := range tb.columns {
		value, known := ofKind[c.kind]
		switch {
		case c.name == "brand_id":
			value = brand
		case !known:
			t.Fatalf("%s.%s is of type %s: add a value of it to ofKind, so that the wall around this table is tried too", tb.name, c.name, c.kind)
		}
		names, places, values = append(names, c.name), append(places, fmt.Sprintf("$%d", i+1)), append(values, value)
	}
	_, err := tx.Exec(t.Context(), `INSERT INTO `+tb.name+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(places, ", ")+`)`, values...)
	return err
}

// liftConstraints takes checks and foreign keys from this test's own database: what is tried is the wall alone, with rows of
// which only the types are right.
func liftConstraints(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	// What a partition has of its own comes after what it has of its parent.
	for _, relkind := range []string{"p", "r"} {
		rows, err := conn.Query(t.Context(), `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.oid::regclass, k.conname)
			FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
			WHERE k.contype IN ('c', 'f') AND k.coninhcount = 0 AND c.relkind::text = $1 AND c.relnamespace = 'public'::regnamespace
			AND c.relname !~ '^(river_|goose_)'`, relkind)
		if err != nil {
			t.Fatal(err)
		}
		lift, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), strings.Join(lift, ";")); err != nil {
			t.Fatal(err)
		}
	}
}

func tablesOfBrands(t *testing.T, conn *pgx.Conn) []table {
	t.Helper()
	rows, err := conn.Query(t.Context(), `WITH t AS (`+brandTables+`) SELECT t.name, a.attname::text, y.typname::text,
		ARRAY(SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = t.oid)
		FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		JOIN pg_type y ON y.oid = a.atttypid ORDER BY t.name, a.attnum`)
	if err != nil {
		t.Fatal(err)
	}
	var all []table
	var name string
	var c column
	var partitions []string
	_, err = pgx.ForEachRow(rows, []any{&name, &c.name, &c.kind, &partitions}, func() error {
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, table{name: name, partitions: slices.Clone(partitions)})
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What would lead around the wall: a role that row-level security does not stop, and views and functions that run as their owner.
func TestA3NothingLeadsAroundTheWall(t *testing.T) {
	t.Parallel()
	conn := owner(t)
	for why, query := range map[string]string{
		"a role of the program is stopped by row-level security": `SELECT rolname::text FROM pg_roles
			WHERE rolname IN ('homestore_app', 'homestore_scan') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)`,
		"a role of the program is no other role": `SELECT m.rolname || ' is ' || r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
			JOIN pg_roles r ON r.oid = a.roleid WHERE m.rolname IN ('homestore_app', 'homestore_scan')`,
		"the program owns nothing":          `SELECT relname::text FROM pg_class WHERE pg_get_userbyid(relowner) IN ('homestore_app', 'homestore_scan')`,
		"no function runs as somebody else": `SELECT proname::text FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace`,
		"a view shows no more than its asker sees": `SELECT relname::text FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
			AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)`,
		"policies let nobody see more than a brand": `SELECT polrelid::regclass || ': ' || polname FROM pg_policy
			WHERE polname <> 'one_brand' AND NOT (polname = 'scan_of_any_brand' AND polcmd = 'a')`,
	} {
		rows, err := conn.Query(t.Context(), query)
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
}
