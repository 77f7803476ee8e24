package ledger_test

import (
	"fmt"
	"sync"
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
)

// A brand brings its orders along, and its first plan comes after them and begins before them.
func TestOrdersFromBeforeTheFirstPlanWasApprovedAreCreditedByIt(t *testing.T) {
	t.Parallel()
	b := setupPlanless(t, postgrestest.New(t))
	who := b.customer("+886912345678")
	b.at("2019-12-31 23:59")
	b.apply(b.web("before-its-first-day", who, 10500))
	b.at("2020-01-01 12:00")
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromTill}); err != nil {
		t.Fatal(err)
	}
	b.apply(b.web("first", who, 10500))
	b.apply(order.WasFulfilled{Order: "first", ExternalID: "f", Kind: order.Ship, At: b.clock()})
	b.at("2026-03-01 10:00")
	for n := range 450 { // more than are taken at once
		b.apply(b.web(fmt.Sprint("o", n), shop.ID{}, 1050))
	}
	credit := func() int {
		n, err := b.book.CreditUnplanned(t.Context(), b.Brand, b.clock())
		if err != nil {
			t.Error(err)
		}
		return n
	}
	if n := credit(); n != 0 {
		t.Errorf("%d orders are credited without a plan", n)
	}
	b.plans()
	amy, web := attribution.StaffOf(b.Amy), attribution.StoreOf(b.Web)
	b.want(amy, 0, 0)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { credit() })
	}
	all.Wait()
	if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
		t.Fatal(err)
	}
	b.want(amy, 0, 200)
	b.want(web, 450*10, 100)
	if n := credit(); n != 0 {
		t.Errorf("%d are credited again", n)
	}
	b.comparison(t)
}
