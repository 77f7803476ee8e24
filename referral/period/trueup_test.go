package period

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

var (
	march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	amy   = attribution.StaffOf(shop.ID{15: 1})
	s1    = attribution.StoreOf(shop.ID{15: 2})
)

func rat(text string) *big.Rat {
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return x
}

// planned is a month with a plan of which only the given part matters.
func planned(t *testing.T, part string) Month {
	t.Helper()
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 3, "first_day": "2026-01-01", "rules": [], `+part+`}`), &p); err != nil {
		t.Fatal(err)
	}
	return Month{First: march, Plan: &p}
}

// written is what is due, as kind role amount.
func written(all []Due) string {
	var texts []string
	for _, d := range all {
		texts = append(texts, strings.TrimSpace(fmt.Sprintf("%s %s %d", d.Kind, d.Role, d.Minor)))
	}
	return strings.Join(texts, ", ")
}

func TestWhatAMonthIsDueBeyondItsOrders(t *testing.T) {
	t.Parallel()
	const (
		marginal = `"tiers": [{"role": "selling_staff", "kind": "marginal", "steps": [{"from_minor": 0, "extra_bp": 50}, {"from_minor": 100000, "extra_bp": 100}, {"from_minor": 200000, "extra_bp": 200}]}]`
		whole    = `"tiers": [{"role": "selling_staff", "kind": "whole", "steps": [{"from_minor": 100000, "extra_bp": 100}, {"from_minor": 200000, "extra_bp": 200}]}]`
		goal     = `"targets": [{"role": "selling_staff", "steps": [{"from_bp": 10000, "extra_bp": 100}, {"from_bp": 12000, "extra_bp": 100, "bonus_minor": 500}, {"from_bp": 8000, "bonus_minor": 50}]}]`
		twice    = `"tiers": [{"role": "selling_staff", "kind": "marginal", "steps": [{"from_minor": 0, "extra_bp": 50}]}, {"role": "selling_staff", "kind": "whole", "steps": [{"from_minor": 100000, "extra_bp": 100}]}]`
		goals    = `"targets": [{"role": "selling_staff", "steps": [{"from_bp": 10000, "extra_bp": 100}]}, {"role": "selling_staff", "steps": [{"from_bp": 8000, "extra_bp": 50, "bonus_minor": 50}]}]`
	)
	tests := []struct {
		why, plan string
		net       int64
		volume    string
		target    int64
		want      string
	}{
		{"no tier for the role", `"tiers": []`, 5, "999999", 0, ""},
		{"marginal: each slice by its own step", marginal, 0, "250000", 0, "tier selling_staff 2500"},
		{"marginal: up to the first step", marginal, 0, "100000", 0, "tier selling_staff 500"},
		{"marginal: one unit above a step", marginal, 0, "100050", 0, "tier selling_staff 501"},
		{"marginal: a fraction of a unit of volume", marginal, 0, "100049/2", 0, "tier selling_staff 250"},
		{"whole: all of it by the highest step reached", whole, 0, "250000", 0, "tier selling_staff 5000"},
		{"whole: a step counts from its very volume", whole, 0, "200000", 0, "tier selling_staff 4000"},
		{"whole: one unit below a step", whole, 0, "199999", 0, "tier selling_staff 2000"},
		{"whole: below the first step", whole, 0, "99999", 0, ""},
		{"a half is rounded up", whole, 0, "100050", 0, "tier selling_staff 1001"},
		{"two tiers of one role: what both give, each rounded on its own", twice, 0, "100150", 0, "tier selling_staff 1503"},
		{"two tiers of one role, of which one is reached", twice, 0, "50000", 0, "tier selling_staff 250"},
		{"two targets of one role: what both give", goals, 0, "100050", 100000, "target selling_staff 1551"},
		{"the most of a month", `"month_cap_minor": {"selling_staff": 1000}`, 1400, "0", 0, "month_cap selling_staff -400"},
		{"exactly the most", `"month_cap_minor": {"selling_staff": 1000}`, 1000, "0", 0, ""},
		{"another role's most", `"month_cap_minor": {"home_staff": 1000}`, 1400, "0", 0, ""},
		{"the most is of credits and tier together", whole + `, "month_cap_minor": {"selling_staff": 3000}`, 1500, "200000", 0, "month_cap selling_staff -2500, tier selling_staff 4000"},
		{"the least of a month", `"month_min_minor": {"selling_staff": 1000}`, 400, "0", 0, "month_min selling_staff 600"},
		{"exactly the least", `"month_min_minor": {"selling_staff": 1000}`, 1000, "0", 0, ""},
		{"the least counts what a tier gave", whole + `, "month_min_minor": {"selling_staff": 5000}`, 400, "200000", 0, "month_min selling_staff 600, tier selling_staff 4000"},
		{"a least above the most is the most", `"month_min_minor": {"selling_staff": 900}, "month_cap_minor": {"selling_staff": 700}`, 100, "0", 0, "month_cap selling_staff -200, month_min selling_staff 800"},
		{"no target was set", goal, 0, "100000", 0, ""},
		{"the target reached: more of the whole volume", goal, 0, "100000", 100000, "target selling_staff 1000"},
		{"the highest step that was reached, in whatever sequence they stand", goal, 0, "120000", 100000, "target selling_staff 1700"},
		{"four fifths: the bonus alone", goal, 0, "80000", 100000, "target selling_staff 50"},
		{"one unit below four fifths", goal, 0, "79999", 100000, ""},
		{"the most counts what a target gave", goal + `, "month_cap_minor": {"selling_staff": 1500}`, 1000, "120000", 100000, "month_cap selling_staff -1200, target selling_staff 1700"},
	}
	for _, tt := range tests {
		m := planned(t, tt.plan)
		m.Bases = []Basis{{Role: plan.SellingStaff, To: amy, Net: tt.net, Volume: rat(tt.volume)}}
		m.Targets = map[attribution.Beneficiary]int64{amy: tt.target}
		if got := written(m.TrueUps()); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}

func TestWhatRefundsTookBeyondTheirMostIsForgiven(t *testing.T) {
	t.Parallel()
	for reversed, want := range map[int64]string{999: "", 1000: "", 1001: "clawback_cap  1"} {
		m := planned(t, `"clawback_month_cap_minor": 1000`)
		m.Clawed = map[shop.ID]int64{amy.ID: reversed}
		if got := written(m.TrueUps()); got != want {
			t.Errorf("%d taken: %q, want %q", reversed, got, want)
		}
	}
	m := planned(t, `"clawback_month_cap_minor": null`)
	m.Clawed = map[shop.ID]int64{amy.ID: 1_000_000}
	if got := written(m.TrueUps()); got != "" {
		t.Errorf("without a cap: %q", got)
	}
	m = planned(t, `"clawback_month_cap_minor": 0`)
	m.Clawed = map[shop.ID]int64{amy.ID: 7}
	if all := m.TrueUps(); written(all) != "clawback_cap  7" || all[0].To != amy {
		t.Errorf("a cap of 0 forgives all of it: %+v", all)
	}
}

func TestMonthWithoutAPlanIsDueNothing(t *testing.T) {
	t.Parallel()
	m := Month{First: march, Bases: []Basis{{Role: plan.SellingStaff, To: amy, Net: 5, Volume: rat("5")}}, Clawed: map[shop.ID]int64{amy.ID: 5}}
	if all := m.TrueUps(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestReasonOfATierAddsUpToIt(t *testing.T) {
	t.Parallel()
	m := planned(t, `"tiers": [{"role": "home_store", "kind": "marginal", "steps": [{"from_minor": 100, "extra_bp": 100}, {"from_minor": 0, "extra_bp": 10}]}]`)
	m.Bases = []Basis{{Role: plan.HomeStore, To: s1, Volume: rat("5001/2")}}
	all := m.TrueUps()
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	text, err := json.Marshal(all[0].Reason)
	want := `{"month":"2026-03","plan_version":3,"tier":"marginal","volume":"5001/2","steps":[{"from_minor":0,"extra_bp":10,"slice":"100"},{"from_minor":100,"extra_bp":100,"slice":"4801/2"}]}`
	if err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
}
