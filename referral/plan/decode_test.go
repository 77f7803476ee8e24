package plan

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func read(t *testing.T, text string) Plan {
	t.Helper()
	var p Plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

const least = `"version": 1, "first_day": "2026-01-01", "rules": []`

func TestAbsentKeysTakeTheirDefaults(t *testing.T) {
	t.Parallel()
	p := read(t, `{`+least+`}`)
	sixty := 60
	want := Plan{
		Version: 1, FirstDay: p.FirstDay, Rules: []Rule{}, HoldDays: 14, ClawbackDays: &sixty,
		Display:     Display{WindowDays: 30, Choice: "last"},
		Conflict:    Conflict{HomeDisplay: "both", SameStore: "home", AssistHome: "both", SellingHome: "both"},
		CounterBase: "gross", Exchange: "keep", PriceAdjustment: "neutral", Leaver: "keep",
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
	if p.FirstDay.String() != "2026-01-01" {
		t.Errorf("first day %v", p.FirstDay)
	}
	if err := p.Validate(); err != nil {
		t.Errorf("the least plan is refused: %v", err)
	}
}

func TestWhatIsSaidStandsAndTheRestKeepsItsDefault(t *testing.T) {
	t.Parallel()
	p := read(t, `{`+least+`, "display": {"choice": "even"}, "conflict": {"home_display": "split", "weights": [60, 40]}, "hold_days": 7, "clawback_days": null}`)
	if !reflect.DeepEqual(p.Display, Display{WindowDays: 30, Choice: "even"}) {
		t.Errorf("display %+v", p.Display)
	}
	if p.Conflict.SameStore != "home" || p.Conflict.Weights[1] != 40 {
		t.Errorf("conflict %+v", p.Conflict)
	}
	if p.HoldDays != 7 || p.ClawbackDays != nil {
		t.Errorf("hold %d, clawback %v: null is for ever", p.HoldDays, p.ClawbackDays)
	}
	if q := read(t, `{`+least+`, "clawback_days": 0}`); q.ClawbackDays == nil || *q.ClawbackDays != 0 {
		t.Errorf("0 days are not for ever: %v", q.ClawbackDays)
	}
}

func TestDefaultsOfOnePlanAreNotThoseOfAnother(t *testing.T) {
	t.Parallel()
	a, b := read(t, `{`+least+`}`), read(t, `{`+least+`}`)
	*a.ClawbackDays = 5
	if *b.ClawbackDays != 60 {
		t.Error("two plans share their clawback days")
	}
}

func TestUnknownKeysAndWrongTypesAreErrors(t *testing.T) {
	t.Parallel()
	for why, text := range map[string]string{
		"a misspelt key":              `{` + least + `, "hold_day": 7}`,
		"inside display":              `{` + least + `, "display": {"window": 7}}`,
		"inside a rule":               `{"version": 1, "first_day": "2026-01-01", "rules": [{"role": "home_store", "rate": 3}]}`,
		"inside when":                 `{"version": 1, "first_day": "2026-01-01", "rules": [{"role": "home_store", "when": {"colour": "red"}}]}`,
		"inside a tier's step":        `{` + least + `, "tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from": 1}]}]}`,
		"a rate that is not whole":    `{"version": 1, "first_day": "2026-01-01", "rules": [{"role": "home_store", "rate_bp": 2.5}]}`,
		"a day that does not exist":   `{"version": 1, "first_day": "2026-02-30", "rules": []}`,
		"a day that is an instant":    `{"version": 1, "first_day": "2026-02-01T00:00:00Z", "rules": []}`,
		"a day that is a number":      `{"version": 1, "first_day": 20260201, "rules": []}`,
		"a cap that is too large":     `{` + least + `, "order_cap_minor": 99999999999999999999}`,
		"a plan that is not a record": `[]`,
	} {
		var p Plan
		if err := json.Unmarshal([]byte(text), &p); err == nil {
			t.Errorf("%s was taken: %+v", why, p)
		}
	}
}

func TestPlanReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	p := read(t, `{"version": 3, "first_day": "2026-04-01", "clawback_days": null, "order_cap_minor": 900, "role_cap_minor": {"home_store": 5},
		"exclude": {"skus": ["GIFT"], "categories": ["outlet"], "employee_discount": true}, "month_cap_minor": {"home_staff": 9}, "clawback_month_cap_minor": 4,
		"tiers": [{"role": "selling_staff", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 5}]}],
		"rules": [{"role": "home_store", "rate_bp": 300, "when": {"bond_min_days": 90, "tag": "T1"}}, {"role": "pickup_store", "fixed_minor": 60},
			{"role": "assist_staff", "rate_bp": 1, "when": {"campaign": "A", "customer": "new", "bond_max_days": 9}}],
		"display": {"choice": "weight", "weights": {"shelf": 2}}, "order_min_minor": 500, "month_min_minor": {"home_staff": 3},
		"targets": [{"role": "home_staff", "steps": [{"from_bp": 10000, "extra_bp": 50, "bonus_minor": 600}]}]}`)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if again := read(t, string(b)); !reflect.DeepEqual(again, p) {
		t.Errorf("got  %+v\nwant %+v", again, p)
	}
	if strings.Contains(string(b), "T00:00") {
		t.Errorf("a day was written as an instant: %s", b)
	}
}
