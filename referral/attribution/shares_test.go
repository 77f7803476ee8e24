package attribution

import (
	"testing"

	"homestore/clienteling/order"
)

func TestOnePersonInTwoRolesHasACreditInEach(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, allRates), goods(1, 1, 10000)).heldBy("north", "lin")
	in.Order.AssistStore, in.Order.AssistStaff = id("north"), id("lin")
	check(t, "home and assist", earned(Compute(in)), []string{"home_store store:north 300", "home_staff staff:lin 200", "assist_staff staff:lin 400"})
}

func TestOnePersonsTagsInTwoStoresMakeOneCreditOnTwoGrounds(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "display_staff", "rate_bp": 100, "when": {"tag": "harbourlin"}}, {"role": "display_staff", "rate_bp": 300}], "display": {"choice": "even"}`)
	in := online(p, goods(1, 1, 1000), goods(2, 1, 20)).scanned("2026-03-01 12:00", "harbour", "lin").scanned("2026-03-01 13:00", "north", "lin")
	credits := Compute(in).Credits // 5 + 15 on line 1, 0.1 + 0.3 on line 2
	if len(credits) != 2 || credits[0].Minor != 20 || credits[1].Minor != 0 {
		t.Fatalf("credits %+v", credits)
	}
	for i, share := range []string{"20", "2/5"} {
		why := credits[i].Why
		if why.Share.Cmp(rat(share)) != 0 || len(why.Grounds) != 2 || why.Grounds[0].Rule == why.Grounds[1].Rule || why.Grounds[0].Scan == why.Grounds[1].Scan {
			t.Errorf("line %d: why %+v", i+1, why)
		}
	}
}

func TestLineWithoutAShareHasNoCredit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why   string
		rules string
	}{
		{"no rule", `[{"role": "online_team", "rate_bp": 100, "when": {"sku": "SKU1"}}]`},
		{"the first rule that fits gives nothing", `[{"role": "online_team", "rate_bp": 0, "when": {"sku": "SKU2"}}, {"role": "online_team", "rate_bp": 100}]`},
	}
	for _, tt := range tests {
		r := Compute(online(planOf(t, `"rules": `+tt.rules), goods(1, 1, 10000), goods(2, 1, 10000)))
		if len(r.Credits) != 1 || r.Credits[0].Line != 1 || r.Credits[0].Minor != 100 {
			t.Errorf("%s: %+v", tt.why, r.Credits)
		}
	}
}

func TestOfEqualFeesTheLowerLinesRuleIsNamed(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "packing_store", "fixed_minor": 60, "when": {"sku": "SKU2"}}, {"role": "packing_store", "fixed_minor": 60, "when": {"sku": "SKU1"}}, {"role": "pickup_store", "rate_bp": 100}]`)
	in := online(p, goods(1, 1, 10000), goods(2, 1, 10000))
	f := order.Fulfilment{ExternalID: "f", Kind: order.Ship, Store: id("north"), At: at("2026-03-03 12:00")}
	in.Order.Fulfilments = []order.Fulfilment{f}
	if c := Compute(in).Credits; len(c) != 1 || c[0].Why.Grounds[0].Rule != 2 {
		t.Errorf("credits %+v", c)
	}
	f.Kind = order.Pickup
	in.Order.Fulfilments = []order.Fulfilment{f}
	if c := Compute(in).Credits; len(c) != 2 || c[0].Line == 0 {
		t.Errorf("a rate made a fee: %+v", c)
	}
}
