package ledger_test

import (
	"encoding/json"
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

// Her part of two orders is pending when she leaves; what others have of them stays theirs.
func TestWhatALeaverHasPendingGoesToThePoolWhenThePlanSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var p plan.Plan
	rules := `{"version": 2, "first_day": "2026-02-01", "leaver": "pool", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-01 12:00")
	b.sold("o1")
	b.apply(b.web("o2", b.customer("+886912345678"), 420))
	b.want(attribution.StaffOf(b.Amy), 16, 0)
	b.at("2026-03-05 18:00")
	if _, err := b.bindings.StaffLeaves(t.Context(), shop.System(b.Brand), binding.Departure{Staff: b.Amy}); err != nil {
		t.Fatal(err)
	}
	if err := b.bindings.Follow(t.Context(), b.Brand); err != nil {
		t.Fatal(err)
	}
	b.want(attribution.StaffOf(b.Amy), 0, 0)
	b.want(attribution.PoolOf(b.S1), 16, 0)
	b.want(attribution.StoreOf(b.S1), 24, 0)
	b.invariants(t)
}
