package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// decide gives the role of an order to somebody, now.
func (b *bundle) decide(of shop.ID, role plan.Role, to attribution.Beneficiary) shop.ID {
	b.t.Helper()
	now := shop.Millis(b.clock())
	id := shop.NewID(now)
	b.in(func(tx pgx.Tx) error {
		orders, err := order.Lock(b.t.Context(), tx, b.Brand, []shop.ID{of})
		if err != nil {
			return err
		}
		return b.book.Decide(b.t.Context(), tx, b.Brand, orders, []attribution.Decision{{ID: id, Role: role, To: to, Store: b.S2, At: now}}, now)
	})
	return id
}

// sold is an order of 420 by a customer of Amy's: net 400, 12 for the home store, 8 for Amy, 4 for the web team.
func (b *bundle) sold(name string) shop.ID {
	b.t.Helper()
	who := b.customer("+886912345678")
	if _, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		b.t.Fatal(err)
	}
	return b.apply(b.web(name, who, 420)).Order
}

// dated is what a beneficiary's accounts have from the order in a month, in its states together.
func (b *bundle) dated(of shop.ID, to attribution.Beneficiary) string {
	b.t.Helper()
	sums := map[string]int64{}
	var months []string
	b.in(func(tx pgx.Tx) error {
		all, err := ledger.Transfers(b.t.Context(), tx, b.Brand, of)
		for _, t := range all {
			month := t.Month.Format("2006-01")
			if _, known := sums[month]; !known {
				months, sums[month] = append(months, month), 0
			}
			if t.Credit.Holder == to {
				sums[month] += t.Minor
			}
			if t.Debit.Holder == to {
				sums[month] -= t.Minor
			}
		}
		return err
	})
	var out []string
	for _, m := range months {
		if sums[m] != 0 {
			out = append(out, fmt.Sprint(m, " ", sums[m]))
		}
	}
	return strings.Join(out, ", ")
}

func TestADecisionMovesWhatWasEarnedAndWhatComesBackLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy, ben := attribution.StaffOf(b.Amy), attribution.StaffOf(b.Ben)
	b.at("2026-03-01 12:00")
	of := b.sold("o1")
	b.want(amy, 8, 0)
	b.at("2026-03-05 12:00")
	id := b.decide(of, plan.HomeStaff, ben)
	b.want(amy, 0, 0)
	b.want(ben, 8, 0)
	b.want(attribution.StoreOf(b.S1), 12, 0)

	// Credited anew it stays so, and nothing is posted.
	before := b.number(`SELECT count(*) FROM ledger_transfer WHERE brand_id = $1`)
	b.in(func(tx pgx.Tx) error {
		return b.book.BindingChanged(t.Context(), tx, b.Brand, binding.Change{Customer: b.customer("+886912345678"), At: b.clock()}, b.clock())
	})
	if after := b.number(`SELECT count(*) FROM ledger_transfer WHERE brand_id = $1`); after != before {
		t.Errorf("%d transfers became %d", before, after)
	}
	b.at("2026-03-06 12:00")
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", Kind: order.RefundPaid, At: b.clock(), Amount: 210})
	b.want(amy, 0, 0)
	b.want(ben, 4, 0)

	var credits ledger.OrderCredit
	b.in(func(tx pgx.Tx) (err error) {
		credits, err = ledger.CreditsOf(t.Context(), tx, b.Brand, of)
		return err
	})
	if c := credits.Credits[1]; c.To != ben || c.Store != b.S2 || !strings.Contains(string(c.Reason), id.String()) || !strings.Contains(string(c.Reason), b.Amy.String()) {
		t.Errorf("%+v with reason %s", c, c.Reason)
	}
	b.invariants(t)
}

// What is decided in April is an adjustment of April on both sides, whether March is closed or not: nobody has in March what
// another still has there too.
func TestADecisionIsDatedWhenItWasMade(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{true, false} {
		b := setup(t)
		amy, ben := attribution.StaffOf(b.Amy), attribution.StaffOf(b.Ben)
		b.at("2026-03-01 12:00")
		of := b.sold("o1")
		b.at("2026-03-02 12:00")
		b.apply(order.WasFulfilled{Order: "o1", ExternalID: "f1", Kind: order.Ship, At: b.clock()})
		b.at("2026-03-03 12:00")
		b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", Kind: order.RefundPaid, At: b.clock(), Amount: 210})
		b.at("2026-04-02 12:00")
		if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
			t.Fatal(err)
		}
		if closed {
			b.close("2026-03-01")
		}
		b.at("2026-04-06 12:00")
		b.decide(of, plan.HomeStaff, ben)
		if got := b.dated(of, amy); got != "2026-03 4, 2026-04 -4" {
			t.Errorf("closed %t: Amy has %s", closed, got)
		}
		if got := b.dated(of, ben); got != "2026-04 4" {
			t.Errorf("closed %t: Ben has %s", closed, got)
		}
		b.want(amy, 0, 0)
		b.want(ben, 0, 4)
		b.invariants(t)
	}
}

func TestTheApplicationCannotChangeADecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	b.decide(b.sold("o1"), plan.HomeStaff, attribution.StaffOf(b.Ben))
	for _, sql := range []string{`UPDATE order_decision SET role = 'home_store' WHERE brand_id = $1`, `DELETE FROM order_decision WHERE brand_id = $1`} {
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql, b.Brand)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Whatever is told of orders and decided about them, in any sequence: an order gives what it would have given without any
// quarrel, and the book is whole.
func TestDecisionsChangeNoSumOfTheBook(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		quiet, quarrels := newAudience(t, pool), newAudience(t, pool)
		for _, f := range rapid.Permutation(drawStories(rt, 1)).Draw(rt, "sequence") {
			for _, a := range []*audience{quiet, quarrels} {
				oneByOne(rt, a, []teller{f})
			}
			switch rapid.IntRange(0, 3).Draw(rt, "meanwhile") {
			case 0:
				quarrels.quarrel(rt)
			case 1:
				now := quarrels.clock().AddDate(0, 0, 20)
				quiet.vest(rt, now)
				quarrels.vest(rt, now)
			}
		}
		if diff := cmp.Diff(quiet.given(), quarrels.given()); diff != "" {
			rt.Fatalf("it gives something else (-without decisions, +with them):\n%s", diff)
		}
		quarrels.invariants(rt)
	})
}

// quarrel is decided: a role of an order that has come, if any has, is given to somebody.
func (a *audience) quarrel(rt *rapid.T) {
	orders := columnOf[shop.ID](a, `SELECT order_id FROM order_credit WHERE brand_id = $1 ORDER BY order_id`)
	if len(orders) == 0 {
		return
	}
	to := []attribution.Beneficiary{
		attribution.StoreOf(a.S1), attribution.StoreOf(a.S2), attribution.StaffOf(a.Amy), attribution.StaffOf(a.Ben), attribution.PoolOf(a.S1),
	}
	roles := []plan.Role{plan.HomeStore, plan.HomeStaff, plan.SellingStore, plan.OnlineTeam}
	a.decide(rapid.SampledFrom(orders).Draw(rt, "order"), rapid.SampledFrom(roles).Draw(rt, "role"), rapid.SampledFrom(to).Draw(rt, "to"))
}

// given is what the brand gives in each role, and has taken back.
func (a *audience) given() []string {
	return columnOf[string](a, `
SELECT role || ' ' || sum(share_minor) || ' - ' || sum(reversed_minor)
FROM credit
WHERE brand_id = $1
GROUP BY role
ORDER BY role`)
}

func columnOf[T any](a *audience, query string) (all []T) {
	a.t.Helper()
	a.in(func(tx pgx.Tx) (err error) {
		all, err = column[T](a, tx, query)
		return err
	})
	return all
}

// followed keeps of which orders it heard.
type followed struct{ orders []shop.ID }

func (f *followed) OrdersChanged(_ context.Context, _ pgx.Tx, orders []order.Order, _ time.Time) error {
	for _, o := range orders {
		f.orders = append(f.orders, o.ID)
	}
	return nil
}

// Neither is a fact of an order, so nobody else would tell those who add up what orders gave.
func TestWhoFollowsHearsOfDecisionsAndOfWhatALeaverHadPending(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	of := b.sold("o1")
	ear := &followed{}
	b.book.Followed(ear)
	b.at("2026-03-05 12:00")
	b.decide(of, plan.HomeStaff, attribution.StaffOf(b.Ben))
	if !slices.Equal(ear.orders, []shop.ID{of}) {
		t.Errorf("of the decision %v heard", ear.orders)
	}
	b.in(func(tx pgx.Tx) error { return b.book.StaffLeft(t.Context(), tx, b.Brand, b.Ben, b.clock()) })
	if !slices.Equal(ear.orders, []shop.ID{of, of}) {
		t.Errorf("of who left %v heard", ear.orders)
	}
}
