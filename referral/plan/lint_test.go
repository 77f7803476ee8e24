package plan

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"homestore/clienteling/shop"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with its file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; look at it like at code, then run go test ./referral/plan -update:\n%s", path, got)
	}
}

func written(t *testing.T, text string) Written {
	t.Helper()
	var w Written
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	if err := w.Plan.Validate(); err != nil {
		t.Fatal(err)
	}
	return w
}

var brand = Known{Categories: []string{"sofa", "lamp"}, Tags: map[string]bool{"LIVE": true, "OLD": false}}

func TestFindings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why, rules, rest string
		want             []string // "severity code rules"
	}{
		{"a plan about which nothing is to be said", `{"role": "home_store", "rate_bp": 300}`, `"leaver": "keep"`, nil},
		{"the leaver clause is missing", `{"role": "home_store", "rate_bp": 300}`, `"hold_days": 14`, []string{"warning leaver_unsaid []"}},
		{"a pool is divided by hours", `{"role": "home_store", "rate_bp": 300}`, `"leaver": "pool"`, []string{"warning pool_without_hours []"}},
		{"nobody is paid", ``, `"leaver": "keep"`, []string{"warning pays_nobody []"}},
		{"rules of nothing pay nobody", `{"role": "home_store"}`, `"leaver": "keep"`, []string{"warning pays_nobody []"}},
		{"a fee alone pays somebody", `{"role": "packing_store", "fixed_minor": 1}`, `"leaver": "keep"`, nil},
		{"a hidden rule", `{"role": "home_store", "rate_bp": 300}, {"role": "home_store", "rate_bp": 900, "when": {"sku": "A"}}`, `"leaver": "keep"`, []string{"error rule_unreachable [2]"}},
		{"an exception before the general rule", `{"role": "home_store", "rate_bp": 900, "when": {"sku": "A"}}, {"role": "home_store", "rate_bp": 300}`, `"leaver": "keep"`, nil},
		{"two that cross", `{"role": "home_store", "rate_bp": 900, "when": {"category": "sofa"}}, {"role": "home_store", "rate_bp": 300, "when": {"channel": "online"}}, {"role": "home_store", "rate_bp": 100}`,
			`"leaver": "keep"`, []string{"warning rules_overlap [1 2]"}},
		{"two that cross and pay alike", `{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}, {"role": "home_store", "rate_bp": 300, "when": {"channel": "online"}}, {"role": "home_store", "rate_bp": 100}`,
			`"leaver": "keep"`, nil},
		{"two that cross in their fee", `{"role": "pickup_store", "fixed_minor": 9, "when": {"category": "sofa"}}, {"role": "pickup_store", "fixed_minor": 3, "when": {"store_kind": "shop"}}, {"role": "pickup_store"}`,
			`"leaver": "keep"`, []string{"warning rules_overlap [1 2]"}},
		{"where they cross an earlier one decides", `{"role": "home_store", "rate_bp": 1, "when": {"category": "sofa", "channel": "online"}}, {"role": "home_store", "rate_bp": 900, "when": {"category": "sofa"}},
			{"role": "home_store", "rate_bp": 300, "when": {"channel": "online"}}, {"role": "home_store", "rate_bp": 100}`, `"leaver": "keep"`, nil},
		{"of two roles", `{"role": "home_store", "rate_bp": 900, "when": {"category": "sofa"}}, {"role": "home_staff", "rate_bp": 300, "when": {"channel": "online"}}, {"role": "home_store"}, {"role": "home_staff"}`, `"leaver": "keep"`, nil},
		{"a later one that two cross", `{"role": "home_store", "rate_bp": 9, "when": {"sku": "A"}}, {"role": "home_store", "rate_bp": 8, "when": {"sku": "B"}}, {"role": "home_store", "rate_bp": 7, "when": {"bond_min_days": 30}}, {"role": "home_store"}`,
			`"leaver": "keep"`, []string{"warning rules_overlap [1 2 3]"}},
		{"spans of bonds that cross", `{"role": "home_store", "rate_bp": 9, "when": {"bond_max_days": 60}}, {"role": "home_store", "rate_bp": 8, "when": {"bond_min_days": 30}}`, `"leaver": "keep"`, []string{"warning rules_overlap [1 2]"}},
		{"spans that do not", `{"role": "home_store", "rate_bp": 9, "when": {"bond_max_days": 30}}, {"role": "home_store", "rate_bp": 8, "when": {"bond_min_days": 30}}`, `"leaver": "keep"`, nil},
		{"a span within a later one", `{"role": "home_store", "rate_bp": 9, "when": {"bond_min_days": 30, "bond_max_days": 60}}, {"role": "home_store", "rate_bp": 8, "when": {"bond_min_days": 30}}, {"role": "home_store"}`, `"leaver": "keep"`, nil},
		{"a span that ends with a later one", `{"role": "home_store", "rate_bp": 9, "when": {"bond_min_days": 30, "bond_max_days": 60}}, {"role": "home_store", "rate_bp": 8, "when": {"bond_max_days": 60}}, {"role": "home_store"}`, `"leaver": "keep"`, nil},
		{"a till role is at the till anyway", `{"role": "selling_store", "rate_bp": 9, "when": {"sku": "A"}}, {"role": "selling_store", "rate_bp": 8, "when": {"channel": "till"}}`, `"leaver": "keep"`, nil},
		{"the whole is given away", `{"role": "home_store", "rate_bp": 6000}, {"role": "display_store", "rate_bp": 4000}`, `"leaver": "keep"`, nil},
		{"and more than it", `{"role": "home_store", "rate_bp": 6000}, {"role": "display_store", "rate_bp": 4001}`, `"leaver": "keep"`, []string{"error shares_above_whole [1 2]"}},
		{"with a parcel", `{"role": "home_store", "rate_bp": 6000}, {"role": "packing_store", "rate_bp": 4001}`, `"leaver": "keep"`, []string{"error shares_above_whole [1 2]"}},
		{"a cap that cuts", `{"role": "home_store", "rate_bp": 300}`, `"leaver": "keep", "order_cap_minor": 900`, []string{"warning order_cap_cuts []"}},
		{"a cap on nothing", `{"role": "packing_store", "fixed_minor": 60}`, `"leaver": "keep", "order_cap_minor": 900`, nil},
		{"a category without a rule", `{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}`, `"leaver": "keep"`, []string{"warning category_without_rule []"}},
		{"an article's rule is not its category's", `{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}, {"role": "home_staff", "rate_bp": 300, "when": {"category": "lamp", "sku": "A"}}`, `"leaver": "keep"`, []string{"warning category_without_rule []"}},
		{"each category by a role of the group", `{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}, {"role": "home_staff", "rate_bp": 300, "when": {"category": "lamp"}}`, `"leaver": "keep"`, nil},
		{"a category that is excluded", `{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}`, `"leaver": "keep", "exclude": {"categories": ["lamp"]}`, nil},
		{"each group by itself", `{"role": "home_store", "rate_bp": 300}, {"role": "online_team", "rate_bp": 1, "when": {"category": "sofa"}}, {"role": "assist_staff", "rate_bp": 1, "when": {"category": "lamp"}}`,
			`"leaver": "keep"`, []string{"warning category_without_rule []", "warning category_without_rule []"}},
		{"a tag that is used, one that no longer is and one that never was", `{"role": "display_store", "rate_bp": 1, "when": {"tag": "LIVE"}}, {"role": "display_store", "rate_bp": 1, "when": {"tag": "OLD"}}, {"role": "display_store", "rate_bp": 1, "when": {"tag": "live"}}`,
			`"leaver": "keep"`, []string{"warning tag_retired [2]", "error tag_unknown [3]"}},
		{"tiers that fall", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "tiers": [{"role": "home_store", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 5}, {"from_minor": 9, "extra_bp": 5}, {"from_minor": 10, "extra_bp": 4}]}]`, []string{"warning steps_pay_less []"}},
		{"targets whose bonus falls", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "targets": [{"role": "home_store", "steps": [{"from_bp": 1, "bonus_minor": 5}, {"from_bp": 2, "bonus_minor": 5}, {"from_bp": 3, "bonus_minor": 4}]}]`, []string{"warning steps_pay_less []"}},
		{"targets whose rate falls", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "targets": [{"role": "home_store", "steps": [{"from_bp": 1, "extra_bp": 5}, {"from_bp": 2, "extra_bp": 4, "bonus_minor": 9}]}]`, []string{"warning steps_pay_less []"}},
		{"a minimum above the cap", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "month_min_minor": {"home_store": 10, "home_staff": 11, "assist_staff": 5}, "month_cap_minor": {"home_store": 10, "home_staff": 10, "online_team": 1}`, []string{"error month_min_above_cap []"}},
		{"tiers of a role without a rule", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "tiers": [{"role": "home_staff", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 5}]}]`, []string{"error role_without_rule []"}},
		{"a hidden rule is none", `{"role": "home_store", "rate_bp": 1}, {"role": "home_staff", "rate_bp": 1, "when": {"tag": "LIVE"}}`, `"leaver": "keep", "tiers": [{"role": "home_staff", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 5}]}]`,
			[]string{"error rule_unreachable [2]", "error role_without_rule []"}},
		{"targets whose bonus rises", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "targets": [{"role": "home_store", "steps": [{"from_bp": 1, "bonus_minor": 4}, {"from_bp": 2, "bonus_minor": 5}]}]`, nil},
		{"a target's rate needs volume", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "targets": [{"role": "assist_staff", "steps": [{"from_bp": 0, "extra_bp": 5}]}]`, []string{"error role_without_rule []"}},
		{"its bonus does not", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "targets": [{"role": "home_staff", "steps": [{"from_bp": 0, "bonus_minor": 5}]}]`, nil},
		{"weights that do nothing", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "display": {"weights": {"shelf": 2}}`, []string{"warning weights_unused []"}},
		{"weights that do", `{"role": "home_store", "rate_bp": 1}`, `"leaver": "keep", "display": {"choice": "weight", "weights": {"shelf": 2}}`, nil},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range written(t, `{"version": 1, "first_day": "2026-01-01", "rules": [`+tt.rules+`], `+tt.rest+`}`).Lint(brand) {
			got = append(got, fmt.Sprint(f.Severity, " ", f.Code, " ", f.Rules))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got  %q\n want %q", tt.why, got, tt.want)
		}
	}
}

func TestAnOverlapOfTwoSpansIsToldByTheAgesThatBothHave(t *testing.T) {
	t.Parallel()
	spans := [2]string{`"bond_min_days": 10, "bond_max_days": 60`, `"bond_min_days": 30, "bond_max_days": 90`}
	for range 2 {
		w := written(t, fmt.Sprintf(`{"version": 1, "first_day": "2026-01-01", "leaver": "keep", "rules": [{"role": "home_store", "rate_bp": 9, "when": {%s}}, {"role": "home_store", "rate_bp": 8, "when": {%s}}]}`, spans[0], spans[1]))
		found := w.Lint(Known{})
		if len(found) != 1 || !strings.Contains(found[0].Message[shop.English], "for bound for 30 days or more, bound for less than 60 days, rule 1 decides") {
			t.Errorf("%v", found)
		}
		spans[0], spans[1] = spans[1], spans[0]
	}
}

func TestWhatNobodyAskedIsNotLookedAt(t *testing.T) {
	t.Parallel()
	w := written(t, `{"version": 1, "first_day": "2026-01-01", "leaver": "keep", "rules": [{"role": "display_store", "rate_bp": 1, "when": {"tag": "T", "category": "sofa"}}]}`)
	if found := w.Lint(Known{}); len(found) > 0 {
		t.Errorf("%v", found)
	}
	if found := w.Lint(Known{Tags: map[string]bool{}}); len(found) != 1 || found[0].Code != TagUnknown {
		t.Errorf("a brand without tags: %v", found)
	}
}

// Every finding, as a shop manager reads it.
func TestFindingsInWords(t *testing.T) {
	t.Parallel()
	w := written(t, `{"version": 1, "first_day": "2026-01-01", "order_cap_minor": 1500, "rules": [
		{"role": "home_store", "rate_bp": 950, "when": {"category": "sofa", "customer": "new", "bond_min_days": 1, "bond_max_days": 90, "campaign": "SPRING"}},
		{"role": "home_store", "rate_bp": 250, "when": {"channel": "online", "store_kind": "shop"}},
		{"role": "home_store", "rate_bp": 5000, "when": {"category": "sofa", "sku": "S-1"}},
		{"role": "home_staff", "rate_bp": 5075},
		{"role": "home_staff", "rate_bp": 100, "when": {"store_kind": "counter"}},
		{"role": "pickup_store", "fixed_minor": 60, "when": {"category": "sofa", "customer": "returning"}},
		{"role": "pickup_store", "fixed_minor": 30, "rate_bp": 5, "when": {"store_kind": "popup"}},
		{"role": "display_staff", "rate_bp": 100, "when": {"tag": "OLD"}}, {"role": "display_staff", "rate_bp": 100, "when": {"tag": "NEVER"}}],
		"leaver": "pool", "display": {"weights": {"shelf": 2}}, "month_min_minor": {"home_staff": 900}, "month_cap_minor": {"home_staff": 800},
		"tiers": [{"role": "assist_staff", "kind": "whole", "steps": [{"from_minor": 0, "extra_bp": 5}, {"from_minor": 9, "extra_bp": 4}]}],
		"targets": [{"role": "home_staff", "steps": [{"from_bp": 10000, "extra_bp": 5}, {"from_bp": 12000, "extra_bp": 1}]}]}`)
	nothing := written(t, `{"version": 1, "first_day": "2026-01-01", "rules": []}`)
	many := written(t, `{"version": 1, "first_day": "2026-01-01", "leaver": "keep", "rules": [{"role": "home_store", "rate_bp": 10000}, {"role": "display_store", "rate_bp": 1}]}`)
	many.Plan.Rules = append(many.Plan.Rules, slices.Repeat([]Rule{{Role: OnlineTeam}}, 12_000)...)
	var text strings.Builder
	for _, f := range slices.Concat(w.Lint(brand), nothing.Lint(brand), []Finding{severest(many)}) {
		fmt.Fprintf(&text, "%s %s %v\n  %s\n  %s\n", f.Severity, f.Code, f.Rules, f.Message[shop.TraditionalChinese], f.Message[shop.English])
	}
	golden(t, "findings.golden", text.String())
}

// severest is what is said of shares above the whole where too many rules are there to try each case.
func severest(w Written) Finding {
	l := &lint{p: &w.Plan, dearest: w.Plan.dearest()}
	l.aboveWhole()
	return l.found[0]
}

func TestErrorsStopAndWarningsAreToBeRead(t *testing.T) {
	t.Parallel()
	found := []Finding{{Code: "a", Severity: Warning}, {Code: "b", Severity: Warning}, {Code: "a", Severity: Warning}}
	if Stops(found) || !Stops(append(found, Finding{Code: "c", Severity: Error})) {
		t.Error("an error stops, warnings do not")
	}
	for read, want := range map[string][]string{"": {"a", "b"}, "a": {"b"}, "b": {"a"}, "a b c": nil} {
		if got := unread(found, strings.Fields(read)); !slices.Equal(got, want) {
			t.Errorf("read %q: %v unread, want %v", read, got, want)
		}
	}
	if got := unread([]Finding{{Code: "c", Severity: Error}}, nil); got != nil {
		t.Errorf("an error is not to be read away: %v", got)
	}
}

// Two rules clash exactly where some case fits both, the first of all that fit it is the earlier one, and not all of the earlier
// one's cases are the later's; here every case that the drawn rules can tell apart is tried out.
func TestOverlapsAreExactlyTheCasesThatTwoRulesWant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p Plan
		for n := range rapid.IntRange(2, 5).Draw(t, "rules") {
			w := When{
				Channel:  rapid.SampledFrom([]string{"", "online", "till"}).Draw(t, "channel"),
				Category: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "category"),
				SKU:      rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "sku"),
				Customer: rapid.SampledFrom([]string{"", "new", "returning"}).Draw(t, "customer"),
			}
			if rapid.Bool().Draw(t, "bonded") {
				from, to := rapid.IntRange(0, 2).Draw(t, "from"), rapid.IntRange(0, 3).Draw(t, "to")
				w.BondMinDays, w.BondMaxDays = &from, &to
			}
			p.Rules = append(p.Rules, Rule{Role: HomeStore, RateBP: int64(n), When: w})
		}
		j := len(p.Rules) - 1
		i := rapid.IntRange(0, j-1).Draw(t, "earlier")
		shared, within, own := false, true, false
		for _, c := range casesOf(HomeStore) {
			first, second := p.Rules[i].When.Holds(c), p.Rules[j].When.Holds(c)
			_, number, _ := p.Rule(HomeStore, c)
			own = own || first
			shared = shared || first && second && number == i+1
			within = within && (!first || second)
		}
		if got, want := p.clash(i, j), own && shared && !within; got != want {
			t.Fatalf("rules %d and %d of %+v: clash %v, want %v", i+1, j+1, p.Rules, got, want)
		}
		if p.clash(i, j) {
			both := p.Rules[i].When.and(p.Rules[j].When)
			for _, c := range casesOf(HomeStore) {
				if both.Holds(c) != (p.Rules[i].When.Holds(c) && p.Rules[j].When.Holds(c)) {
					t.Fatalf("%+v and %+v are not %+v in %+v", p.Rules[i].When, p.Rules[j].When, both, c)
				}
			}
		}
	})
}

// Each of 498 rules asks for two of four facts, each for values of its own: what they leave to one another cannot be tried out.
func TestALongPlanOfOpenFactsIsLintedToItsEnd(t *testing.T) {
	t.Parallel()
	facts := []string{"category", "sku", "tag", "campaign"}
	var rules []string
	var asks [][2]int
	want := 0 // pairs of rules that ask for different facts
	for n := range 498 {
		pair := [2]int{n % 4, (n + 1 + n/4%3) % 4}
		for _, earlier := range asks {
			if !slices.Contains(earlier[:], pair[0]) && !slices.Contains(earlier[:], pair[1]) {
				want++
			}
		}
		asks = append(asks, pair)
		rules = append(rules, fmt.Sprintf(`{"role": "display_store", "rate_bp": %d, "when": {"%s": "v%d", "%s": "v%d"}}`, n+1, facts[pair[0]], n, facts[pair[1]], n))
	}
	got := 0
	for _, f := range written(t, `{"version": 1, "first_day": "2026-01-01", "leaver": "keep", "rules": [`+strings.Join(rules, ",")+`]}`).Lint(Known{}) {
		if f.Code != RulesOverlap {
			t.Errorf("%+v", f)
		}
		got += len(f.Rules) - 1
	}
	if got != want || want == 0 {
		t.Errorf("%d overlaps, want %d", got, want)
	}
}
