package plan

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRulesThatCanNeverDecide(t *testing.T) {
	t.Parallel()
	rule := func(role Role, w When) Rule { return Rule{Role: role, When: w} }
	n := func(days int) When { return When{BondMinDays: &days} }
	below := func(days int) When { return When{BondMaxDays: &days} }
	between := func(from, to int) When { return When{BondMinDays: &from, BondMaxDays: &to} }
	tests := []struct {
		why   string
		rules []Rule
		want  []int
	}{
		{"a general rule first hides the special one", []Rule{rule(HomeStore, When{}), rule(HomeStore, When{SKU: "A"})}, []int{2}},
		{"a special rule first hides nothing", []Rule{rule(HomeStore, When{SKU: "A"}), rule(HomeStore, When{})}, nil},
		{"other roles hide nothing", []Rule{rule(HomeStore, When{}), rule(HomeStaff, When{})}, nil},
		{"the same twice", []Rule{rule(HomeStore, When{SKU: "A"}), rule(HomeStore, When{SKU: "A"})}, []int{2}},
		{"both channels together are every case", []Rule{rule(HomeStore, When{Channel: "online"}), rule(HomeStore, When{Channel: "till"}), rule(HomeStore, When{})}, []int{3}},
		{"all kinds but one are not", []Rule{rule(HomeStore, When{StoreKind: "shop"}), rule(HomeStore, When{StoreKind: "online"}), rule(HomeStore, When{StoreKind: "popup"}), rule(HomeStore, When{StoreKind: "counter"}), rule(HomeStore, When{})}, nil},
		{"two halves of one article", []Rule{rule(HomeStore, When{SKU: "A", Channel: "online"}), rule(HomeStore, When{SKU: "A", Channel: "till"}), rule(HomeStore, When{SKU: "A", Category: "sofa"})}, []int{3}},
		{"a till role online", []Rule{rule(SellingStaff, When{Channel: "online"}), rule(OnlineTeam, When{Channel: "till"})}, []int{1, 2}},
		{"a till role at the till is every case", []Rule{rule(SellingStaff, When{Channel: "till"}), rule(SellingStaff, When{})}, []int{2}},
		{"a tag for who has none", []Rule{rule(HomeStore, When{Tag: "T"}), rule(DisplayStore, When{Tag: "T"})}, []int{1}},
		{"a bond for who has none", []Rule{rule(DisplayStore, n(3)), rule(HomeStore, n(3))}, []int{1}},
		{"an older bond after a younger one", []Rule{rule(HomeStore, n(30)), rule(HomeStore, n(90))}, []int{2}},
		{"a younger bond after an older one", []Rule{rule(HomeStore, n(90)), rule(HomeStore, n(30)), rule(HomeStore, When{})}, nil},
		{"the longest bond first", []Rule{rule(HomeStore, n(maxDays)), rule(HomeStore, When{})}, nil},
		{"a bond of no days is every bond", []Rule{rule(HomeStore, n(0)), rule(HomeStore, When{})}, []int{2}},
		{"old bonds by one rule, young ones by two", []Rule{rule(HomeStore, n(30)), rule(HomeStore, When{Channel: "online"}), rule(HomeStore, When{Channel: "till"}), rule(HomeStore, When{SKU: "A"})}, []int{4}},
		{"new and returning customers are all who have a home", []Rule{rule(HomeStore, When{Customer: "new"}), rule(HomeStore, When{Customer: "returning"}), rule(HomeStore, When{})}, []int{3}},
		{"and not all who buy", []Rule{rule(SellingStore, When{Customer: "new"}), rule(SellingStore, When{Customer: "returning"}), rule(SellingStore, When{})}, nil},
		{"one campaign is not all", []Rule{rule(SellingStore, When{Campaign: "A"}), rule(SellingStore, When{Campaign: "A", SKU: "S"}), rule(SellingStore, When{})}, []int{2}},
		{"young and old bonds are all", []Rule{rule(HomeStore, below(30)), rule(HomeStore, n(30)), rule(HomeStore, When{})}, []int{3}},
		{"a day between them is left", []Rule{rule(HomeStore, below(29)), rule(HomeStore, n(30)), rule(HomeStore, When{})}, nil},
		{"a span in the middle leaves both sides", []Rule{rule(HomeStore, between(10, 20)), rule(HomeStore, below(10)), rule(HomeStore, n(20)), rule(HomeStore, When{})}, []int{4}},
		{"a span within the spans before it", []Rule{rule(HomeStore, between(10, 20)), rule(HomeStore, between(20, 30)), rule(HomeStore, between(15, 25))}, []int{3}},
		{"a span that is none", []Rule{rule(HomeStore, between(20, 20)), rule(HomeStore, between(20, 21))}, []int{1}},
		{"a young bond for who has none", []Rule{rule(DisplayStore, below(30)), rule(DisplayStore, When{})}, []int{1}},
	}
	for _, tt := range tests {
		p := Plan{Rules: tt.rules}
		if got := p.Unreachable(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.why, got, tt.want)
		}
	}
}

// The linter reasons about regions; here every case that the drawn rules can tell apart is tried out.
func TestUnreachableRulesAreExactlyThoseThatNoCaseReaches(t *testing.T) {
	t.Parallel()
	words := []string{"", "a", "b"}
	rapid.Check(t, func(t *rapid.T) {
		role := rapid.SampledFrom([]Role{HomeStore, DisplayStaff, SellingStore, OnlineTeam, PickupStore}).Draw(t, "role")
		var p Plan
		for range rapid.IntRange(1, 7).Draw(t, "rules") {
			w := When{
				Channel:  rapid.SampledFrom([]string{"", "online", "till"}).Draw(t, "channel"),
				Category: rapid.SampledFrom(words).Draw(t, "category"),
				Tag:      rapid.SampledFrom(words).Draw(t, "tag"),
				SKU:      rapid.SampledFrom(words).Draw(t, "sku"),
			}
			if rapid.Bool().Draw(t, "bonded") {
				w.BondMinDays = new(int)
				*w.BondMinDays = rapid.IntRange(0, 2).Draw(t, "bond")
			}
			if rapid.Bool().Draw(t, "young") {
				w.BondMaxDays = new(int)
				*w.BondMaxDays = rapid.IntRange(0, 3).Draw(t, "bond below")
			}
			w.Customer = rapid.SampledFrom([]string{"", "new", "returning"}).Draw(t, "customer")
			p.Rules = append(p.Rules, Rule{Role: role, When: w})
		}
		reached := map[int]bool{}
		for _, c := range casesOf(role) {
			if _, number, ok := p.Rule(role, c); ok {
				reached[number] = true
			}
		}
		for number := range len(p.Rules) {
			if hidden := slices.Contains(p.Unreachable(), number+1); hidden == reached[number+1] {
				t.Fatalf("rule %d of %+v: unreachable %v, reached %v", number+1, p.Rules, hidden, reached[number+1])
			}
		}
	})
}

func casesOf(role Role) (cases []Conditions) {
	channels, tags, bonds, customers := []string{"online", "till"}, []string{""}, []int{0}, []string{"new", "returning", ""}
	switch role {
	case SellingStore:
		channels = []string{"till"}
	case OnlineTeam:
		channels = []string{"online"}
	case DisplayStaff:
		tags = []string{"a", "b", "another"}
	case HomeStore:
		bonds, customers = []int{0, 1, 2, 3}, customers[:2]
	}
	for _, channel := range channels {
		for n := range 9 {
			category, sku := [...]string{"a", "b", "another"}[n/3], [...]string{"a", "b", "another"}[n%3]
			for _, tag := range tags {
				for _, bond := range bonds {
					for _, customer := range customers {
						cases = append(cases, Conditions{Channel: channel, Category: category, SKU: sku, Tag: tag, Bound: role.IsHome(), Bond: days(bond), Customer: customer})
					}
				}
			}
		}
	}
	return cases
}
