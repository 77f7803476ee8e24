package plan

import (
	"math/big"
	"slices"
	"testing"
)

func TestTheDearestLineIsWhatTheConflictRulesLetStandTogether(t *testing.T) {
	t.Parallel()
	const all = `{"role": "home_store", "rate_bp": 1000}, {"role": "home_staff", "rate_bp": 200}, {"role": "display_store", "rate_bp": 300}, {"role": "display_staff", "rate_bp": 40},
		{"role": "assist_staff", "rate_bp": 150}, {"role": "selling_store", "rate_bp": 5}, {"role": "selling_staff", "rate_bp": 160}, {"role": "online_team", "rate_bp": 7}`
	tests := []struct {
		why, rules, rest string
		sale             string
		parcel           int64
		numbers          []int
	}{
		{"everybody at the till", all, `"version": 1`, "1855", 0, []int{1, 2, 3, 4, 5, 6, 7}},
		{"online, where the web team is dearer than a till", `{"role": "home_store", "rate_bp": 100}, {"role": "online_team", "rate_bp": 70}, {"role": "selling_store", "rate_bp": 30}, {"role": "selling_staff", "rate_bp": 39}`, `"version": 1`, "170", 0, []int{1, 2}},
		{"home wins over displays", all, `"conflict": {"home_display": "home"}`, "1515", 0, []int{1, 2, 5, 6, 7}},
		{"the display wins, yet without one home is dearer", all, `"conflict": {"home_display": "display"}`, "1515", 0, []int{1, 2, 5, 6, 7}},
		{"a split is dearer than neither alone here", all, `"conflict": {"home_display": "split", "weights": [1, 1]}`, "1515", 0, []int{1, 2, 5, 6, 7}},
		{"at the home store itself both are paid", all, `"conflict": {"home_display": "home", "same_store": "both"}`, "1855", 0, []int{1, 2, 3, 4, 5, 6, 7}},
		{"the assistant or home staff: home staff", all, `"conflict": {"assist_home": "assist"}`, "1705", 0, []int{1, 2, 3, 4, 6, 7}},
		{"the same, said the other way", all, `"conflict": {"assist_home": "home"}`, "1705", 0, []int{1, 2, 3, 4, 6, 7}},
		{"home staff or the seller", all, `"conflict": {"selling_home": "selling"}`, "1697", 0, []int{1, 2, 3, 4, 5, 8}},
		{"home staff or both others: both others", all, `"conflict": {"selling_home": "home", "assist_home": "home"}`, "1655", 0, []int{1, 3, 4, 5, 6, 7}},
		{"nobody", ``, `"version": 1`, "0", 0, nil},
		{"goods of two sorts do not meet on one line", `{"role": "home_store", "rate_bp": 6000, "when": {"category": "a"}}, {"role": "display_store", "rate_bp": 6000, "when": {"category": "b"}}`, `"version": 1`, "6000", 0, []int{1}},
		{"a young bond and an old one do not either", `{"role": "home_store", "rate_bp": 6000, "when": {"bond_max_days": 30}}, {"role": "home_staff", "rate_bp": 5000, "when": {"bond_min_days": 30}}`, `"version": 1`, "6000", 0, []int{1}},
		{"nor a new customer and a returning one", `{"role": "assist_staff", "rate_bp": 6000, "when": {"customer": "new"}}, {"role": "display_store", "rate_bp": 5000, "when": {"customer": "returning"}}`, `"version": 1`, "6000", 0, []int{1}},
		{"nor two kinds of store under one roof", `{"role": "display_store", "rate_bp": 10, "when": {"store_kind": "shop"}}, {"role": "display_staff", "rate_bp": 20, "when": {"store_kind": "popup"}}`, `"version": 1`, "20", 0, []int{2}},
		{"two stores may be of two kinds", `{"role": "display_store", "rate_bp": 10, "when": {"store_kind": "shop"}}, {"role": "home_store", "rate_bp": 20, "when": {"store_kind": "popup"}}`, `"version": 1`, "30", 0, []int{1, 2}},
		{"a campaign, an article and a tag meet", `{"role": "home_store", "rate_bp": 1, "when": {"campaign": "A"}}, {"role": "assist_staff", "rate_bp": 2, "when": {"sku": "S"}}, {"role": "display_staff", "rate_bp": 4, "when": {"tag": "T"}}`, `"version": 1`, "7", 0, []int{1, 2, 3}},
		{"what is excluded earns nobody", `{"role": "home_store", "rate_bp": 9, "when": {"sku": "S"}}, {"role": "home_store", "rate_bp": 1}`, `"exclude": {"skus": ["S"]}`, "1", 0, []int{2}},
		{"an earlier rule takes the case", `{"role": "home_store", "rate_bp": 1}, {"role": "home_store", "rate_bp": 9, "when": {"sku": "S"}}`, `"version": 1`, "1", 0, []int{1}},
		{"a parcel is packed or handed over", `{"role": "pickup_store", "rate_bp": 3}, {"role": "packing_store", "rate_bp": 4}, {"role": "home_store", "rate_bp": 1}`, `"version": 1`, "1", 4, []int{2, 3}},
		{"handed over is dearer", `{"role": "pickup_store", "rate_bp": 5, "fixed_minor": 60}, {"role": "packing_store", "rate_bp": 4}`, `"version": 1`, "0", 5, []int{1}},
		{"a home is somebody's, here a new customer's", `{"role": "home_store", "rate_bp": 6000, "when": {"customer": "new"}}`, `"version": 1`, "6000", 0, []int{1}},
		{"a rule of nothing is not among them", `{"role": "home_store"}, {"role": "home_staff", "rate_bp": 5}`, `"version": 1`, "5", 0, []int{2}},
		{"of two tags alike the first is told", `{"role": "display_store", "rate_bp": 5, "when": {"tag": "A"}}, {"role": "display_store", "rate_bp": 5, "when": {"tag": "B"}}`, `"version": 1`, "5", 0, []int{1}},
		{"of two channels alike the web", `{"role": "selling_store", "rate_bp": 70}, {"role": "online_team", "rate_bp": 70}`, `"version": 1`, "70", 0, []int{2}},
		{"a split beside one of two", `{"role": "home_store", "rate_bp": 100}, {"role": "display_store", "rate_bp": 99}`, `"conflict": {"home_display": "split", "weights": [2, 1]}`, "100", 0, []int{1}},
	}
	for _, tt := range tests {
		p := read(t, `{"version": 1, "first_day": "2026-01-01", "rules": [`+tt.rules+`], `+tt.rest+`}`)
		w, want := p.dearest(), new(big.Rat)
		want.SetString(tt.sale)
		if w.sale.Cmp(want) != 0 || w.parcel != tt.parcel || !slices.Equal(w.rules, tt.numbers) || !w.isExact && len(tt.numbers) > 0 {
			t.Errorf("%s: %s and %d by %v (exact %v), want %s and %d by %v", tt.why, w.sale.RatString(), w.parcel, w.rules, w.isExact, tt.sale, tt.parcel, tt.numbers)
		}
		if all := p.dearestOfAll(); all.total().Cmp(w.total()) < 0 || all.isExact {
			t.Errorf("%s: without trying cases %s, which is less than %s", tt.why, all.total().RatString(), w.total().RatString())
		}
	}
}

func TestTooManyCasesAreNotTried(t *testing.T) {
	t.Parallel()
	var p Plan
	for i := range 60 {
		p.Rules = append(p.Rules, Rule{Role: HomeStore, RateBP: 6000, When: When{SKU: string(rune('A' + i)), Category: "a"}}, Rule{Role: DisplayStore, RateBP: int64(5000 + i), When: When{Tag: string(rune('A' + i)), Category: "b"}})
	}
	p.Conflict = withDefaults().Conflict
	if w := p.dearest(); w.isExact || w.sale.Cmp(big.NewRat(11059, 1)) != 0 || !slices.Equal(w.rules, []int{1, 120}) {
		t.Errorf("%s by %v, exact %v", w.sale.RatString(), w.rules, w.isExact)
	}
}
