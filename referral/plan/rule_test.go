package plan

import (
	"strings"
	"testing"
	"time"
)

func TestFirstFittingRuleDecides(t *testing.T) {
	t.Parallel()
	p := read(t, `{"version": 1, "first_day": "2026-01-01", "rules": [
		{"role": "home_store", "rate_bp": 1, "when": {"category": "sofa", "channel": "till"}},
		{"role": "home_store", "rate_bp": 2, "when": {"sku": "S1"}},
		{"role": "home_store", "rate_bp": 3, "when": {"store_kind": "counter"}},
		{"role": "home_store", "rate_bp": 4, "when": {"bond_min_days": 30}},
		{"role": "display_store", "rate_bp": 5, "when": {"tag": "T1"}},
		{"role": "display_store", "rate_bp": 6},
		{"role": "assist_staff", "rate_bp": 7, "when": {"campaign": "SPRING"}},
		{"role": "assist_staff", "rate_bp": 8, "when": {"customer": "new"}},
		{"role": "assist_staff", "rate_bp": 9, "when": {"customer": "returning"}},
		{"role": "home_staff", "rate_bp": 10, "when": {"bond_max_days": 30}},
		{"role": "assist_staff", "rate_bp": 11, "when": {"bond_max_days": 30}}]}`)
	const month = 30 * 24 * time.Hour
	tests := []struct {
		why    string
		role   Role
		facts  Conditions
		number int
	}{
		{"every condition holds", HomeStore, Conditions{Category: "sofa", Channel: "till", SKU: "S1"}, 1},
		{"one does not: the next that fits", HomeStore, Conditions{Category: "sofa", Channel: "online", SKU: "S1"}, 2},
		{"by kind of store", HomeStore, Conditions{StoreKind: "counter"}, 3},
		{"the earlier, though the later is narrower", HomeStore, Conditions{StoreKind: "counter", Bound: true, Bond: 2 * month}, 3},
		{"a bond of exactly 30 x 24 h", HomeStore, Conditions{Bound: true, Bond: month}, 4},
		{"a bond one instant younger", HomeStore, Conditions{Bound: true, Bond: month - 1}, 0},
		{"a bond is of bindings alone", HomeStore, Conditions{Bond: month}, 0},
		{"by the display's tag", DisplayStore, Conditions{Tag: "T1"}, 5},
		{"another tag", DisplayStore, Conditions{Tag: "T2"}, 6},
		{"by campaign", AssistStaff, Conditions{Campaign: "SPRING", Customer: "new"}, 7},
		{"of a new customer", AssistStaff, Conditions{Campaign: "SUMMER", Customer: "new"}, 8},
		{"of one who bought before", AssistStaff, Conditions{Customer: "returning"}, 9},
		{"of nobody is neither", AssistStaff, Conditions{}, 0},
		{"a bond one instant younger than 30 x 24 h", HomeStaff, Conditions{Bound: true, Bond: month - 1}, 10},
		{"a bond that is no longer young", HomeStaff, Conditions{Bound: true, Bond: month}, 0},
		{"a young bond is of bindings alone", HomeStaff, Conditions{}, 0},
		{"no rule for the role", SellingStaff, Conditions{}, 0},
	}
	for _, tt := range tests {
		_, number, ok := p.Rule(tt.role, tt.facts)
		if number != tt.number || ok != (tt.number > 0) {
			t.Errorf("%s: rule %d, want %d", tt.why, number, tt.number)
		}
	}
}

func TestPlanExcludesByArticleOrCategory(t *testing.T) {
	t.Parallel()
	p := Plan{Exclude: Exclude{SKUs: []string{"GIFT"}, Categories: []string{"outlet"}}}
	for goods, want := range map[[2]string]bool{{"GIFT", "sofa"}: true, {"S1", "outlet"}: true, {"S1", "sofa"}: false, {"outlet", "GIFT"}: false, {"", ""}: false} {
		if got := p.Excludes(goods[0], goods[1]); got != want {
			t.Errorf("%v: %v", goods, got)
		}
	}
}

func TestPlaceOfARoleIsThatOfTies(t *testing.T) {
	t.Parallel()
	for place, role := range Roles {
		if role.Place() != place {
			t.Errorf("%s is at %d", role, role.Place())
		}
	}
	if Role("cleaner").Place() != len(Roles) {
		t.Error("a role that does not exist comes last")
	}
}

func TestPeopleEarnInTheRolesThatAreNamedAfterThem(t *testing.T) {
	t.Parallel()
	for _, role := range Roles {
		if role.IsPersons() != strings.HasSuffix(string(role), "_staff") {
			t.Errorf("%s: %v", role, role.IsPersons())
		}
	}
}

func TestOnlyAPlanWithSuchARuleAsksWhetherSheIsNew(t *testing.T) {
	t.Parallel()
	p := Plan{Rules: []Rule{{Role: HomeStore, When: When{Campaign: "new"}}}}
	if p.AsksWhetherNew() {
		t.Error("a campaign called new is no question")
	}
	p.Rules = append(p.Rules, Rule{Role: HomeStore, When: When{Customer: ReturningCustomer}})
	if !p.AsksWhetherNew() {
		t.Error("the second rule asks")
	}
}
