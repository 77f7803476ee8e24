package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"homestore/clienteling/shop"
)

func TestAPlanIsTheSameAfterItsFileWasReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		if err := p.Validate(); err != nil {
			t.Fatalf("a plan was drawn that is none: %v", err)
		}
		text := p.YAML()
		w, err := ReadYAML(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if !reflect.DeepEqual(w.Plan, p) || !w.SaysLeaver {
			t.Fatalf("got  %+v\nwant %+v\nby\n%s", w.Plan, p, text)
		}
		if again := w.Plan.YAML(); string(again) != string(text) {
			t.Fatalf("its second file is another:\n%s\n%s", text, again)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsFunc(b, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return // JSON may hold bare what YAML escapes
		}
		fromJSON, err := ReadYAML(b)
		if err != nil || !reflect.DeepEqual(fromJSON.Plan, p) {
			t.Fatalf("JSON is YAML: %v in %s", err, b)
		}
	})
}

const fileOfAPlan = `
version: 3
first_day: 2026-04-01
hold_days: 14
rules:
  - role: home_store
    rate_bp: 300
    when: {category: "sofa", customer: new, bond_max_days: 365}
  - {role: home_staff, rate_bp: 200}
  - role: pickup_store
    fixed_minor: 60
display: {choice: weight, weights: {shelf: 1, fitting_room: 3}}
conflict: {home_display: split, weights: [60, 40]}
exclude: {skus: [GIFT], employee_discount: true}
role_cap_minor: {home_staff: 900}
leaver: pool
tiers:
  - {role: home_staff, kind: marginal, steps: [{from_minor: 0, extra_bp: 0}, {from_minor: 100000, extra_bp: 50}]}
targets:
  - {role: home_staff, steps: [{from_bp: 10000, extra_bp: 100, bonus_minor: 500}]}
month_min_minor: {home_staff: 100}
`

func TestTheFileExplainsItself(t *testing.T) {
	t.Parallel()
	w, err := ReadYAML([]byte(fileOfAPlan))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.golden.yaml", string(w.Plan.YAML()))
	least := written(t, `{`+least+`}`)
	golden(t, "least.golden.yaml", string(least.Plan.YAML()))
}

func TestWhatAFileMayNotSayIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	also := func(text string) string { return "version: 1\nfirst_day: 2026-01-01\nrules: []\n" + text }
	for _, tt := range []struct{ why, text, field, hint string }{
		{"a misspelt key", also("hold_day: 7"), "hold_day", `Line 4: there is no key "hold_day" here; did you mean hold_days?`},
		{"a key of another place", also("display:\n  choice: last\n  window: 3"), "display.window", `Line 6: there is no key "window" here; did you mean window_days?`},
		{"a key that nobody meant", also("colour: red"), "colour", `Line 4: there is no key "colour" here.`},
		{"a key without a name", also(`"": red`), "", `Line 4: there is no key "" here.`},
		{"inside a rule", "version: 1\nfirst_day: 2026-01-01\nrules:\n- role: home_store\n  rate: 3", "rules[0].rate", `Line 5: there is no key "rate" here; did you mean rate_bp?`},
		{"inside a rule's conditions", "version: 1\nfirst_day: 2026-01-01\nrules:\n- role: home_store\n- role: home_store\n  when: {colour: red}", "rules[1].when.colour", `Line 6: there is no key "colour" here.`},
		{"the id that only the book gives", also("ID: 3"), "ID", `Line 4: there is no key "ID" here.`},
		{"a key twice", also("leaver: keep\nleaver: pool"), "leaver", `Line 5: "leaver" stands here twice.`},
		{"a role twice", also("role_cap_minor:\n  home_store: 1\n  home_store: 2"), "role_cap_minor.home_store", `Line 6: "home_store" stands here twice.`},
		{"a text for a number", also("hold_days: a week"), "hold_days", `Line 4: a whole number is expected here.`},
		{"a rate that is not whole", also("hold_days: 7.5"), "hold_days", `Line 4: a whole number is expected here.`},
		{"a number of another base", also("hold_days: 0o17"), "hold_days", `Line 4: a whole number is expected here.`},
		{"a number that seems to be another", also("hold_days: 010"), "hold_days", `Line 4: a whole number is expected here.`},
		{"a number in quotes", also(`hold_days: "7"`), "hold_days", `Line 4: a whole number is expected here.`},
		{"a number beyond every book", also("order_cap_minor: 9223372036854775808"), "order_cap_minor", `Line 4: a whole number is expected here.`},
		{"nothing for a number that has no such word", also("hold_days:"), "hold_days", `Line 4: a whole number is expected here.`},
		{"a number for a text", also("leaver: 1"), "leaver", `Line 4: a text is expected here; put it in quotes.`},
		{"a word that YAML takes for another", also("exclude: {skus: [1234]}"), "exclude.skus[0]", `Line 4: a text is expected here; put it in quotes.`},
		{"a character that no database keeps", also(`exclude: {skus: ["a\0"]}`), "exclude.skus[0]", `Line 4: U+0000 is no character of a text.`},
		{"yes is a text", also("exclude: {employee_discount: yes}"), "exclude.employee_discount", `Line 4: true or false is expected here.`},
		{"a list for a map", also("display: [last]"), "display", `Line 4: keys with their values are expected here.`},
		{"a map for a list", also("tiers: {role: home_store}"), "tiers", `Line 4: a list is expected here.`},
		{"a day that does not exist", "version: 1\nfirst_day: 2026-02-30\nrules: []", "first_day", `Line 2: a day is expected here, YYYY-MM-DD.`},
		{"a day that is a list", "version: 1\nfirst_day: []\nrules: []", "first_day", `Line 2: a day is expected here, YYYY-MM-DD.`},
		{"an alias, which may unfold to millions", also("exclude: {skus: &a [x], categories: *a}"), "exclude.skus", `Line 4: anchors and aliases are not taken; write it out.`},
		{"a merged map", also("display: {<<: {choice: even}}"), "display.<<", `Line 4: there is no key "<<" here.`},
		{"a list on top", "- 1", "", `Line 1: keys with their values are expected here.`},
		{"nothing", "# only a comment", "", "the file says nothing"},
		{"two plans", also("---\nversion: 2"), "", "one file holds one plan; another document follows"},
		{"what is no YAML", also("rules: ["), "", "line 4: did not find expected node content"},
		{"the longest file that is read", strings.Repeat("#", mostBytes), "", "the file says nothing"},
		{"a book", strings.Repeat("#", mostBytes+1), "", "a plan's file has at most 262144 bytes"},
	} {
		_, err := ReadYAML([]byte(tt.text))
		r, ok := errors.AsType[*shop.Refusal](err)
		if !ok || len(r.Fields) == 0 || !errors.Is(err, shop.ErrFields) {
			t.Errorf("%s: %v", tt.why, err)
			continue
		}
		if f := r.Fields[0]; f.Name != tt.field || f.Hint != tt.hint || f.Code != "plan_unreadable" {
			t.Errorf("%s: %+v\nwant %s: %s", tt.why, f, tt.field, tt.hint)
		}
	}
}

func TestEveryWrongLineIsNamedAtOnceUpToFifty(t *testing.T) {
	t.Parallel()
	_, err := ReadYAML([]byte("version: one\nfirst_day: never\nrules: none\ncolour: red"))
	if got := len(fieldsOf(err)); got != 4 {
		t.Errorf("%d wrong fields: %v", got, err)
	}
	var many strings.Builder
	for range 60 {
		many.WriteString("colour: red\n")
	}
	if _, err := ReadYAML([]byte(many.String())); len(fieldsOf(err)) != 50 {
		t.Errorf("%d wrong fields", len(fieldsOf(err)))
	}
}

func TestAFileThatSaysNothingOfLeaversIsKnownByIt(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]bool{"version: 1": false, "leaver: keep": true, "leaver: pool": true, `{"display": {"choice": "last"}}`: false} {
		if w, err := ReadYAML([]byte(text)); err != nil || w.SaysLeaver != says {
			t.Errorf("%s: says %v, %v", text, w.SaysLeaver, err)
		}
	}
}

func FuzzReadYAML(f *testing.F) {
	golden, err := os.ReadFile("testdata/plan.golden.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add([]byte("rules: [{role: home_store, when: {sku: \"\\u0000\"}}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := ReadYAML(text)
		if err != nil || w.Plan.Validate() != nil {
			return
		}
		if again, err := ReadYAML(w.Plan.YAML()); err != nil || !reflect.DeepEqual(again.Plan, w.Plan) {
			t.Fatalf("%v: %+v, then %+v", err, w.Plan, again.Plan)
		}
	})
}
