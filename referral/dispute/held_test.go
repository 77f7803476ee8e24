package dispute_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// signedIn lets somebody sign in with an app on a phone.
func (b *bundle) signedIn(subject string, who shop.ID, phone string) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
INSERT INTO sign_in_session (brand_id, id, subject, subject_id, method, device_hash, generation, rotated_at, expires_at, created_at)
VALUES ($1, $2, $3, $4, 'token', $5, 1, $6, $6, $6)`, b.Brand, shop.NewID(b.clock()), subject, who, []byte(phone), b.clock())
		return err
	})
}

// receives is an order that was bought and received.
func (b *bundle) receives(name string, who shop.ID) shop.ID {
	b.t.Helper()
	id := b.buys(name, who)
	b.apply(order.WasFulfilled{Order: name, ExternalID: "f-" + name, Kind: order.Ship, At: b.clock()})
	return id
}

func (b *bundle) vest() (n int) {
	b.t.Helper()
	n, err := b.book.Vest(b.t.Context(), b.Brand, b.clock())
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bundle) balances(to attribution.Beneficiary) (balances map[ledger.AccountKind]int64) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) (err error) {
		balances, err = ledger.Balances(b.t.Context(), tx, b.Brand, to, "TWD")
		return err
	})
	return balances
}

func (b *bundle) held(actor shop.Actor, q dispute.HeldQuery) []ledger.Hold {
	b.t.Helper()
	holds, _, err := b.HeldOrders(b.t.Context(), actor, q, shop.Page{Limit: 100})
	if err != nil {
		b.t.Fatal(err)
	}
	return holds
}

// agrees works everything out once more in plain SQL.
func (b *bundle) agrees(orders ...shop.ID) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		c, err := ledger.Compare(b.t.Context(), tx, b.Brand, orders, b.clock())
		if len(c.Differences) > 0 {
			b.t.Errorf("the facts make other figures of it: %v", c.Differences)
		}
		return err
	})
}

// Amy buys on the account of a friend whom she has won, which is on her own phone. Nothing of it is paid by itself; a manager who does
// not gain from it decides, with a reason.
func TestAbuse06AnOrderOnAFriendsAccountIsNeverPaidByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := attribution.StaffOf(b.Amy)
	friend, other := b.hers(), b.hers()
	b.signedIn("staff", b.Amy, "amy's phone")
	b.signedIn("customer", friend, "amy's phone")
	b.signedIn("customer", other, "her own phone")
	b.at("2026-03-02 12:00")
	first, second, honest := b.receives("o1", friend), b.receives("o2", friend), b.receives("o3", other)
	b.at("2026-03-17 00:00")
	for i, want := range []int{1, 0} {
		if n := b.vest(); n != want {
			t.Errorf("run %d made %d orders payable, want %d", i+1, n, want)
		}
	}
	if has := b.balances(amy); has[ledger.Pending] != 16 || has[ledger.Payable] != 8 {
		t.Errorf("Amy has %v", has)
	}
	holds := b.held(b.mia, dispute.HeldQuery{State: binding.HoldOpen})
	if len(holds) != 2 || fmt.Sprint(holds[0].Signs) != "[{own_app 100 0 0}]" || len(b.held(b.kim, dispute.HeldQuery{})) != 0 || len(b.held(b.hq, dispute.HeldQuery{Store: b.S1})) != 2 {
		t.Fatalf("held: %+v", holds)
	}
	mia2 := b.mia
	mia2.ID = b.Amy // Amy runs the shop
	for why, tc := range map[string]struct {
		actor shop.Actor
		id    shop.ID
		why   string
		want  *shop.Refusal
	}{
		"by who gains":            {mia2, first, "fine", shop.ErrOwnApproval},
		"by another shop's":       {b.kim, first, "fine", binding.ErrHoldUnknown},
		"by staff":                {b.ben, first, "fine", shop.ErrForbidden},
		"without a reason":        {b.mia, first, " ", binding.ErrHoldReason},
		"of one that is not held": {b.mia, honest, "fine", binding.ErrHoldUnknown},
	} {
		_, err := b.ReleaseOrder(t.Context(), tc.actor, tc.id, tc.why)
		refused(t, why, err, tc.want)
	}
	if _, err := b.ReleaseOrder(t.Context(), b.mia, first, "her sister, I know her"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.RefuseOrder(t.Context(), b.hq, second, "her own purchase"); err != nil {
		t.Fatal(err)
	}
	_, err := b.RefuseOrder(t.Context(), b.hq, first, "after all")
	refused(t, "once more", err, binding.ErrHoldDecided)
	b.vest()
	for range 2 { // as it was decided, and when it is told once more
		if has := b.balances(amy); has[ledger.Pending] != 0 || has[ledger.Payable] != 16 {
			t.Errorf("Amy has %v", has)
		}
		if has := b.balances(attribution.StoreOf(b.S1)); has[ledger.Pending] != 0 || has[ledger.Payable] != 24 {
			t.Errorf("her store has %v", has)
		}
		b.apply(order.WasPaid{Order: "o2", At: b.clock()})
		b.vest()
	}
	b.in(func(tx pgx.Tx) error {
		oc, err := ledger.CreditsOf(t.Context(), tx, b.Brand, second)
		if oc.Reason != string(attribution.HoldRefused) || len(oc.Credits) != 0 {
			t.Errorf("the refused one: %q %+v", oc.Reason, oc.Credits)
		}
		return err
	})
	b.agrees(first, second, honest)
	b.bookIsWhole(t)
}

// What a manager has said of the two of them as customer and seller holds for what she buys too.
func TestAClaimThatLookedWrongFollowsItsOrders(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]int{"open": 0, "refused": 0, "released": 1} {
		b := setup(t)
		who := b.hers()
		b.in(func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `
INSERT INTO binding_hold (brand_id, id, customer_id, claim_no, store_id, staff_id, source, waits_for, signs, opened_at, state, decided_at, decided_by, why)
SELECT $1, $2, $3, 1, $4, $5, 'till', 'manager', '[{"sign": "own_contact", "score": 100}]', $6::timestamptz, $7::text,
  CASE WHEN $7 <> 'open' THEN $6 END, CASE WHEN $7 <> 'open' THEN 'hq' END, CASE WHEN $7 <> 'open' THEN 'seen' END`,
				b.Brand, shop.NewID(b.clock()), who, b.S1, b.Amy, b.clock(), state)
			return err
		})
		b.at("2026-03-02 12:00")
		b.receives("o1", who)
		b.at("2026-03-17 00:00")
		if n := b.vest(); n != want {
			t.Errorf("%s: %d orders became payable", state, n)
		}
	}
}

// One purchase of a day in five orders passes five times under the cap of an order. Where the brand looks at the day's total, all of
// them are held; a single one, and those of another day, are not.
func TestAbuse20SplitOrdersAreHeldByTheTotalOfTheDay(t *testing.T) {
	t.Parallel()
	for score, want := range map[int]int{0: 8, 100: 3} {
		b := setup(t)
		b.capped(14)
		b.splitScore(score)
		splits, other := b.hers(), b.hers()
		b.at("2026-03-02 12:00")
		for i := range 5 {
			b.receives(fmt.Sprint("part-", i), splits)
		}
		b.receives("whole", other)
		b.at("2026-03-03 12:00")
		b.receives("next day", splits)
		b.receives("and hers", other)
		b.at("2026-03-18 00:00")
		if n := b.vest(); n != want {
			t.Errorf("score %d: %d orders became payable, want %d", score, n, want)
		}
		holds := b.held(b.hq, dispute.HeldQuery{})
		if len(holds) != 8-want || len(holds) > 0 && fmt.Sprint(holds[0].Signs) != "[{split_orders 100 70 14}]" {
			t.Errorf("score %d: %+v", score, holds)
		}
	}
}

// capped puts a plan in force by which no order earns more than so much.
func (b *bundle) capped(minor int64) {
	b.t.Helper()
	var p plan.Plan
	rules := fmt.Sprintf(`{"version": 2, "first_day": "2026-02-02", "order_cap_minor": %d, "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}]}`, minor)
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		b.t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(b.t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) splitScore(score int) {
	b.t.Helper()
	people, err := team.New(b.pool, b.clock, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err == nil {
		p := team.DefaultPolicy()
		p.Guard.Scores.SplitOrders = score
		_, err = people.SetPolicy(b.t.Context(), shop.System(b.Brand), p, b.clock())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestSixteenWhoDecideAboutAHeldOrderDecideOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.hers()
	b.signedIn("staff", b.Amy, "amy's phone")
	b.signedIn("customer", who, "amy's phone")
	b.at("2026-03-02 12:00")
	id := b.receives("o1", who)
	b.at("2026-03-17 00:00")
	b.vest()
	var all sync.WaitGroup
	var mu sync.Mutex
	decided := 0
	for i := range 16 {
		all.Go(func() {
			act := b.ReleaseOrder
			if i%2 == 0 {
				act = b.RefuseOrder
			}
			if _, err := act(t.Context(), b.hq, id, "seen"); err == nil {
				mu.Lock()
				decided++
				mu.Unlock()
			} else {
				refused(t, "another", err, binding.ErrHoldDecided)
			}
		})
	}
	all.Wait()
	b.vest()
	if decided != 1 {
		t.Errorf("decided %d times", decided)
	}
	b.agrees(id)
	b.bookIsWhole(t)
}
