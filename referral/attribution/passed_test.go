package attribution

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/referral/plan"
)

func TestRulesPassedOverFollowFromTheTraceAndThePlan(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 900, "when": {"store_kind": "counter", "category": "lamp"}}, {"role": "online_team", "rate_bp": 100},
		{"role": "home_store", "rate_bp": 800, "when": {"bond_min_days": 365}}, {"role": "home_store", "rate_bp": 700, "when": {"channel": "till", "sku": "SKU1"}},
		{"role": "home_store", "rate_bp": 300}, {"role": "home_store", "rate_bp": 200}]`)
	_, trace := Traced(online(p, goods(1, 1, 21000)).heldBy("north", ""))
	trace = stored(t, trace)
	home := trace.Claims[0]
	got := Passed(p, home.Role, trace.Conditions(home, trace.Lines[0]))
	if want := "[{1 [store_kind category]} {3 [bond_min_days]} {4 [channel]}]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if home.Rules[0].Rule != 5 {
		t.Errorf("rule %d decided", home.Rules[0].Rule)
	}
	if none := Passed(p, plan.HomeStore, plan.Conditions{StoreKind: "shop"}); len(none) != 3 {
		t.Errorf("a home without a bond passes over %v", none)
	}
}

// The rule that a trace names is the first that no condition speaks against, on every line of every claim.
func TestPassedOverRulesEndWhereTheTraceSaysThatOneDecides(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		in.Plan = planWithConditions(t)
		_, trace := Traced(in)
		for _, c := range trace.Claims {
			for _, l := range trace.Lines {
				if l.Kind != "" || l.Net == 0 {
					continue
				}
				passed := Passed(in.Plan, c.Role, trace.Conditions(c, l))
				next := 0
				for i, r := range in.Plan.Rules {
					if r.Role == c.Role && !slices.ContainsFunc(passed, func(p PassedOver) bool { return p.Rule == i+1 }) {
						next = i + 1
						break
					}
				}
				if got := ruleOn(c, l.No); got != next {
					t.Fatalf("%s line %d: rule %d decides, passed over are %v", c.Role, l.No, got, passed)
				}
			}
		}
	})
}

func ruleOn(c TracedClaim, line int) int {
	for _, r := range c.Rules {
		if r.Lines == nil || slices.Contains(r.Lines, line) {
			return r.Rule
		}
	}
	return 0
}

func planWithConditions(t *rapid.T) *plan.Plan {
	p, err := parse(rates("online_team 100"))
	if err != nil {
		t.Fatal(err)
	}
	day := 1
	p.CounterBase = plan.Gross
	for range rapid.IntRange(1, 12).Draw(t, "rules") {
		r := plan.Rule{Role: rapid.SampledFrom(plan.Roles[:8]).Draw(t, "role"), RateBP: 100}
		switch rapid.IntRange(0, 5).Draw(t, "condition") {
		case 0:
			r.When.StoreKind = rapid.SampledFrom([]string{"shop", "popup"}).Draw(t, "kind")
		case 1:
			r.When.Channel = string(order.Online)
		case 2:
			r.When.SKU = "SKU1"
		case 3:
			if r.Role.IsDisplay() {
				r.When.Tag = "north"
			}
		case 4:
			if r.Role.IsHome() {
				r.When.BondMinDays = &day
			}
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}
