package binding

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestSixteenAtOnceGiveOneBinding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	var clicks []shop.ID
	for i := range 16 {
		store := b.S1
		if i%2 == 1 {
			store = b.S2
		}
		clicks = append(clicks, b.scan(store, shop.ID{}, noon.Add(-time.Duration(i)*time.Minute)))
	}
	won := make([]bool, 16)
	var all sync.WaitGroup
	for i := range won {
		all.Go(func() {
			err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
				out, err := b.s.Join(t.Context(), tx, b.Brand, c, clicks[i:i+1], noon)
				won[i] = out.Bound
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var n int
	for _, w := range won {
		if w {
			n++
		}
	}
	if n != 1 || len(b.history(c)) != 1 || len(b.claims(c)) != 16 {
		t.Errorf("%d won, %d bindings, claims %v", n, len(b.history(c)), b.claims(c))
	}
}

// Issue 4: simultaneous claims by 32 workers: one winner, 31 recorded losers, each with what it lost against.
func TestThirtyTwoClaimsAtOnceHaveOneWinnerAnd31RecordedLosers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	outcomes := make([]error, 32)
	var ready, all sync.WaitGroup
	ready.Add(len(outcomes))
	for i := range outcomes {
		all.Go(func() {
			a := Attempt{Customer: c, Store: b.S1, Staff: b.Amy, Source: FromTill}
			if i%2 == 1 {
				a = Attempt{Customer: c, Store: b.S2, Staff: b.Ben, Source: FromStaffCode}
			}
			ready.Done()
			ready.Wait() // all at once, not one after the other as they are started
			outcomes[i] = b.claim(a)
		})
	}
	all.Wait()
	won, lost := 0, 0
	for _, err := range outcomes {
		switch {
		case err == nil:
			won++
		case errors.Is(err, ErrAlreadyBound):
			lost++
		default:
			t.Error(err)
		}
	}
	history := b.history(c)
	if won != 1 || lost != 31 || len(history) != 1 {
		t.Fatalf("%d won, %d lost, %d bindings", won, lost, len(history))
	}
	b.do(func(tx pgx.Tx) error {
		claims, err := Claims(t.Context(), tx, b.Brand, c)
		for i, k := range claims {
			if first := i == 0; k.No != i+1 || (k.Outcome == Won) != first || !first && (k.Outcome != ErrAlreadyBound.Code || k.Against != history[0].ID) {
				t.Errorf("claim %d: %+v", i+1, k)
			}
		}
		if len(claims) != 32 {
			t.Errorf("%d claims are kept", len(claims))
		}
		return err
	})
}

func TestSixteenCustomersWithOneClickMakeOneBinding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k := b.scan(b.S1, shop.ID{}, noon.Add(-time.Hour))
	customers := make([]shop.ID, 16)
	for i := range customers {
		customers[i] = b.customer()
	}
	var all sync.WaitGroup
	for _, c := range customers {
		all.Go(func() {
			err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
				_, err := b.s.Join(t.Context(), tx, b.Brand, c, []shop.ID{k}, noon)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var bound int
	for _, c := range customers {
		bound += len(b.history(c))
	}
	if bound != 1 {
		t.Errorf("%d customers are bound by one click", bound)
	}
}

func TestDatabaseItselfRefusesASecondLiveBinding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	if err := b.claim(Attempt{Customer: c, Store: b.S1, Source: FromTill}); err != nil {
		t.Fatal(err)
	}
	for why, from := range map[string]time.Time{"a second live one": noon.Add(time.Hour), "one that overlaps": noon.Add(-time.Hour)} {
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			return insertBinding(t.Context(), tx, b.Brand, Binding{ID: shop.NewID(noon), Customer: c, No: 2, Store: b.S2, Source: FromTill, From: from, RecordedAt: noon})
		})
		if !errors.Is(err, ErrAlreadyBound) {
			t.Errorf("%s: %v", why, err)
		}
	}
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM binding WHERE brand_id = $1`, b.Brand)
		return err
	})
	if err == nil {
		t.Error("the application may delete bindings")
	}
}
