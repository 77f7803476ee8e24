package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// setupCapped is a brand whose plan gives at most 500 of an order, all of it to home store and staff, and that looks at what a day's
// orders give together.
func setupCapped(t *testing.T, guard team.Guard) *bundle {
	t.Helper()
	b := setup(t)
	var p plan.Plan
	rules := `{"version": 2, "first_day": "2026-02-01", "order_cap_minor": 500, "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	teams, err := team.New(b.pool, b.clock, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	policy := team.DefaultPolicy()
	policy.Guard = guard
	if _, err := teams.SetPolicy(t.Context(), shop.System(b.Brand), policy, b.clock()); err != nil {
		t.Fatal(err)
	}
	return b
}

// won is a customer of somebody's.
func (b *bundle) won(phone string, store, staff shop.ID) shop.ID {
	b.t.Helper()
	who := b.customer(phone)
	if _, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: store, Staff: staff, Source: binding.FromTill}); err != nil {
		b.t.Fatal(err)
	}
	return who
}

// received is an order that is due a fortnight later.
func (b *bundle) received(name string, who shop.ID, price int64) shop.ID {
	b.t.Helper()
	id := b.apply(b.web(name, who, price)).Order
	b.apply(order.WasFulfilled{Order: name, ExternalID: "f-" + name, Kind: order.Ship, At: b.clock()})
	return id
}

func (b *bundle) holds(stores []shop.ID, state binding.HoldState) (holds []ledger.Hold) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) (err error) {
		holds, _, err = ledger.Holds(b.t.Context(), tx, b.Brand, stores, state, shop.Page{Limit: 10})
		return err
	})
	return holds
}

// Two orders of a day that give 1,000 together, where one may give 500, are held. What gives 500 is not, in one order or in two, and
// neither is what nobody of the brand gains from.
func TestOrdersOfADayThatGiveMoreThanOneMayAreHeldUntilSomebodyDecides(t *testing.T) {
	t.Parallel()
	guard := team.DefaultPolicy().Guard
	guard.Scores.SplitOrders = guard.HoldAt
	b := setupCapped(t, guard)
	amy := attribution.StaffOf(b.Amy)
	b.at("2026-02-03 10:00")
	splits, halves, one := b.won("+886912345601", b.S1, b.Amy), b.won("+886912345602", b.S1, b.Amy), b.won("+886912345603", b.S2, b.Ben)
	b.at("2026-03-01 12:00")
	first, second := b.received("a", splits, 10500), b.received("b", splits, 10500)
	b.received("c", halves, 5250)
	b.received("d", halves, 5250)
	b.received("e", one, 31500)
	b.apply(b.web("f", b.customer("+886912345604"), 10500)) // nobody's
	now := b.at("2026-03-16 00:00")
	for run, want := range []int{3, 0} {
		if n, err := b.book.Vest(t.Context(), b.Brand, now); err != nil || n != want {
			t.Errorf("run %d: %d orders became payable, want %d: %v", run, n, want, err)
		}
	}
	b.want(amy, 400, 200)
	b.want(attribution.StaffOf(b.Ben), 0, 200)
	holds := b.holds(nil, binding.HoldOpen)
	if len(holds) != 2 || fmt.Sprint(holds[0].Signs) != fmt.Sprintf("[{split_orders %d 1000 500}]", guard.HoldAt) || fmt.Sprint(holds[0].Staff, holds[0].Stores) != fmt.Sprint([]shop.ID{b.Amy}, []shop.ID{b.S1}) {
		t.Fatalf("held: %+v", holds)
	}
	if n, m, k := len(b.holds([]shop.ID{b.S1}, "")), len(b.holds([]shop.ID{b.S2}, "")), len(b.holds(nil, binding.HoldReleased)); n != 2 || m != 0 || k != 0 {
		t.Errorf("%d are her store's, %d another's, %d released", n, m, k)
	}
	b.in(func(tx pgx.Tx) error {
		one, next, err := ledger.Holds(t.Context(), tx, b.Brand, nil, "", shop.Page{Limit: 1})
		if len(one) != 1 || next == "" {
			t.Errorf("the first page has %d, and the next begins at %q", len(one), next)
		}
		return err
	})

	for id, state := range map[shop.ID]binding.HoldState{first: binding.HoldReleased, second: binding.HoldRefused} {
		b.in(func(tx pgx.Tx) error {
			h, err := ledger.HoldOf(t.Context(), tx, b.Brand, id)
			if h.State != binding.HoldOpen {
				t.Errorf("%+v", h)
			}
			h.State, h.DecidedAt, h.DecidedBy, h.Why = state, now, "hq", "seen"
			return errors.Join(err, b.book.DecideHold(t.Context(), tx, b.Brand, h))
		})
	}
	b.want(amy, 200, 200)
	if _, err := b.book.Vest(t.Context(), b.Brand, now); err != nil {
		t.Fatal(err)
	}
	b.want(amy, 0, 400)
	b.in(func(tx pgx.Tx) error {
		h, err := ledger.HoldOf(t.Context(), tx, b.Brand, first)
		if err := b.book.DecideHold(t.Context(), tx, b.Brand, h); !errors.Is(err, binding.ErrHoldDecided) {
			t.Errorf("decided twice: %v", err)
		}
		if _, err := ledger.HoldOf(t.Context(), tx, b.Brand, b.S1); !errors.Is(err, binding.ErrHoldUnknown) {
			t.Errorf("held, what is no order: %v", err)
		}
		return err
	})
	b.invariants(t)
	b.comparison(t)
}

func TestABrandThatHoldsNothingOrMindsNotSoMuchPaysAll(t *testing.T) {
	t.Parallel()
	off, mild := team.DefaultPolicy().Guard, team.DefaultPolicy().Guard
	off.HoldAt, off.Scores.SplitOrders = 0, 100
	mild.Scores.SplitOrders = mild.HoldAt - 1
	for _, guard := range []team.Guard{off, mild} {
		b := setupCapped(t, guard)
		b.at("2026-02-03 10:00")
		who := b.won("+886912345601", b.S1, b.Amy)
		b.at("2026-03-01 12:00")
		b.received("a", who, 10500)
		b.received("b", who, 10500)
		if n, err := b.book.Vest(t.Context(), b.Brand, b.at("2026-03-16 00:00")); err != nil || n != 2 || len(b.holds(nil, "")) != 0 {
			t.Errorf("%+v: %d became payable: %v", guard, n, err)
		}
	}
}

// What is held of a page does not end the run before the next.
func TestHeldOrdersDoNotKeepTheNextPageWaiting(t *testing.T) {
	t.Parallel()
	guard := team.DefaultPolicy().Guard
	guard.Scores.SplitOrders = guard.HoldAt
	b := setupCapped(t, guard)
	b.at("2026-02-03 10:00")
	who := b.won("+886912345601", b.S1, b.Amy)
	b.at("2026-03-01 12:00")
	b.received("a", who, 10500)
	b.received("b", who, 10500)
	b.at("2026-03-01 12:01")
	sold := make([]order.Fact, 199)
	for i := range sold {
		o := b.web(fmt.Sprint("o", i), shop.ID{}, 2100)
		o.Channel, o.Store = order.Till, b.S1
		sold[i] = o
	}
	b.applyTogether(sold...)
	if n, err := b.book.Vest(t.Context(), b.Brand, b.at("2026-03-16 00:00")); err != nil || n != 199 || len(b.holds(nil, binding.HoldOpen)) != 2 {
		t.Errorf("%d became payable: %v", n, err)
	}
}
