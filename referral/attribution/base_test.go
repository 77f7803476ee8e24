package attribution

import (
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

func TestWhatRatesAreTakenOf(t *testing.T) {
	t.Parallel()
	shipping, card := goods(1, 1, 10000), goods(1, 1, 10000)
	shipping.Kind, card.Kind = order.Shipping, order.GiftCard
	outlet := goods(1, 1, 10000)
	outlet.Category = "outlet"
	tests := []struct {
		why  string
		more string // of the plan
		line order.Line
		sold string // store
		tax  int
		want string
	}{
		{"merchandise", ``, goods(1, 1, 10000), "north", 0, "10000"},
		{"without the tax", ``, goods(1, 1, 10500), "north", 500, "10000"},
		{"shipping earns nothing", ``, shipping, "north", 0, "0"},
		{"a gift card earns nothing", ``, card, "north", 0, "0"},
		{"an excluded article", `, "exclude": {"skus": ["SKU1"]}`, goods(1, 1, 10000), "north", 0, "0"},
		{"an excluded category", `, "exclude": {"categories": ["outlet"]}`, outlet, "north", 0, "0"},
		{"other goods of that plan", `, "exclude": {"categories": ["outlet"], "skus": ["SKU9"]}`, goods(1, 1, 10000), "north", 0, "10000"},
		{"a counter, gross", ``, goods(1, 1, 9999), "sogo", 0, "9999"},
		{"a counter, what the house leaves of it, unrounded", `, "counter_base": "net"`, goods(1, 1, 9999), "sogo", 0, "29997/4"},
		{"a shop has no house", `, "counter_base": "net"`, goods(1, 1, 9999), "north", 0, "9999"},
	}
	for _, tt := range tests {
		in := till(planOf(t, allRates+tt.more), tt.line)
		in.Order.Store, in.Order.TaxBP = id(tt.sold), tt.tax
		if got := Compute(in).Lines[0].Base; got.Cmp(rat(tt.want)) != 0 {
			t.Errorf("%s: base %v, want %s", tt.why, got, tt.want)
		}
	}
}

func TestHouseShareOfAStoreThatIsNoCounterIsIgnored(t *testing.T) {
	t.Parallel()
	in := till(planOf(t, allRates+`, "counter_base": "net"`), goods(1, 1, 10000))
	in.Stores[id("north")] = Store{Code: "north", Kind: "shop", HouseBP: 2500}
	if got := Compute(in).Lines[0].Base; got.Cmp(rat("10000")) != 0 {
		t.Errorf("base %v", got)
	}
}

func TestWhoIsCreditedForNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why    string
		change func(*Input)
		want   Reason
	}{
		{"a plan is in force", func(*Input) {}, ""},
		{"no plan was in force", func(in *Input) { in.Plan = nil }, NoPlan},
		{"the buyer is staff", func(in *Input) { in.SelfPurchase = true }, SelfPurchase},
		{"the buyer is staff, and that stays the reason whatever plan comes", func(in *Input) { in.SelfPurchase, in.Plan = true, nil }, SelfPurchase},
		{"a platform's test", func(in *Input) { in.Order.State = order.Test }, TestOrder},
	}
	for _, tt := range tests {
		in := online(planOf(t, allRates+`, "hold_days": 7`), goods(1, 2, 10500)).heldBy("north", "lin").scanned("2026-03-01 12:00", "harbour", "")
		in.Order.TaxBP = 500
		in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Pickup, Store: id("garden"), At: at("2026-03-03 12:00")}}
		in = in.refunded("2026-03-04 12:00", half(1))
		tt.change(&in)
		r := Compute(in)
		if r.Reason != tt.want || (tt.want != "") != (len(r.Credits)+len(r.Lost)+len(r.Reversals) == 0) {
			t.Errorf("%s: reason %q with %d credits", tt.why, r.Reason, len(r.Credits))
		}
		if r.Lines[0].Paid != 21000 || r.Lines[0].Net != 20000 || r.Lines[0].Reversed.Cmp(rat("1/2")) != 0 {
			t.Errorf("%s: the line is %+v", tt.why, r.Lines[0])
		}
	}
}

func TestStoreKindIsThatOfTheStoreUnderWhichTheRoleIsEarned(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [
		{"role": "home_staff", "rate_bp": 100, "when": {"store_kind": "popup"}},
		{"role": "display_store", "rate_bp": 200, "when": {"store_kind": "shop", "tag": "harbour"}},
		{"role": "assist_staff", "rate_bp": 300, "when": {"store_kind": "counter"}},
		{"role": "online_team", "rate_bp": 400, "when": {"store_kind": "online", "channel": "online"}},
		{"role": "packing_store", "rate_bp": 500, "when": {"store_kind": "shop"}}]`)
	in := online(p, goods(1, 1, 10000)).heldBy("garden", "lin").scanned("2026-03-01 12:00", "harbour", "")
	in.Order.AssistStore, in.Order.AssistStaff = id("sogo"), id("wu")
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Ship, Store: id("north"), At: at("2026-03-03 12:00")}}
	check(t, "each by its own store", earned(Compute(in)), []string{
		"home_staff staff:lin 100", "display_store store:harbour 200", "assist_staff staff:wu 300", "online_team store:web 400", "packing_store store:north 500"})
	in.Stores = map[shop.ID]Store{}
	check(t, "of no known kind", earned(Compute(in)), nil)
}

func TestBondIsMeasuredFromBindingToOrder(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 100, "when": {"bond_min_days": 1}}, {"role": "home_store", "rate_bp": 50}]`)
	in := online(p, goods(1, 1, 10000)).heldBy("north", "")
	check(t, "24 hours to the minute", earned(Compute(in)), []string{"home_store store:north 100"})
	in.Home.Since = at("2026-03-01 12:01")
	check(t, "a minute less", earned(Compute(in)), []string{"home_store store:north 50"})
}
