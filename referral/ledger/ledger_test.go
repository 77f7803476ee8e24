package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/scan"
)

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// bundle is a brand with a plan: home store 3 %, home staff 2 %, web 1 %, till store 2 %.
type bundle struct {
	postgrestest.Fixture
	t        testing.TB
	pool     *postgres.Pool
	orders   *order.Service
	bindings *binding.Service
	book     *ledger.Ledger
	now      time.Time
	mu       sync.Mutex
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) at(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, taipei)
	if err != nil {
		b.t.Fatal(err)
	}
	b.is(at.UTC())
	return at.UTC()
}

func (b *bundle) is(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = now
}

func setup(t testing.TB) *bundle {
	t.Helper()
	return setupIn(t, postgrestest.New(t))
}

// setupIn makes the bundle's brand in a database that others use too.
func setupIn(t testing.TB, pool *postgres.Pool) *bundle {
	t.Helper()
	b := setupPlanless(t, pool)
	b.plans()
	return b
}

func setupPlanless(t testing.TB, pool *postgres.Pool) *bundle {
	t.Helper()
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool}
	b.at("2026-01-01 00:00")
	scans := scan.New(scan.Parts{Pool: pool, Now: b.clock})
	b.book = ledger.New(pool, scans)
	b.orders = order.New(pool, b.clock, b.book)
	b.bindings = binding.New(pool, b.clock, scans, b.book)
	return b
}

// plans adds the bundle's plan.
func (b *bundle) plans() {
	b.t.Helper()
	var p plan.Plan
	rules := `{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200},
		{"role": "selling_store", "rate_bp": 200}, {"role": "online_team", "rate_bp": 100}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		b.t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(b.t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) customer(phone string) shop.ID {
	var id shop.ID
	b.in(func(tx pgx.Tx) (err error) {
		id, err = customer.Resolve(b.t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.Phone, Value: phone}}, b.clock())
		return err
	})
	return id
}

func (b *bundle) in(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Brand(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) apply(f order.Fact) order.Result {
	b.t.Helper()
	r, err := b.orders.Apply(b.t.Context(), b.Brand, "test", f)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bundle) web(name string, who shop.ID, price int64) order.WasPlaced {
	return order.WasPlaced{Order: name, PlacedAt: b.clock(), Customer: who, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: price, TaxIncluded: true}}}
}

func (b *bundle) balance(to attribution.Beneficiary) map[ledger.AccountKind]int64 {
	b.t.Helper()
	var out map[ledger.AccountKind]int64
	b.in(func(tx pgx.Tx) (err error) {
		out, err = ledger.Balances(b.t.Context(), tx, b.Brand, to, "TWD")
		return err
	})
	return out
}

func (b *bundle) want(to attribution.Beneficiary, pending, payable int64) {
	b.t.Helper()
	got := b.balance(to)
	if got[ledger.Pending] != pending || got[ledger.Payable] != payable {
		b.t.Errorf("%s has %v, want pending %d, payable %d", to, got, pending, payable)
	}
}

func TestOrderIsCreditedOnceWhateverComesAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer("+886912345678")
	b.at("2026-03-01 10:00")
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-01 21:00")
	placed := b.web("o1", who, 21000)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() { b.apply(placed) })
	}
	all.Wait()
	b.want(attribution.StoreOf(b.S1), 600, 0)
	b.want(attribution.StaffOf(b.Amy), 400, 0)
	b.want(attribution.StoreOf(b.Web), 200, 0)
}

func TestEveryCreditSaysWhy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 21:00")
	r := b.apply(b.web("o1", shop.ID{}, 21000))
	b.in(func(tx pgx.Tx) error {
		oc, err := ledger.CreditsOf(t.Context(), tx, b.Brand, r.Order)
		if err != nil {
			return err
		}
		var why struct {
			Base    string
			Grounds []struct {
				Rule   int
				RateBP int `json:"rate_bp"`
			}
		}
		if len(oc.Credits) != 1 || oc.Credits[0].Minor != 200 || json.Unmarshal(oc.Credits[0].Reason, &why) != nil ||
			why.Base != "20000" || why.Grounds[0].Rule != 4 || why.Grounds[0].RateBP != 100 {
			t.Errorf("got %+v, reason %s", oc, oc.Credits[0].Reason)
		}
		return nil
	})
}

func TestRefundIsTakenFromWhereTheMoneyIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	placed := b.at("2026-03-01 12:00")
	o := b.web("o1", shop.ID{}, 21000)
	o.Lines[0].Quantity, o.Lines[0].UnitPrice = 2, 10500
	b.apply(o)
	b.apply(order.WasFulfilled{Order: "o1", ExternalID: "f1", Kind: order.Ship, At: placed})
	b.at("2026-03-02 12:00")
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
	b.want(attribution.StoreOf(b.Web), 100, 0)

	b.at("2026-03-15 23:59")
	if n, err := b.book.Vest(t.Context(), b.Brand, b.clock()); n != 0 || err != nil {
		t.Errorf("the day before it was due %d orders vested, %v", n, err)
	}
	b.at("2026-03-16 00:00")
	for i, want := range []int{1, 0} {
		if n, err := b.book.Vest(t.Context(), b.Brand, b.clock()); n != want || err != nil {
			t.Errorf("run %d vested %d orders, %v, want %d", i+1, n, err, want)
		}
	}
	b.want(attribution.StoreOf(b.Web), 0, 100)
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r2", At: b.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
	b.want(attribution.StoreOf(b.Web), 0, 0)
}

func TestTestOrdersAndCancelledOnesEarnNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	o := b.web("o1", shop.ID{}, 21000)
	o.State = order.Test
	b.apply(o)
	b.apply(b.web("o2", shop.ID{}, 21000))
	b.apply(order.WasCancelled{Order: "o2", At: b.clock()})
	b.want(attribution.StoreOf(b.Web), 0, 0)
}

// L1, I1, I4, I8: after any sequence of orders, refunds, edits, cancellations and bindings, each delivered up to three times, every
// account's roll-up is the sum of its transfers, all accounts sum to zero, no transfer gives back more than it gave, and the
// book says of every order what its credits say. These are 100 sequences; the 400 of W3 end with the same look.
func TestL1BookKeepsItsInvariantsThroughAnySequence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer("+886912345678")
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		at := b.at("2026-03-01 12:00")
		name := func(i int) string { return fmt.Sprintf("run%d-o%d", runs, i) }
		var facts []order.Fact
		for i := range rapid.IntRange(1, 3).Draw(rt, "orders") {
			o := b.web(name(i), who, rapid.Int64Range(1, 99999).Draw(rt, "price"))
			o.Lines[0].Quantity = rapid.Int64Range(1, 4).Draw(rt, "pieces")
			facts = append(facts, o)
			if rapid.Bool().Draw(rt, "shipped") {
				facts = append(facts, order.WasFulfilled{Order: name(i), ExternalID: name(i), Kind: order.Ship, At: at})
			}
			for j := range rapid.IntRange(0, 2).Draw(rt, "refunds") {
				facts = append(facts, order.WasRefunded{Order: name(i), ExternalID: fmt.Sprintf("%s-r%d", name(i), j), At: at.Add(time.Hour),
					Lines: []order.RefundedLine{{Line: "1", Quantity: rapid.Int64Range(1, 3).Draw(rt, "back")}}})
			}
			if rapid.Bool().Draw(rt, "edited") {
				facts = append(facts, order.WasEdited{Order: name(i), Version: 2, At: at.Add(time.Minute), Lines: b.web("", who, rapid.Int64Range(1, 99999).Draw(rt, "new price")).Lines})
			}
			if rapid.IntRange(0, 4).Draw(rt, "cancel") == 0 {
				facts = append(facts, order.WasCancelled{Order: name(i), At: at.Add(2 * time.Hour)})
			}
		}
		var deliveries []order.Fact
		for _, f := range facts {
			for range rapid.IntRange(1, 3).Draw(rt, "times") {
				deliveries = append(deliveries, f)
			}
		}
		b.at("2026-03-01 16:00")
		for _, f := range rapid.Permutation(deliveries).Draw(rt, "sequence") {
			b.apply(f)
		}
		if rapid.Bool().Draw(rt, "time passes") {
			b.at("2026-04-20 00:00")
			if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
				rt.Fatal(err)
			}
		}
		b.invariants(rt)
	})
}

func (b *bundle) invariants(t interface{ Errorf(string, ...any) }) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		broken, err := ledger.Violations(b.t.Context(), tx, b.Brand)
		for _, violation := range broken {
			t.Errorf("%v", violation)
		}
		return errors.Join(err, b.retraced(t, tx))
	})
}

// retraced works every order's credits out again from its trace alone.
func (b *bundle) retraced(t interface{ Errorf(string, ...any) }, tx pgx.Tx) error {
	rows, err := tx.Query(b.t.Context(), `SELECT order_id FROM order_credit WHERE brand_id = $1`, b.Brand)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[shop.ID])
	for _, id := range ids {
		oc, err := ledger.CreditsOf(b.t.Context(), tx, b.Brand, id)
		if err != nil {
			return err
		}
		if err := oc.Retrace(); err != nil {
			t.Errorf("%v", err)
		}
	}
	return err
}

// What the checks are for: each sees the change that somebody with the right to change rows makes behind the program.
func TestInvariantsNoticeWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, statement string }{
		{sumsToZero, `UPDATE account_day SET credit_minor = credit_minor + 1 WHERE credit_minor > 0`},
		{takenOnce, `UPDATE ledger_transfer SET amount_minor = amount_minor + 1000 WHERE kind = 'refund'`},
		{takenOnce, `UPDATE ledger_transfer SET reverses_id = NULL WHERE kind = 'refund'`},
		{asCredited, `UPDATE credit SET share_minor = share_minor + 1`},
		{asPosted, `UPDATE account_day SET credit_minor = credit_minor + 1, debit_minor = debit_minor + 1 + slot`},
		{notBelowZero, `UPDATE account_day SET debit_minor = debit_minor + 100000`},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.at("2026-03-01 12:00")
			o := b.web("o1", shop.ID{}, 21000)
			o.Lines[0].Quantity = 2
			b.apply(o)
			b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
			b.invariants(t)
			ownerURL, _ := postgrestest.DSNs(t)
			owner, err := pgx.Connect(t.Context(), ownerURL)
			if err != nil {
				t.Fatal(err)
			}
			defer owner.Close(t.Context())
			if tag, err := owner.Exec(t.Context(), tt.statement); err != nil || tag.RowsAffected() == 0 {
				t.Fatalf("changed %d rows, %v", tag.RowsAffected(), err)
			}
			b.in(func(tx pgx.Tx) error {
				for _, rule := range ledger.Invariants {
					broken, err := rule.Breaks(t.Context(), tx, b.Brand)
					if err != nil {
						return err
					}
					if rule.Rule == tt.rule && len(broken) > 0 {
						return nil
					}
				}
				t.Error("nobody noticed")
				return nil
			})
		})
	}
}
