package plan

import (
	"errors"
	"slices"
	"testing"

	"homestore/clienteling/shop"
)

func fieldsOf(err error) []string {
	var r *shop.Refusal
	if !errors.As(err, &r) {
		return nil
	}
	var names []string
	for _, f := range r.Fields {
		names = append(names, f.Name+" "+f.Code)
	}
	return names
}

func TestWrongFieldsOfAPlan(t *testing.T) {
	t.Parallel()
	rule := func(text string) string { return `{"version": 1, "first_day": "2026-01-01", "rules": [` + text + `]}` }
	also := func(text string) string { return `{` + least + `, ` + text + `}` }
	tests := []struct {
		why, text string
		want      []string
	}{
		{"the whole may be paid", rule(`{"role": "home_store", "rate_bp": 10000}`), nil},
		{"nothing may be paid, to stop later rules", rule(`{"role": "home_store", "rate_bp": 0}`), nil},
		{"more than the whole", rule(`{"role": "home_store", "rate_bp": 10001}`), []string{"rules[0].rate_bp out_of_range"}},
		{"less than nothing", rule(`{"role": "home_store", "rate_bp": -1}`), []string{"rules[0].rate_bp out_of_range"}},
		{"no such role", rule(`{"role": "home", "rate_bp": 1}`), []string{"rules[0].role unknown"}},
		{"a fixed fee at handover", rule(`{"role": "packing_store", "fixed_minor": 60}`), nil},
		{"a fixed fee of a sale", rule(`{"role": "home_store", "fixed_minor": 60}`), []string{"rules[0].fixed_minor not_allowed"}},
		{"a negative fee", rule(`{"role": "pickup_store", "fixed_minor": -1}`), []string{"rules[0].fixed_minor out_of_range"}},
		{"no such kind of store", rule(`{"role": "home_store", "when": {"store_kind": "kiosk"}}`), []string{"rules[0].when.store_kind unknown"}},
		{"no such channel", rule(`{"role": "home_store", "when": {"channel": "phone"}}`), []string{"rules[0].when.channel unknown"}},
		{"a bond of minus one day", rule(`{"role": "home_store", "when": {"bond_min_days": -1}}`), []string{"rules[0].when.bond_min_days out_of_range"}},
		{"seven days by law", also(`"hold_days": 7`), nil},
		{"the longest periods", also(`"hold_days": 36500, "clawback_days": 36500`), nil},
		{"longer ones", also(`"hold_days": 36501, "clawback_days": 36501`), []string{"hold_days out_of_range", "clawback_days out_of_range"}},
		{"six days", also(`"hold_days": 6`), []string{"hold_days out_of_range"}},
		{"clawback on the day of receipt alone", also(`"clawback_days": 0`), nil},
		{"clawback before receipt", also(`"clawback_days": -1`), []string{"clawback_days out_of_range"}},
		{"a window of minus one day", also(`"display": {"window_days": -1}`), []string{"display.window_days out_of_range"}},
		{"no such choice", also(`"display": {"choice": "all"}`), []string{"display.choice unknown"}},
		{"a split without weights", also(`"conflict": {"home_display": "split"}`), []string{"conflict.weights required"}},
		{"one weight", also(`"conflict": {"home_display": "split", "weights": [1]}`), []string{"conflict.weights required", "conflict.weights out_of_range"}},
		{"all to home", also(`"conflict": {"home_display": "split", "weights": [1, 0]}`), nil},
		{"the same to both", also(`"conflict": {"home_display": "split", "weights": [1000000, 1000000]}`), nil},
		{"a weight too large", also(`"conflict": {"home_display": "split", "weights": [1, 1000001]}`), []string{"conflict.weights out_of_range"}},
		{"to nobody", also(`"conflict": {"home_display": "split", "weights": [0, 0]}`), []string{"conflict.weights out_of_range"}},
		{"a negative weight", also(`"conflict": {"home_display": "split", "weights": [-1, 2]}`), []string{"conflict.weights out_of_range"}},
		{"words of other switches", also(`"conflict": {"home_display": "assist", "same_store": "split", "assist_home": "selling", "selling_home": "assist"}`),
			[]string{"conflict.home_display unknown", "conflict.same_store unknown", "conflict.assist_home unknown", "conflict.selling_home unknown"}},
		{"goods without a name", also(`"exclude": {"skus": [""], "categories": ["a", ""]}`), []string{"exclude.skus required", "exclude.categories required"}},
		{"caps of nothing", also(`"order_cap_minor": 0, "role_cap_minor": {"home_store": 0}, "month_cap_minor": {"home_staff": -1}`),
			[]string{"order_cap_minor out_of_range", "role_cap_minor.home_store out_of_range", "month_cap_minor.home_staff out_of_range"}},
		{"all clawback forgiven", also(`"clawback_month_cap_minor": 0`), nil},
		{"a negative clawback cap", also(`"clawback_month_cap_minor": -1`), []string{"clawback_month_cap_minor out_of_range"}},
		{"caps of strangers, by name", also(`"month_cap_minor": {"b": 1, "a": 1}`), []string{"month_cap_minor.a unknown", "month_cap_minor.b unknown"}},
		{"a cap on what stands outside caps", also(`"role_cap_minor": {"pickup_store": 5}`), []string{"role_cap_minor.pickup_store not_allowed"}},
		{"no such switches", also(`"counter_base": "half", "exchange": "no", "price_adjustment": "keep", "leaver": "neutral"`),
			[]string{"counter_base unknown", "exchange unknown", "price_adjustment unknown", "leaver unknown"}},
		{"steps from nothing to the whole", also(`"tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 0}, {"from_minor": 1, "extra_bp": 10000}]}]`), nil},
		{"a tier without steps", also(`"tiers": [{"role": "home_store", "kind": "whole"}]`), []string{"tiers[0].steps required"}},
		{"steps that do not rise", also(`"tiers": [{"role": "x", "kind": "y", "steps": [{"from_minor": 5, "extra_bp": 10001}, {"from_minor": 5}]}]`),
			[]string{"tiers[0].role unknown", "tiers[0].kind unknown", "tiers[0].steps[0].extra_bp out_of_range", "tiers[0].steps[1].from_minor out_of_range"}},
		{"new conditions", rule(`{"role": "home_store", "when": {"campaign": "A", "customer": "returning", "bond_min_days": 0, "bond_max_days": 36500}}`), nil},
		{"no such customer", rule(`{"role": "home_store", "when": {"customer": "old", "bond_max_days": -1}}`), []string{"rules[0].when.customer unknown", "rules[0].when.bond_max_days out_of_range"}},
		{"a bond of more than a century", rule(`{"role": "home_store", "when": {"bond_max_days": 36501}}`), []string{"rules[0].when.bond_max_days out_of_range"}},
		{"a choice by weight without one", also(`"display": {"choice": "weight"}`), []string{"display.weights required"}},
		{"weights from the least to the most", also(`"display": {"choice": "weight", "weights": {"shelf": 1, "window": 1000000}}`), nil},
		{"weights of nothing, of too much and of the roof", also(`"display": {"choice": "weight", "weights": {"shelf": 0, "window": 1000001, "roof": 1}}`),
			[]string{"display.weights.roof unknown", "display.weights.shelf out_of_range", "display.weights.window out_of_range"}},
		{"weights that wait for their choice", also(`"display": {"weights": {"flyer": 2}}`), nil},
		{"the least minimum", also(`"order_min_minor": 1`), nil},
		{"a minimum of nothing", also(`"order_min_minor": 0`), []string{"order_min_minor out_of_range"}},
		{"no minimum", also(`"order_min_minor": null`), nil},
		{"a target reached, by half and by a hundredfold", also(`"targets": [{"role": "home_staff", "steps": [{"from_bp": 0}, {"from_bp": 5000, "extra_bp": 10000}, {"from_bp": 1000000, "bonus_minor": 1}]}]`), nil},
		{"a target without steps, of nobody", also(`"targets": [{"role": "cleaner"}]`), []string{"targets[0].role unknown", "targets[0].steps required"}},
		{"target steps that do not rise", also(`"targets": [{"role": "home_staff", "steps": [{"from_bp": -1, "extra_bp": -1, "bonus_minor": -1}, {"from_bp": -1}, {"from_bp": 1000001, "extra_bp": 10001}]}]`),
			[]string{"targets[0].steps[0].from_bp out_of_range", "targets[0].steps[0].extra_bp out_of_range", "targets[0].steps[0].bonus_minor out_of_range",
				"targets[0].steps[1].from_bp out_of_range", "targets[0].steps[2].from_bp out_of_range", "targets[0].steps[2].extra_bp out_of_range"}},
		{"the same step twice", also(`"targets": [{"role": "home_staff", "steps": [{"from_bp": 1}, {"from_bp": 1}]}]`), []string{"targets[0].steps[1].from_bp out_of_range"}},
		{"a minimum of the month", also(`"month_min_minor": {"home_staff": 1}`), nil},
		{"of nothing and of strangers", also(`"month_min_minor": {"home_staff": 0, "cleaner": 1}`), []string{"month_min_minor.home_staff out_of_range", "month_min_minor.cleaner unknown"}},
		{"nothing said: everything missing is named at once", `{}`, []string{"version out_of_range", "first_day required", "rules required"}},
	}
	for _, tt := range tests {
		p := read(t, tt.text)
		err := p.Validate()
		if got := fieldsOf(err); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got  %q\n want %q", tt.why, got, tt.want)
		}
		if len(tt.want) > 0 && !errors.Is(err, shop.ErrFields) {
			t.Errorf("%s: %v is not fields_invalid", tt.why, err)
		}
	}
}

func TestAPlanHasAsManyRulesAsSomebodyCanRead(t *testing.T) {
	t.Parallel()
	p := read(t, `{`+least+`}`)
	p.Rules = slices.Repeat([]Rule{{Role: HomeStore}}, 500)
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	p.Rules = append(p.Rules, Rule{Role: HomeStore})
	if got := fieldsOf(p.Validate()); !slices.Equal(got, []string{"rules too_many"}) {
		t.Errorf("%q", got)
	}
}
