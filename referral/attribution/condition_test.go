package attribution

import (
	"fmt"
	"testing"

	"homestore/clienteling/order"
	"homestore/referral/tag"
)

func TestRulesByCampaignCustomerAndAgeOfTheBond(t *testing.T) {
	t.Parallel()
	rule := func(bp int, when string) string {
		return fmt.Sprintf(`{"role": "home_store", "rate_bp": %d, "when": {%s}}`, bp, when)
	}
	p := planOf(t, `"rules": [`+rule(900, `"campaign": "SPRING"`)+`, `+rule(800, `"customer": "new", "channel": "till"`)+`, `+rule(700, `"customer": "returning", "channel": "till"`)+
		`, `+rule(500, `"bond_max_days": 1`)+`, `+rule(400, `"bond_min_days": 1, "bond_max_days": 2`)+`, `+rule(300, ``)+`]`)
	home := online(p, goods(1, 1, 10000)).heldBy("north", "")
	for _, tt := range []struct {
		why    string
		change func(in *Input)
		want   string
	}{
		{"by the campaign that the order came by", func(in *Input) { in.Order.Campaign = "SPRING" }, "900"},
		{"another campaign is none of it", func(in *Input) { in.Order.Campaign = "spring" }, "400"},
		{"her first order", func(in *Input) { in.Order.Channel = order.Till }, "800"},
		{"her second", func(in *Input) { in.Order.Channel, in.Returning = order.Till, true }, "700"},
		{"an order without a customer is neither", func(in *Input) { in.Order.Channel, in.Order.Customer = order.Till, id("") }, "400"},
		{"a bond of less than 24 h", func(in *Input) { in.Home.Since = at("2026-03-01 12:01") }, "500"},
		{"of exactly 24 h", func(*Input) {}, "400"},
		{"of exactly 48 h", func(in *Input) { in.Home.Since = at("2026-02-28 12:00") }, "300"},
	} {
		in := home
		tt.change(&in)
		check(t, tt.why, earned(Compute(in))[:1], []string{"home_store store:north " + tt.want})
	}
}

func TestASaleBelowTheMinimumEarnsNobodyAndItsParcelsAreStillPaid(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "packing_store", "fixed_minor": 60}], "order_min_minor": 10000, "exclude": {"skus": ["SKU9"]}`)
	packed := func(in Input) Input {
		in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Ship, Store: id("harbour"), At: at("2026-03-03 12:00")}}
		return in
	}
	for _, tt := range []struct {
		why    string
		in     Input
		reason Reason
		want   []string
	}{
		{"exactly the minimum", online(p, goods(1, 1, 4000), goods(2, 1, 6000)), "", []string{"home_store store:north 300", "packing_store store:harbour 60"}},
		{"one less", online(p, goods(1, 1, 4000), goods(2, 1, 5999)), BelowMinimum, []string{"packing_store store:harbour 60"}},
		{"excluded goods do not help", online(p, goods(1, 1, 9999), goods(9, 1, 6000)), BelowMinimum, []string{"packing_store store:harbour 60"}},
		{"what came back later took its own share", online(p, goods(1, 2, 5000)).refunded("2026-03-04 12:00", half(1)), "", []string{"home_store store:north 150", "packing_store store:harbour 60"}},
	} {
		r := Compute(packed(tt.in.heldBy("north", "")))
		check(t, tt.why, earned(r), tt.want)
		if r.Reason != tt.reason {
			t.Errorf("%s: reason %q, want %q", tt.why, r.Reason, tt.reason)
		}
	}
}

func TestAnOrderAtThePriceForTheBrandsOwnPeopleEarnsNobodyWhenThePlanSaysSo(t *testing.T) {
	t.Parallel()
	const rules = `"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "online_team", "rate_bp": 100}]`
	for _, tt := range []struct {
		exclude    string
		discounted bool
		reason     Reason
		credits    int
	}{
		{"true", true, EmployeeDiscount, 0}, {"true", false, "", 2}, {"false", true, "", 2},
	} {
		in := online(planOf(t, rules+`, "exclude": {"employee_discount": `+tt.exclude+`}`), goods(1, 1, 10000)).heldBy("north", "")
		in.Order.EmployeeDiscount = tt.discounted
		r := Compute(in)
		if r.Reason != tt.reason || len(r.Credits) != tt.credits {
			t.Errorf("excluded %s, bought so %v: reason %q, %d credits", tt.exclude, tt.discounted, r.Reason, len(r.Credits))
		}
	}
}

func TestDisplaysAreWeighedByWhereTheirTagsAre(t *testing.T) {
	t.Parallel()
	p := planOf(t, displayRates+`, "display": {"choice": "weight", "weights": {"fitting_room": 3, "shelf": 2}}`)
	scanned := func(in Input, when, store string, at tag.Placement) Input {
		in = in.scanned(when, store, "")
		in.Displays[len(in.Displays)-1].Placement = at
		return in
	}
	in := scanned(online(p, goods(1, 1, 10000)), "2026-03-01 12:00", "north", tag.FittingRoom)
	alone := Compute(in)
	check(t, "alone it has all", earned(alone), []string{"display_store store:north 200"})
	in = scanned(in, "2026-03-01 13:00", "harbour", tag.Window)
	check(t, "a placement that is not named counts 1", earned(Compute(in)), []string{"display_store store:harbour 50", "display_store store:north 150"})
	in = scanned(in, "2026-03-01 14:00", "north", tag.Shelf)
	r := Compute(in)
	check(t, "a store claims by its last scan", earned(r), []string{"display_store store:harbour 67", "display_store store:north 133"})
	if e := r.Credits[1].Why.Grounds[0]; e.Placement != tag.Shelf || e.Weight.Cmp(rat("2/3")) != 0 || e.Display.Weights[tag.Shelf] != 2 {
		t.Errorf("the reason tells the weight and what it came from: %+v", e)
	}
	in = in.heldBy("north", "")
	check(t, "the home store's own display goes, and others' weights do not grow", earned(Compute(in)), []string{"display_store store:harbour 67"})

	in.Plan = planOf(t, displayRates)
	if e := Compute(in).Lost[0].Evidence; e.Placement != "" {
		t.Errorf("where nothing is weighed the placement says nothing: %+v", e)
	}
}
