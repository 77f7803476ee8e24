package scan_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
)

// elsewhere is the stored answer, as the alarm reads it.
func (b *bundle) elsewhere(t *testing.T, id shop.ID) (answer *bool) {
	t.Helper()
	b.inBrand(t, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT elsewhere FROM scan WHERE brand_id = $1 AND id = $2`, b.Brand, id).Scan(&answer)
	})
	return answer
}

func TestAScanKeepsWhetherItWasReadInAnotherStoreAndNothingMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.inBrand(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE store SET networks = ARRAY[CASE WHEN id = $2 THEN '203.0.113.0/29' ELSE '198.51.100.0/29' END::cidr] WHERE brand_id = $1`,
			b.Brand, b.S1)
		return err
	})
	for _, tc := range []struct {
		why, address string
		userAgent    string
		where        scan.Where
		want         any
	}{
		{"in its own store", "203.0.113.7", phone, scan.AtStore, false},
		{"in another store", "198.51.100.3", phone, scan.Elsewhere, true},
		{"with a line of her own", "192.0.2.1", phone, scan.Unknown, nil},
		{"a program in another store", "198.51.100.3", crawler, scan.Unknown, nil},
	} {
		r := b.reading(tc.userAgent)
		r.Address = netip.MustParseAddr(tc.address)
		a, err := b.service.Record(t.Context(), r)
		if err != nil || a.Scan.Where != tc.where {
			t.Fatalf("%s: %d, %v", tc.why, a.Scan.Where, err)
		}
		if got := b.elsewhere(t, a.Scan.ID); (got == nil) != (tc.want == nil) || got != nil && *got != tc.want {
			t.Errorf("%s: stored %v, want %v", tc.why, got, tc.want)
		}
		b.inBrand(t, func(tx pgx.Tx) error {
			found, err := b.service.ByClicks(t.Context(), tx, b.Brand, []shop.ID{a.Scan.ID})
			if err == nil && (len(found) != 1 || found[0] != a.Scan) {
				t.Errorf("%s: read %+v, recorded %+v", tc.why, found, a.Scan)
			}
			return err
		})
	}
}

func TestNoAddressIsKeptInATableASpoolFileOrALog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var forms []string // as people write an address, and its bytes as PostgreSQL shows them
	read := func() {
		for _, address := range []string{"203.0.113.201", "2001:db8:77:1:a5a5:5a5a:c3c3:3c3c", "::ffff:198.51.100.202"} {
			for _, userAgent := range []string{phone, crawler} {
				r := b.reading(userAgent)
				r.Address = netip.MustParseAddr(address)
				forms = append(forms, address, r.Address.Unmap().String(), hex.EncodeToString(r.Address.Unmap().AsSlice()))
				if _, err := b.service.Record(context.Background(), r); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	read()
	b.close(t)
	read()
	files, err := filepath.Glob(filepath.Join(b.dir, "*.spool"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing was spooled: %v", err)
	}
	kept := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kept[file] = string(content) + hex.EncodeToString(content)
	}
	b.open(t)
	b.untilDrained(t)
	b.addTables(t, kept)
	kept["the log"] = b.log.String()
	if !strings.Contains(kept["the log"], "until the database takes them again") || strings.Count(kept["scan"], string(b.target.Code)) != 12 {
		t.Fatalf("looked in vain: %d bytes of scans, the log says %q", len(kept["scan"]), kept["the log"])
	}
	for where, content := range kept {
		for _, form := range forms {
			if strings.Contains(content, form) {
				t.Errorf("%s is in %s", form, where)
			}
		}
	}
}

// addTables adds all that each table holds of the brand.
func (b *bundle) addTables(t *testing.T, kept map[string]string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), b.owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), fmt.Sprintf(`SET app.brand = '%d'`, b.Brand)); err != nil {
		t.Fatal(err)
	}
	rows, _ := conn.Query(t.Context(), `
		SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var content string
		err := conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(t::text, E'\n'), '') FROM `+pgx.Identifier{table}.Sanitize()+` t`).Scan(&content)
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		kept[table] = content
	}
}
