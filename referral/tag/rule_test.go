package tag

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestTheFirstRuleThatHoldsLeads(t *testing.T) {
	t.Parallel()
	taipei := time.FixedZone("Asia/Taipei", 8*60*60)
	yes, no := new(bool), new(bool)
	*yes = true
	open := team.Hours{"sun": {{Opens: "11:00", Closes: "21:30"}}}
	noon := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // a Sunday, 12:00 in Taipei
	night := noon.Add(12 * time.Hour)
	english := Rule{Language: shop.English, Destination: "en"}
	app := Rule{HasApp: yes, Destination: "app"}
	closed := Rule{StoreOpen: no, Destination: "closed"}
	for _, tc := range []struct {
		why   string
		rules []Rule
		hours team.Hours
		is    Circumstance
		want  string
	}{
		{"no rule", nil, nil, Circumstance{Language: shop.English, HasApp: true, At: noon}, "own"},
		{"her language", []Rule{english}, nil, Circumstance{Language: shop.English, At: noon}, "en"},
		{"another language", []Rule{english}, nil, Circumstance{Language: shop.TraditionalChinese, At: noon}, "own"},
		{"she has the app", []Rule{app}, nil, Circumstance{HasApp: true, At: noon}, "app"},
		{"she has not", []Rule{app}, nil, Circumstance{At: noon}, "own"},
		{"who has not is asked for", []Rule{{HasApp: no, Destination: "get it"}}, nil, Circumstance{At: noon}, "get it"},
		{"closed at night", []Rule{closed}, open, Circumstance{At: night}, "closed"},
		{"open at noon", []Rule{closed}, open, Circumstance{At: noon}, "own"},
		{"open is asked for", []Rule{{StoreOpen: yes, Destination: "come in"}}, open, Circumstance{At: noon}, "come in"},
		{"nobody knows the hours", []Rule{closed}, nil, Circumstance{At: night}, "own"},
		{"the first of two that hold", []Rule{app, english}, nil, Circumstance{Language: shop.English, HasApp: true, At: noon}, "app"},
		{"the other way round", []Rule{english, app}, nil, Circumstance{Language: shop.English, HasApp: true, At: noon}, "en"},
		{"the second, as the first does not hold", []Rule{app, english}, nil, Circumstance{Language: shop.English, At: noon}, "en"},
		{"all conditions of a rule", []Rule{{Language: shop.English, HasApp: yes, StoreOpen: no, Destination: "all"}}, open,
			Circumstance{Language: shop.English, HasApp: true, At: night}, "all"},
		{"all but one", []Rule{{Language: shop.English, HasApp: yes, StoreOpen: no, Destination: "all"}}, open,
			Circumstance{Language: shop.English, HasApp: true, At: noon}, "own"},
	} {
		target := Target{Destination: "own", rules: &ruling{rules: tc.rules, hours: tc.hours, zone: taipei}}
		if got := target.URL(tc.is, ""); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
}

func TestRulesThatCannotBeFollowedAreNamed(t *testing.T) {
	t.Parallel()
	good := Rule{Language: shop.English, Destination: "https://www.brand.tw/en"}
	for _, tc := range []struct {
		why   string
		rules []Rule
		want  int
	}{
		{"one", []Rule{good}, 0},
		{"none", nil, 0},
		{"without a condition", []Rule{{Destination: good.Destination}}, 1},
		{"a language that nobody here speaks", []Rule{{Language: "tlh", Destination: good.Destination}}, 1},
		{"leads nowhere", []Rule{good, {Language: shop.English}}, 1},
		{"leads to two places", []Rule{{Language: shop.English, Destination: good.Destination, Template: "product"}}, 1},
		{"too many", make([]Rule, 11), 1 + 2*11},
	} {
		var c shop.Check
		checkRules(&c, tc.rules)
		if got := wrongFields(c.Err()); got != tc.want {
			t.Errorf("%s: %d wrong fields, want %d: %v", tc.why, got, tc.want, c.Err())
		}
	}
}

func TestAbuse30ATagCreditsItsPersonWhileSheIsThere(t *testing.T) {
	t.Parallel()
	amy, end := shop.NewID(time.Now()), time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		why   string
		until time.Time
		at    time.Time
		want  shop.ID
	}{
		{"no end is known", time.Time{}, end, amy},
		{"her last moment", end, end.Add(-time.Millisecond), amy},
		{"it is over", end, end, shop.ID{}},
		{"long over", end, end.AddDate(1, 0, 0), shop.ID{}},
	} {
		if got := (Target{Staff: amy, StaffUntil: tc.until}).StaffAt(tc.at); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
}
