package audit

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

var now = time.Date(2026, 3, 1, 6, 0, 0, 123456789, time.UTC)

func do(t *testing.T, pool *postgres.Pool, brand shop.BrandID, act func(tx pgx.Tx) error) {
	t.Helper()
	if err := pool.Brand(t.Context(), brand, act); err != nil {
		t.Fatal(err)
	}
}

func TestEntriesOfACustomerAreReadNewestFirst(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	lin, other := shop.NewID(now), shop.NewID(now)
	amy := shop.Actor{Brand: f.Brand, Role: shop.RoleStaff, ID: f.Amy}
	for i, act := range []string{"customer_joined", "customer_bound", "customer_looked_at"} {
		do(t, pool, f.Brand, func(tx pgx.Tx) error {
			at := now.Add(time.Duration(i) * time.Minute)
			return Note(t.Context(), tx, amy, at, Entry{Act: act, Customer: lin, Subject: f.S1, Detail: map[string]int{"n": i}}, Entry{Act: act, Customer: other})
		})
	}
	do(t, pool, f.Brand, func(tx pgx.Tx) error {
		first, next, err := OfCustomer(t.Context(), tx, f.Brand, lin, shop.Page{Limit: 2})
		if err != nil || len(first) != 2 || first[0].Act != "customer_looked_at" || first[1].Act != "customer_bound" || next == "" {
			t.Errorf("%+v, %q, %v", first, next, err)
		}
		page, err := shop.NewPage(next, 2)
		if err != nil {
			return err
		}
		rest, next, err := OfCustomer(t.Context(), tx, f.Brand, lin, page)
		want := []Record{{Actor: "staff:" + f.Amy.String(), Act: "customer_joined", Customer: lin, Subject: f.S1, Detail: []byte(`{"n": 0}`), RecordedAt: shop.Millis(now)}}
		if len(rest) == 1 {
			want[0].ID = rest[0].ID
		}
		if d := cmp.Diff(want, rest, cmp.Comparer(time.Time.Equal)); d != "" || next != "" {
			t.Errorf("%s, next %q", d, next)
		}
		return err
	})
}

func TestEntriesMayLieInAnyYear(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	lin := shop.NewID(now)
	do(t, pool, f.Brand, func(tx pgx.Tx) error {
		return Note(t.Context(), tx, shop.System(f.Brand), now.AddDate(-16, 0, 0), Entry{Act: "customer_joined", Customer: lin})
	})
}

func TestAuditCannotBeChanged(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	do(t, pool, f.Brand, func(tx pgx.Tx) error {
		return Note(t.Context(), tx, shop.System(f.Brand), now, Entry{Act: "customer_joined", Customer: shop.NewID(now)})
	})
	for _, change := range []string{`UPDATE audit SET actor = 'nobody' WHERE brand_id = $1`, `DELETE FROM audit WHERE brand_id = $1`} {
		err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), change, f.Brand)
			return err
		})
		if err == nil {
			t.Errorf("the application may %s", change)
		}
	}
}

func TestEntryIsThereOnlyWithWhatItTellsOf(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	lin := shop.NewID(now)
	err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
		if err := Note(t.Context(), tx, shop.System(f.Brand), now, Entry{Act: "customer_joined", Customer: lin}); err != nil {
			return err
		}
		return shop.ErrForbidden
	})
	if err == nil {
		t.Fatal("the act succeeded")
	}
	do(t, pool, f.Brand, func(tx pgx.Tx) error {
		records, _, err := OfCustomer(t.Context(), tx, f.Brand, lin, shop.Page{Limit: 10})
		if len(records) != 0 {
			t.Errorf("%+v", records)
		}
		return err
	})
}
