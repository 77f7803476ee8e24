package period_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/scan"
)

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// bundle is a brand whose web store earns 1 %.
type bundle struct {
	postgrestest.Fixture
	t       testing.TB
	pool    *postgres.Pool
	now     time.Time
	book    *ledger.Ledger
	orders  *order.Service
	periods *period.Service
}

func setup(t testing.TB, pool *postgres.Pool) *bundle {
	t.Helper()
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool}
	b.at("2026-01-01 00:00")
	b.book = ledger.New(pool, scan.New(scan.Parts{Pool: pool, Now: b.clock}))
	b.orders = order.New(pool, b.clock, b.book)
	b.periods = period.New(pool, b.clock, b.book)
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "online_team", "rate_bp": 100}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bundle) clock() time.Time { return b.now }

func (b *bundle) at(text string) time.Time {
	b.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, taipei)
	if err != nil {
		b.t.Fatal(err)
	}
	b.now = at.UTC()
	return b.now
}

func (b *bundle) apply(f order.Fact) shop.ID {
	b.t.Helper()
	r, err := b.orders.Apply(b.t.Context(), b.Brand, "test", f)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Order
}

func (b *bundle) sold(name string, at time.Time) order.WasPlaced {
	return order.WasPlaced{Order: name, PlacedAt: at, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: 21000, TaxIncluded: true}}}
}

func (b *bundle) close(month time.Time) error {
	return b.periods.Close(b.t.Context(), shop.System(b.Brand), month)
}

// dated is how many transfers are dated in each month.
func (b *bundle) dated() map[string]int {
	b.t.Helper()
	out := map[string]int{}
	b.in(func(tx pgx.Tx) error {
		rows, err := tx.Query(b.t.Context(), `SELECT to_char(month, 'YYYY-MM'), count(*) FROM ledger_transfer WHERE brand_id = $1 GROUP BY 1`, b.Brand)
		if err != nil {
			return err
		}
		var month string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&month, &n}, func() error { out[month] = n; return nil })
		return err
	})
	return out
}

func (b *bundle) in(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Brand(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

// invariants checks those of an id, or all, and then also that plain SQL makes of the facts what the book says.
func (b *bundle) invariants(id string) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		for _, rule := range period.Invariants {
			if id != "" && rule.ID != id {
				continue
			}
			broken, err := rule.Breaks(b.t.Context(), tx, b.Brand)
			if err != nil {
				return err
			}
			if len(broken) > 0 {
				b.t.Errorf("%s: %s, but not: %v", rule.ID, rule.Rule, broken)
			}
		}
		return nil
	})
	if id == "" {
		b.recomputed()
	}
}

var (
	february = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	march    = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
)

func TestWhatComesLateIsDatedInTheFirstOpenMonthAndSaysToWhichItBelongs(t *testing.T) {
	t.Parallel()
	b := setup(t, postgrestest.New(t))
	inMarch := b.at("2026-03-31 23:00")
	b.apply(b.sold("o1", inMarch))
	b.at("2026-03-31 23:30")
	if err := b.close(march); !errors.Is(err, period.ErrNotOver) {
		t.Errorf("closing March on its last evening: %v", err)
	}
	b.at("2026-04-01 00:00")
	for range 2 { // the second changes nothing
		if err := b.close(march); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.close(february); err != nil {
		t.Fatal(err)
	}
	b.at("2026-04-02 12:00")
	late := b.apply(b.sold("o2", inMarch))
	b.apply(b.sold("o3", b.at("2026-02-03 12:00")))
	b.at("2026-04-02 12:00")
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: inMarch, Amount: 21000})
	if got := b.dated(); len(got) != 2 || got["2026-03"] != 1 || got["2026-04"] != 3 {
		t.Errorf("transfers by month: %v, want 1 in March and 3 in April", got)
	}
	b.in(func(tx pgx.Tx) error {
		posted, err := ledger.Transfers(t.Context(), tx, b.Brand, late)
		if err != nil {
			return err
		}
		if len(posted) != 1 || !posted[0].EffectiveAt.Equal(inMarch) || !posted[0].Month.Equal(march.AddDate(0, 1, 0)) {
			t.Errorf("got %+v, want it dated in April and of %s", posted, inMarch)
		}
		return nil
	})
	b.invariants("")
}

func TestCloseMakesPayableWhatFellDueAndWhatVestsLaterIsDatedInTheFirstOpenMonth(t *testing.T) {
	t.Parallel()
	b := setup(t, postgrestest.New(t))
	b.apply(b.sold("o1", b.at("2026-03-01 12:00")))
	b.apply(order.WasFulfilled{Order: "o1", ExternalID: "f1", Kind: order.Ship, At: b.clock()})
	b.at("2026-04-02 12:00")
	if err := b.close(march); err != nil {
		t.Fatal(err)
	}
	if got := b.dated(); got["2026-03"] != 3 || len(got) != 1 {
		t.Errorf("transfers by month: %v, want a credit that vested and was stated in March", got)
	}
	b.apply(b.sold("o2", march.Add(12*time.Hour)))
	b.apply(order.WasFulfilled{Order: "o2", ExternalID: "f2", Kind: order.Ship, At: march.Add(12 * time.Hour)})
	if n, err := b.book.Vest(t.Context(), b.Brand, b.clock()); n != 1 || err != nil {
		t.Fatalf("%d orders vested, %v", n, err)
	}
	if got := b.dated(); got["2026-03"] != 3 || got["2026-04"] != 2 {
		t.Errorf("transfers by month: %v, want what was heard of after the close in April", got)
	}
	b.invariants("")
}

func TestMonthIsClosedByHeadOfficeOrFinance(t *testing.T) {
	t.Parallel()
	b := setup(t, postgrestest.New(t))
	b.at("2026-04-02 12:00")
	for _, role := range []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleCustomer, shop.RoleIntegration} {
		if err := b.periods.Close(t.Context(), shop.Actor{Brand: b.Brand, Role: role}, march); !errors.Is(err, shop.ErrForbidden) {
			t.Errorf("%s: %v", role, err)
		}
	}
	for _, role := range []shop.Role{shop.RoleHQ, shop.RoleFinance} {
		if err := b.periods.Close(t.Context(), shop.Actor{Brand: b.Brand, Role: role, ID: b.Amy}, march); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// What is counted when the closing returns is all that is ever dated in the month, and some of the hundred came on either side
// of it.
func TestL4ClosingRacesAHundredPostingsAndNoneIsLate(t *testing.T) {
	t.Parallel()
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	pool := postgrestest.New(t)
	before, after := 0, 0
	for round := range rounds {
		b := setup(t, pool)
		sold := make([]order.Fact, 100)
		for i := range sold {
			sold[i] = b.sold(fmt.Sprint("o", i), time.Date(2026, 3, 31, 12, 0, i, 0, taipei))
		}
		b.at("2026-04-01 00:00")
		unheard := order.New(pool, b.clock) // the orders are there, and nobody is credited yet
		results, err := unheard.ApplyMany(t.Context(), b.Brand, "test", sold)
		if err != nil {
			t.Fatal(err)
		}
		var orders []order.Order
		b.in(func(tx pgx.Tx) (err error) {
			ids := make([]shop.ID, len(results))
			for i, r := range results {
				ids[i] = r.Order
			}
			orders, err = order.LoadMany(t.Context(), tx, b.Brand, ids)
			return err
		})
		var all sync.WaitGroup
		for i, o := range orders {
			all.Go(func() {
				err := pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
					return b.book.Credit(t.Context(), tx, b.Brand, []order.Order{o}, b.clock())
				})
				if err != nil {
					t.Error(err)
				}
			})
			if i == (round*7)%len(orders) {
				all.Go(func() {
					if err := b.close(march); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		b.invariants("I5")
		dated := b.dated()
		if dated["2026-03"]+dated["2026-04"] != len(orders) {
			t.Fatalf("round %d: %v of %d", round, dated, len(orders))
		}
		before, after = before+dated["2026-03"], after+dated["2026-04"]
	}
	if before == 0 || after == 0 {
		t.Errorf("%d before the closing and %d after it: nothing raced", before, after)
	}
	t.Logf("%d postings before the closing, %d after it", before, after)
}
