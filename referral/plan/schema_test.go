package plan

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// schema is the one that the contract promises.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../mobile-contract/plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("plan.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t testing.TB, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return s.Validate(value)
}

// isPlan says whether the program takes the text for a plan.
func isPlan(text []byte) error {
	w, err := ReadYAML(text)
	if err != nil {
		return err
	}
	return w.Plan.Validate()
}

// Who checks a plan by the schema is told the same as by the program.
func TestTheSchemaTakesWhatTheProgramTakes(t *testing.T) {
	t.Parallel()
	s := schema(t)
	also := func(text string) string { return `{` + least + `, ` + text + `}` }
	rule := func(text string) string { return `{"version": 1, "first_day": "2026-01-01", "rules": [` + text + `]}` }
	for _, text := range []string{
		`{` + least + `}`, `{}`, `[]`, `"plan"`, `{"version": 1, "rules": []}`, `{"version": 0, "first_day": "2026-01-01", "rules": []}`, `{"version": 1.5, "first_day": "2026-01-01", "rules": []}`,
		`{"version": 1, "first_day": "2026-02-30", "rules": []}`, `{"version": 1, "first_day": "2026-02-01T00:00:00Z", "rules": []}`, `{"version": 1, "first_day": 20260201, "rules": []}`, `{"version": 1, "first_day": "2026-01-01", "rules": null}`,
		also(`"hold_day": 7`), also(`"hold_days": 7`), also(`"hold_days": 6`), also(`"hold_days": 36501`), also(`"hold_days": null`), also(`"hold_days": "7"`),
		also(`"clawback_days": null`), also(`"clawback_days": 0`), also(`"clawback_days": -1`), also(`"clawback_month_cap_minor": 0`), also(`"clawback_month_cap_minor": -1`), also(`"clawback_month_cap_minor": 9223372036854775808`),
		also(`"display": {"window_days": 0, "choice": "even"}`), also(`"display": {"window_days": -1}`), also(`"display": {"choice": "all"}`), also(`"display": {"colour": 1}`), also(`"display": null`),
		also(`"display": {"choice": "weight"}`), also(`"display": {"choice": "weight", "weights": {}}`), also(`"display": {"choice": "weight", "weights": null}`), also(`"display": {"choice": "weight", "weights": {"shelf": 1}}`),
		also(`"display": {"weights": {"shelf": 0}}`), also(`"display": {"weights": {"roof": 1}}`), also(`"display": {"weights": {"flyer": 1000001}}`), also(`"display": {"weights": {"reseller": 1000000}}`), also(`"display": {"weights": null}`),
		also(`"conflict": {"home_display": "split"}`), also(`"conflict": {"home_display": "split", "weights": [1]}`), also(`"conflict": {"home_display": "split", "weights": []}`), also(`"conflict": {"home_display": "split", "weights": null}`),
		also(`"conflict": {"home_display": "split", "weights": [1, 0]}`), also(`"conflict": {"weights": [0, 0]}`), also(`"conflict": {"weights": [-1, 2]}`), also(`"conflict": {"weights": [1, 1000001]}`), also(`"conflict": {"weights": [1, 2, 3]}`), also(`"conflict": {"weights": []}`), also(`"conflict": {"weights": null}`),
		also(`"conflict": {"same_store": "split"}`), also(`"conflict": {"assist_home": "selling"}`), also(`"conflict": {"selling_home": "assist"}`), also(`"conflict": {"home_display": "assist"}`), also(`"conflict": {"same_store": "both", "assist_home": "home", "selling_home": "selling", "home_display": "display"}`),
		also(`"exclude": {"skus": [""]}`), also(`"exclude": {"categories": ["a", ""]}`), also(`"exclude": {"skus": ["A"], "categories": null, "employee_discount": true}`), also(`"exclude": {"employee_discount": "yes"}`), also(`"exclude": {"skus": [1]}`),
		also(`"order_cap_minor": 0`), also(`"order_cap_minor": 1`), also(`"order_cap_minor": null`), also(`"order_min_minor": 0`), also(`"order_min_minor": 1`), also(`"order_min_minor": null`),
		also(`"role_cap_minor": {"home_store": 0}`), also(`"role_cap_minor": {"home_store": 1}`), also(`"role_cap_minor": {"pickup_store": 5}`), also(`"role_cap_minor": {"cleaner": 5}`), also(`"role_cap_minor": null`),
		also(`"month_cap_minor": {"pickup_store": 5}`), also(`"month_cap_minor": {"home_staff": -1}`), also(`"month_min_minor": {"pickup_store": 5}`), also(`"month_min_minor": {"home_staff": 0}`), also(`"month_min_minor": {"x": 1}`), also(`"month_min_minor": null`),
		also(`"counter_base": "half"`), also(`"counter_base": "net"`), also(`"exchange": "no"`), also(`"exchange": "anew"`), also(`"price_adjustment": "keep"`), also(`"price_adjustment": "reverse"`), also(`"leaver": "neutral"`), also(`"leaver": "pool"`), also(`"leaver": null`),
		also(`"tiers": null`), also(`"tiers": []`), also(`"tiers": [{"role": "home_store", "kind": "whole"}]`), also(`"tiers": [{"role": "home_store", "kind": "whole", "steps": []}]`), also(`"tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 10000}]}]`),
		also(`"tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from_minor": -1}]}]`), also(`"tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from": 1}]}]`), also(`"tiers": [{"role": "x", "kind": "whole", "steps": [{"from_minor": 1}]}]`), also(`"tiers": [{"role": "home_store", "kind": "half", "steps": [{"extra_bp": 10001}]}]`),
		also(`"targets": [{"role": "home_store", "steps": []}]`), also(`"targets": [{"role": "home_store", "steps": [{"from_bp": 1000000, "extra_bp": 1, "bonus_minor": 0}]}]`), also(`"targets": [{"role": "home_store", "steps": [{"from_bp": 1000001}]}]`), also(`"targets": [{"role": "home_store", "steps": [{"bonus_minor": -1}]}]`), also(`"targets": [{"role": "x", "steps": [{}]}]`), also(`"targets": null`),
		rule(`{"role": "home_store", "rate_bp": 10000}`), rule(`{"role": "home_store", "rate_bp": 10001}`), rule(`{"role": "home_store", "rate_bp": -1}`), rule(`{"role": "home_store", "rate_bp": 2.5}`), rule(`{"role": "home"}`), rule(`{}`), rule(`{"role": "home_store", "rate": 3}`),
		rule(`{"role": "packing_store", "fixed_minor": 60}`), rule(`{"role": "home_store", "fixed_minor": 60}`), rule(`{"role": "home_store", "fixed_minor": 0}`), rule(`{"role": "pickup_store", "fixed_minor": -1}`),
		rule(`{"role": "home_store", "when": {}}`), rule(`{"role": "home_store", "when": null}`), rule(`{"role": "home_store", "when": {"store_kind": "kiosk"}}`), rule(`{"role": "home_store", "when": {"store_kind": "reseller", "channel": "online", "category": "a", "sku": "b", "tag": "c", "campaign": "d", "customer": "new", "bond_min_days": 1, "bond_max_days": 2}}`),
		rule(`{"role": "home_store", "when": {"channel": "phone"}}`), rule(`{"role": "home_store", "when": {"customer": "old"}}`), rule(`{"role": "home_store", "when": {"bond_min_days": -1}}`), rule(`{"role": "home_store", "when": {"bond_max_days": 36501}}`), rule(`{"role": "home_store", "when": {"bond_max_days": null}}`), rule(`{"role": "home_store", "when": {"colour": "red"}}`), rule(`{"role": "home_store", "when": {"sku": 1}}`),
	} {
		bySchema, byProgram := fits(t, s, []byte(text)), isPlan([]byte(text))
		if (bySchema == nil) != (byProgram == nil) {
			t.Errorf("%s\n schema  %v\n program %v", text, bySchema, byProgram)
		}
	}
}

// What the schema cannot say, as its description admits.
func TestThatStepsRiseIsCheckedAllTheSame(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, text := range []string{
		`"tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from_minor": 5}, {"from_minor": 5}]}]`, `"targets": [{"role": "home_store", "steps": [{"from_bp": 5}, {"from_bp": 4}]}]`,
	} {
		text = `{` + least + `, ` + text + `}`
		if fits(t, s, []byte(text)) != nil || isPlan([]byte(text)) == nil {
			t.Errorf("%s: schema %v, program %v", text, fits(t, s, []byte(text)), isPlan([]byte(text)))
		}
	}
}

func TestEveryPlanFitsTheSchema(t *testing.T) {
	t.Parallel()
	s := schema(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		b, err := json.Marshal(p)
		if err != nil {
			rt.Fatal(err)
		}
		if err := fits(t, s, b); err != nil {
			rt.Fatalf("%v in %s", err, b)
		}
	})
}
