package binding

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestPreviewOfASuccessionDoesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 20 {
		b.won(b.S1, b.Amy)
	}
	d := Departure{Staff: b.Amy, Heirs: []Heir{{Person: Pool}, {Person: Named, Staff: b.Ben}}, Terms: Terms{At: noon.Add(time.Hour), Preview: true}}
	seen, err := b.s.StaffLeaves(t.Context(), b.hq(), d)
	if err != nil || !seen.Preview || seen.Customers != 20 {
		t.Fatalf("%+v %v", seen, err)
	}
	b.do(func(tx pgx.Tx) error {
		if p, err := team.StaffByID(t.Context(), tx, b.Brand, b.Amy); err != nil || !p.LeftAt.IsZero() {
			t.Errorf("she has left: %+v %v", p, err)
		}
		return nil
	})
	d.Preview = false
	done, err := b.s.StaffLeaves(t.Context(), b.hq(), d)
	if err != nil || done.Preview || cmp.Diff(seen.ByHeir, done.ByHeir) != "" {
		t.Errorf("done %+v, previewed %+v, %v", done, seen, err)
	}
	var all []Passage
	page := shop.Page{Limit: 7}
	for {
		_, some, next, err := b.s.HandedOver(t.Context(), b.hq(), done.Succession.ID, page)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, some...); next == "" {
			break
		}
		if page, err = shop.NewPage(next, 7); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) != 20 || all[0].From.Staff != b.Amy {
		t.Errorf("%d are handed over: %+v", len(all), all)
	}
}

// Who leaves has left, however many she leaves behind: whoever says so is told at least how many, and not that it failed.
func TestACountThatIsTooLongIsPartial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		b.won(b.S1, b.Amy)
	}
	*b.clock = noon.Add(time.Hour)
	by := b.leaves(b.Amy, time.Time{}, Heir{Person: Pool}, Heir{Person: Named, Staff: b.Ben}).Succession
	b.do(func(tx pgx.Tx) error {
		for _, tt := range []struct {
			within    counting
			customers int
			isPartial bool
		}{
			{counting{2, 2}, 4, true}, {counting{2, 3}, 5, false}, {counting{5, 1}, 5, false}, {counting{1, 4}, 4, true}, {counting{9, 1}, 5, false},
		} {
			h, err := handover(t.Context(), tx, b.Brand, by, tt.within)
			if err != nil || h.Customers != tt.customers || h.IsPartial != tt.isPartial || h.ByHeir[0]+h.ByHeir[1] != tt.customers {
				t.Errorf("%+v: %+v, %v", tt.within, h, err)
			}
		}
		return nil
	})
}

// Of 4,000 customers five are hers, and of 5,000 successions none but hers: neither the one nor the other is read for them.
func TestHandingOverAndHoldingReadOnlyWhatConcernsThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var hers []shop.ID
	for range 5 {
		hers = append(hers, b.won(b.S1, b.Amy))
	}
	b.do(func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`INSERT INTO customer (brand_id, id, created_at) SELECT $1, gen_random_uuid(), $2 FROM generate_series(1, 4000)`, b.Brand, noon)
		batch.Queue(`
			INSERT INTO binding (brand_id, id, customer_id, binding_no, store_id, staff_id, source, evidence, period, recorded_at)
			SELECT $1, gen_random_uuid(), id, 1, $2, $3, 'import', '{}', tstzrange($4, NULL), $4 FROM customer c
			WHERE brand_id = $1 AND NOT EXISTS (SELECT FROM binding b WHERE b.brand_id = $1 AND b.customer_id = c.id)`, b.Brand, b.S2, b.Ben, noon)
		batch.Queue(`INSERT INTO staff (brand_id, id, employee_no, name, created_at) SELECT $1, gen_random_uuid(), 'gone' || n, 'x', $2 FROM generate_series(1, 5000) n`, b.Brand, noon)
		batch.Queue(`
			INSERT INTO succession (brand_id, id, succession_no, kind, staff_id, effective_at, note, recorded_by, recorded_at)
			SELECT $1, id, row_number() OVER (), 'leave', id, $2, '', 'system', $2 FROM staff WHERE brand_id = $1 AND employee_no LIKE 'gone%'`, b.Brand, noon)
		batch.Queue(`
			INSERT INTO succession_heir (brand_id, succession_id, heir_no, person, share) SELECT $1, id, 1, 'pool', 1 FROM succession WHERE brand_id = $1`, b.Brand)
		return tx.SendBatch(b.Context(), batch).Close()
	})
	rowsRead := func(tx pgx.Tx) (n int) {
		err := tx.QueryRow(t.Context(), `
			SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname IN ('binding', 'succession', 'succession_heir')`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	*b.clock = noon.Add(time.Hour)
	var by Succession
	if h := b.leaves(b.Amy, time.Time{}); h.Customers != 5 {
		t.Fatalf("%+v", h)
	} else {
		by = h.Succession
	}
	b.do(func(tx pgx.Tx) error {
		before := rowsRead(tx)
		h, err := handover(t.Context(), tx, b.Brand, by, inRequest)
		if n := rowsRead(tx) - before; err != nil || h.Customers != 5 || n > 60 {
			t.Errorf("%d rows read to hand 5 customers over, %+v, %v", n, h, err)
		}
		before = rowsRead(tx)
		is, err := HolderAt(t.Context(), tx, b.Brand, hers[0], *b.clock)
		if n := rowsRead(tx) - before; err != nil || !is.Pool || n > 10 {
			t.Errorf("%d rows read for one holder, %+v, %v", n, is, err)
		}
		return nil
	})
}
