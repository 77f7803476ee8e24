package ledger_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Somebody rebinds a customer just before or just after she pays. Before is a decision that somebody entitled makes and signs
// with a reason; after changes nothing of the order; and nobody can say that it happened earlier than it did.
func TestAbuse08RebindingAroundCheckoutEarnsNothingOfTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer("+886912345678")
	ben := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Ben, Stores: []shop.ID{b.S2}}
	boss := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Ben, Stores: []shop.ID{b.S2}}
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ}
	b.at("2026-03-01 10:00")
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		t.Fatal(err)
	}
	refused := func(why string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", why, err, want)
		}
	}
	tries := func(when string) {
		t.Helper()
		_, err := b.bindings.Claim(t.Context(), ben, binding.Attempt{Customer: who, Store: b.S2, Staff: b.Ben, Source: binding.FromTill})
		refused(when+" at the till", err, binding.ErrAlreadyBound)
		_, err = b.bindings.Transfer(t.Context(), boss, binding.Transfer{Customers: []shop.ID{who}, Store: b.S2, Staff: b.Ben, Reason: "mine"})
		refused(when+" by the other store's manager", err, customer.ErrUnknown)
		_, err = b.bindings.StaffLeaves(t.Context(), boss, binding.Departure{
			Staff: b.Amy, Heirs: []binding.Heir{{Person: binding.Named, Staff: b.Ben}}, Terms: binding.Terms{At: b.clock().AddDate(0, 0, -1)},
		})
		refused(when+" by saying that she has left", err, shop.ErrForbidden)
	}
	b.at("2026-03-05 11:59")
	tries("just before")
	b.at("2026-03-05 12:00")
	placed := b.web("o1", who, 21000)
	b.apply(placed)
	b.at("2026-03-05 12:01")
	tries("just after")
	if _, err := b.bindings.Transfer(t.Context(), hq, binding.Transfer{Customers: []shop.ID{who}, Store: b.S2, Staff: b.Ben, Reason: "moved house"}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as it stands, and when the same order is told once more
		b.want(attribution.StoreOf(b.S1), 600, 0)
		b.want(attribution.StaffOf(b.Amy), 400, 0)
		b.want(attribution.StoreOf(b.S2), 0, 0)
		b.want(attribution.StaffOf(b.Ben), 0, 0)
		b.apply(placed)
	}
	b.at("2026-03-05 12:02")
	b.apply(b.web("o2", who, 21000))
	b.want(attribution.StoreOf(b.S2), 600, 0) // from the transfer on, and not before
}

// A leaving that is heard of late is about the instant at which she left: what was bought since is credited anew and the difference
// posted, what was bought before stays.
func TestLateNewsOfALeavingCreditsAnewOnlyWhatCameAfterIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer("+886912345678")
	b.at("2026-03-01 10:00")
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-05 12:00")
	b.apply(b.web("o1", who, 21000))
	left := b.at("2026-03-05 18:00")
	b.at("2026-03-06 12:00")
	b.apply(b.web("o2", who, 42000))
	b.at("2026-03-09 09:00")
	if _, err := b.bindings.StaffLeaves(t.Context(), shop.System(b.Brand), binding.Departure{Staff: b.Amy, Terms: binding.Terms{At: left}}); err != nil {
		t.Fatal(err)
	}
	b.want(attribution.StaffOf(b.Amy), 1200, 0) // until the work is done
	for range 2 {
		if err := b.bindings.Follow(t.Context(), b.Brand); err != nil {
			t.Fatal(err)
		}
		b.want(attribution.StaffOf(b.Amy), 400, 0)
		b.want(attribution.PoolOf(b.S1), 800, 0)
		b.want(attribution.StoreOf(b.S1), 1800, 0)
		b.at("2026-03-09 10:00")
	}
	if _, err := b.bindings.StaffLeaves(t.Context(), shop.System(b.Brand), binding.Departure{Staff: b.Amy}); !errors.Is(err, team.ErrStaffLeft) {
		t.Errorf("she leaves twice: %v", err)
	}
}

// What she had pending when she left is the pool's by such a plan, also where that has become payable by the time at which it is heard.
func TestLateNewsOfALeavingGivesThePoolWhatHasBecomePayableSince(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var p plan.Plan
	rules := `{"version": 2, "first_day": "2026-02-02", "hold_days": 7, "leaver": "pool", "rules": [{"role": "selling_staff", "rate_bp": 200}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	b.at("2026-02-01 10:00")
	if _, err := plan.New(b.pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	till := func(name, at string, price int64) {
		f := b.web(name, shop.ID{}, price)
		f.PlacedAt, f.Channel, f.Store, f.Staff = b.at(at), order.Till, b.S1, b.Amy
		b.apply(f)
	}
	till("payable", "2026-03-01 12:00", 21000)
	till("pending", "2026-03-04 12:00", 42000)
	left := b.at("2026-03-09 18:00")
	b.at("2026-03-13 09:00")
	if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
		t.Fatal(err)
	}
	b.want(attribution.StaffOf(b.Amy), 0, 1200)
	if _, err := b.bindings.StaffLeaves(t.Context(), shop.System(b.Brand), binding.Departure{Staff: b.Amy, Terms: binding.Terms{At: left}}); err != nil {
		t.Fatal(err)
	}
	if err := b.bindings.Follow(t.Context(), b.Brand); err != nil {
		t.Fatal(err)
	}
	b.want(attribution.StaffOf(b.Amy), 0, 400)
	b.want(attribution.PoolOf(b.S1), 0, 800)
	b.invariants(t)
	b.comparison(t)
}

// Somebody who works for the brand buys as a customer of her own: the order is kept and nobody earns from it, whether she is known
// by her membership, by the number that leads to it, or by her e-mail address alone.
func TestAbuse05WhoBuysFromHerselfEarnsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE staff SET email = 'amy@clearday.example' WHERE brand_id = $1 AND id = $2`, b.Brand, b.Amy)
		return err
	})
	member := b.customer("+886912345678")
	b.in(func(tx pgx.Tx) error {
		return customer.MarkStaff(t.Context(), tx, shop.System(b.Brand), member, b.Amy, b.clock())
	})
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: member, Store: b.S1, Staff: b.Amy, Source: binding.FromTill}); !errors.Is(err, binding.ErrSelfReferral) {
		t.Errorf("she wins herself: %v", err)
	}
	for _, tc := range []struct {
		why    string
		her    []customer.Identity
		placed string
		reason attribution.Reason
	}{
		{"her telephone number", []customer.Identity{{Kind: customer.Phone, Value: "+886912345678", Verified: true}}, "2026-03-02 12:00", attribution.SelfPurchase},
		{"her e-mail address, as a guest", []customer.Identity{{Kind: customer.Email, Value: "amy@clearday.example"}}, "2026-03-02 12:01", attribution.SelfPurchase},
		{"a friend's account, with her card", []customer.Identity{{Kind: customer.Email, Value: "friend@example.com"}}, "2026-03-02 12:03", attribution.SelfPurchase},
		{"somebody else", []customer.Identity{{Kind: customer.Email, Value: "lin@example.com"}}, "2026-03-02 12:04", ""},
	} {
		b.at(tc.placed)
		order := b.web(tc.why, shop.ID{}, 21000)
		if order.Identities = tc.her; tc.reason != "" {
			order.Payment = "card 1 of the shop's"
		}
		placed := b.apply(order)
		b.in(func(tx pgx.Tx) error {
			credits, err := ledger.CreditsOf(t.Context(), tx, b.Brand, placed.Order)
			if credits.Reason != string(tc.reason) || tc.reason != "" && len(credits.Credits) > 0 {
				t.Errorf("%s: %q %+v", tc.why, credits.Reason, credits.Credits)
			}
			return err
		})
	}
}

// The same when her own order is heard of after the other one: it was placed before.
func TestAbuse05WhoPaysForAFriendEarnsNothingAlsoWhenHerOwnOrderComesLate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	her := b.customer("+886912345678")
	b.in(func(tx pgx.Tx) error {
		return customer.MarkStaff(t.Context(), tx, shop.System(b.Brand), her, b.Amy, b.clock())
	})
	own := b.web("own", her, 21000)
	b.at("2026-03-02 10:00")
	friends := b.web("friend's", b.customer("+886912345679"), 21000)
	own.Payment, friends.Payment = "card 1", "card 1"
	b.apply(friends)
	b.want(attribution.StoreOf(b.Web), 200, 0)
	b.apply(own)
	b.want(attribution.StoreOf(b.Web), 0, 0)
	b.comparison(t)
}

// The same sale comes by webhook, in a file and from the till's own queue, under the name that the selling system gave it; and once
// more at another price. It is one order, and only a higher version of it is heard.
func TestAbuse22And23TheSameSaleIsOneOrderAndAReplayAtAnotherPriceIsNotHeard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer("+886912345678")
	b.at("2026-03-01 10:00")
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-05 12:00")
	placed := b.web("o1", who, 21000)
	first := b.apply(placed)
	b.at("2026-03-06 09:00")
	for _, again := range b.applyTogether(placed, placed) { // a file with the sale in it twice
		if again.Order != first.Order {
			t.Errorf("another order: %+v", again)
		}
	}
	dearer := b.web("o1", who, 210000)
	dearer.PlacedAt = placed.PlacedAt
	b.apply(dearer)
	b.want(attribution.StoreOf(b.S1), 600, 0)
	b.want(attribution.StaffOf(b.Amy), 400, 0)
	dearer.Version, dearer.At = 2, b.clock()
	b.apply(dearer)
	b.apply(placed)
	b.want(attribution.StoreOf(b.S1), 6000, 0)
	if orders := b.number(`SELECT count(*) FROM sales_order WHERE brand_id = $1`); orders != 1 {
		t.Errorf("%d orders", orders)
	}
	b.invariants(t)
}

// The web shop, the books and the till each call one sale by a name of their own; they agree on the number of its invoice. Whoever
// comes first, it is one order, credited once, and goes back once.
func TestAbuse22ThreeNamesOfOneSaleAreOneOrder(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"shopify", "file:books", "api:till"} {
		b := setup(t)
		who := b.customer("+886912345678")
		b.at("2026-03-01 10:00")
		if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
			t.Fatal(err)
		}
		b.at("2026-03-05 12:00")
		sales := map[string]order.WasPlaced{}
		for source, sale := range map[string]struct{ name, invoice string }{"shopify": {"5012", "ab-12345678"}, "file:books": {"INV-1", "AB12345678"}, "api:till": {"7", "AB 12345678"}} {
			f := b.web(sale.name, who, 21000)
			f.Invoice = sale.invoice
			sales[source] = f
		}
		told := b.tell(first, sales[first])
		for source, f := range sales {
			for range 2 {
				if r := b.tell(source, f); source != first && (r.Outcome != order.Ignored || r.Order != told.Order) {
					t.Errorf("%s first, then %s: %+v, want order %s", first, source, r, told.Order)
				}
			}
		}
		b.want(attribution.StoreOf(b.S1), 600, 0)
		b.want(attribution.StaffOf(b.Amy), 400, 0)
		b.at("2026-03-06 12:00")
		for source, f := range sales {
			b.tell(source, order.WasRefunded{Order: f.Order, ExternalID: "r-" + f.Order, At: b.clock(), Amount: 10500})
		}
		b.tell("file:books", order.WasRefunded{Order: "INV-1", ExternalID: "D-1", Kind: order.Allowance, At: b.clock(), Amount: 10500})
		b.want(attribution.StaffOf(b.Amy), 200, 0)
		if orders := b.number(`SELECT count(*) FROM sales_order WHERE brand_id = $1`); orders != 1 {
			t.Errorf("%s first: %d orders", first, orders)
		}
		b.comparison(t)
		b.invariants(t)
	}
}

func (b *bundle) tell(source string, f order.Fact) order.Result {
	b.t.Helper()
	r, err := b.orders.Apply(b.t.Context(), b.Brand, source, f)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// A customer who earned somebody commission by a fraud has herself erased. The book and who was held stay as they were, under
// pseudonyms: what the sale earned can still be taken back, a claim that waited still waits, and the facts make of the order what
// they made of it before.
func TestAbuse37ErasureHidesNothingOfTheBookNorOfWhoWasHeld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer("+886912345678")
	b.at("2026-03-01 10:00")
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-05 12:00")
	b.apply(b.web("o1", who, 21000))
	held := func() (n int) {
		return b.number(`SELECT count(*) FROM claim WHERE brand_id = $1`) + 100*b.number(`SELECT count(*) FROM binding_hold WHERE brand_id = $1`)
	}
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
INSERT INTO binding_hold (brand_id, id, customer_id, claim_no, store_id, staff_id, source, waits_for, signs, opened_at, state)
VALUES ($1, $2, $3, 1, $4, $5, 'till', 'manager', '[]', $6, 'open')`, b.Brand, shop.NewID(b.clock()), who, b.S1, b.Amy, b.clock())
		return err
	})
	before := held()
	people := customer.New(b.pool, b.clock, b.orders)
	if _, err := people.Erase(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben}, who, "she asks for it"); err != nil {
		t.Fatal(err)
	}
	if known := b.number(`SELECT count(*) FROM identity WHERE brand_id = $1`); known != 0 {
		t.Errorf("%d identities lead to her still", known)
	}
	for _, hidden := range []string{`DELETE FROM claim WHERE brand_id = $1`, `DELETE FROM ledger_transfer WHERE brand_id = $1`} {
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), hidden, b.Brand)
			return err
		})
		if err == nil {
			t.Errorf("the application may %s", hidden)
		}
	}
	if after := held(); after != before {
		t.Errorf("%d claims and holds, before %d", after, before)
	}
	b.want(attribution.StaffOf(b.Amy), 400, 0)
	b.comparison(t)
	b.at("2026-03-06 12:00")
	again := b.web("o1", shop.ID{}, 21000) // the web shop still knows her, and says so
	again.Version, again.At, again.Identities = 2, b.clock(), []customer.Identity{{Kind: customer.Phone, Value: "+886912345678", Verified: true}}
	b.apply(again)
	b.want(attribution.StaffOf(b.Amy), 400, 0)
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Amount: 21000})
	b.want(attribution.StaffOf(b.Amy), 0, 0)
	b.invariants(t)
}
