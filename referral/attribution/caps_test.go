package attribution

import (
	"testing"

	"homestore/clienteling/order"
)

func TestCaps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why  string
		caps string
		want []string
	}{
		{"none", ``, []string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"exactly reached", `, "order_cap_minor": 600, "role_cap_minor": {"home_store": 300}`, []string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"of one role, whose neighbours stay", `, "role_cap_minor": {"home_store": 50}`, []string{"home_store store:north 50", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"of the order: all give up the same part", `, "order_cap_minor": 300`, []string{"home_store store:north 150", "home_staff staff:lin 100", "online_team store:web 50"}},
		{"the role's before the order's", `, "role_cap_minor": {"home_store": 100}, "order_cap_minor": 200`, []string{"home_store store:north 50", "home_staff staff:lin 100", "online_team store:web 50"}},
		{"still one rounding: 33.3 + 22.2 + 11.1 = 66.7 is 67", `, "order_cap_minor": 67`, []string{"home_store store:north 34", "home_staff staff:lin 22", "online_team store:web 11"}},
	}
	for _, tt := range tests {
		in := online(planOf(t, rates("home_store 300", "home_staff 200", "online_team 100")+tt.caps), goods(1, 1, 10000)).heldBy("north", "lin")
		check(t, tt.why, earned(Compute(in)), tt.want)
	}
}

func TestRoleCapIsOverAllWhoEarnInTheRole(t *testing.T) {
	t.Parallel()
	p := planOf(t, displayRates+`, "display": {"choice": "even"}, "role_cap_minor": {"display_store": 100}`)
	in := online(p, goods(1, 1, 5000), goods(2, 1, 5000)).scanned("2026-03-01 12:00", "north", "").scanned("2026-03-01 13:00", "harbour", "")
	check(t, "100 for both together", earned(Compute(in)), []string{"display_store store:harbour 50", "display_store store:north 50"})
}

func TestCapIsNamedInTheReason(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("home_store 300")+`, "role_cap_minor": {"home_store": 200}, "order_cap_minor": 150`), goods(1, 1, 10000)).heldBy("north", "")
	c := Compute(in).Credits[0]
	if len(c.Why.Caps) != 2 || c.Why.Caps[0].Cap != "role" || c.Why.Caps[0].Factor.Cmp(rat("2/3")) != 0 || c.Why.Caps[1].Cap != "order" || c.Why.Caps[1].Factor.Cmp(rat("3/4")) != 0 {
		t.Errorf("caps %+v", c.Why.Caps)
	}
	if c.Minor != 150 || c.Why.Share.Cmp(rat("150")) != 0 || c.Why.Rounding != Exact {
		t.Errorf("%d of %v, %s", c.Minor, c.Why.Share, c.Why.Rounding)
	}
}

func TestCapThatIsOnlyReachedCutsNothing(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("home_store 300")+`, "order_cap_minor": 300`), goods(1, 1, 10000)).heldBy("north", "")
	if caps := Compute(in).Credits[0].Why.Caps; len(caps) != 0 {
		t.Errorf("caps %+v", caps)
	}
}

func TestParcelsStandOutsideTheCaps(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "online_team", "rate_bp": 100}, {"role": "packing_store", "rate_bp": 100, "fixed_minor": 60}], "order_cap_minor": 10`)
	in := online(p, goods(1, 1, 10000))
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Ship, Store: id("north"), At: at("2026-03-03 12:00")}}
	check(t, "10 for the sale, 160 for packing", earned(Compute(in)), []string{"online_team store:web 10", "packing_store store:north 160"})
}
