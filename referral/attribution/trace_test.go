package attribution

import (
	"fmt"
	"testing"

	"homestore/clienteling/shop"
)

// A trace is kept for each order: it says each thing once, and nothing that goes without saying.
func TestATraceSaysEachThingOnce(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("home_staff 3000", "display_store 2000", "display_staff 2000", "selling_staff 1000")+`,
		"display": {"choice": "even"}, "leaver": "pool", "role_cap_minor": {"home_staff": 50, "display_store": 100}, "order_cap_minor": 200`)
	in := till(p, goods(1, 1, 10000), goods(2, 1, 10000)).heldBy("garden", "lin").scanned("2026-03-01 12:00", "harbour", "").scanned("2026-03-01 13:00", "sogo", "wu")
	in.Left = map[shop.ID]Exit{id("lin"): {At: at("2026-03-03 12:00"), Store: id("north")}, id("wu"): {At: at("2026-03-04 12:00"), Store: id("sogo")}}
	_, trace := Traced(in)

	var rules, left, caps []string
	for _, c := range trace.Claims {
		rules = append(rules, fmt.Sprint(c.Role, c.Rules))
	}
	for _, e := range trace.Left {
		left = append(left, name(e.Staff))
	}
	for _, c := range trace.Caps {
		caps = append(caps, fmt.Sprint(c.Cap, " ", c.Role, " ", c.Minor))
	}
	if trace.Sale == nil || trace.Sale.Minor != 200 {
		t.Errorf("the sale was rounded to %+v", trace.Sale)
	}
	check(t, "a rule that is on all lines is named once, without them", rules,
		[]string{"home_store[]", "home_staff[{1 3000 []}]", "display_store[{2 2000 []}]", "display_store[{2 2000 []}]", "display_staff[{3 2000 []}]", "selling_store[]", "selling_staff[{4 1000 []}]"})
	check(t, "who has two claims left once", left, []string{"lin", "wu"})
	check(t, "a role's cap is one cap for all who earn in it", caps, []string{"role home_staff 50", "role display_store 100", "order  200"})
}

func TestATraceDoesNotSayWhatGoesWithoutSaying(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, displayRates+`, "display": {"choice": "even"}`), goods(1, 1, 10000))
	if _, trace := Traced(in); trace.Display != nil {
		t.Errorf("nobody scanned, and the trace has a rule for scans: %+v", trace.Display)
	}
	_, trace := Traced(in.scanned("2026-03-01 12:00", "north", ""))
	if trace.Display == nil || len(trace.Claims) == 0 || trace.Claims[0].Weight != nil {
		t.Errorf("one scan shares with nobody: %+v", trace.Claims)
	}
}
