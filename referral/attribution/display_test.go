package attribution

import (
	"reflect"
	"slices"
	"testing"

	"homestore/referral/plan"
)

// The order of these tests is of noon, 2 March; 10000 earn a display store 200 and a display person 100.
const displayRates = `"rules": [{"role": "display_store", "rate_bp": 200}, {"role": "display_staff", "rate_bp": 100}]`

func TestWhichScansEarn(t *testing.T) {
	t.Parallel()
	type scan struct{ at, store, staff string }
	tests := []struct {
		why   string
		more  string // of the plan
		scans []scan
		want  []string
		lost  []string
	}{
		{"nobody scanned", ``, nil, nil, nil},
		{"at the instant of the order", ``, []scan{{"2026-03-02 12:00", "north", ""}}, []string{"display_store store:north 200"}, nil},
		{"after the order", ``, []scan{{"2026-03-02 12:01", "north", ""}}, nil, nil},
		{"exactly 30 x 24 h before", ``, []scan{{"2026-01-31 12:00", "north", ""}}, []string{"display_store store:north 200"}, nil},
		{"a minute more", ``, []scan{{"2026-01-31 11:59", "north", ""}}, nil, nil},
		{"a window of the brand's own", `, "display": {"window_days": 1}`, []scan{{"2026-03-01 11:59", "north", ""}}, nil, nil},
		{"the tag names a person", ``, []scan{{"2026-03-01 12:00", "north", "lin"}}, []string{"display_store store:north 200", "display_staff staff:lin 100"}, nil},
		{"a store claims by its last scan", ``, []scan{{"2026-03-01 13:00", "north", "lin"}, {"2026-03-01 12:00", "north", "wu"}}, []string{"display_store store:north 200", "display_staff staff:lin 100"}, nil},
		{"by its first when the first earns", `, "display": {"choice": "first"}`, []scan{{"2026-03-01 13:00", "north", "lin"}, {"2026-03-01 12:00", "north", "wu"}}, []string{"display_store store:north 200", "display_staff staff:wu 100"}, nil},
		{"the last of two stores", ``, []scan{{"2026-03-01 13:00", "north", ""}, {"2026-03-01 12:00", "harbour", "wu"}},
			[]string{"display_store store:north 200"}, []string{"display_store store:harbour not_last", "display_staff staff:wu not_last"}},
		{"the first of two stores", `, "display": {"choice": "first"}`, []scan{{"2026-03-01 13:00", "north", ""}, {"2026-03-01 12:00", "harbour", "wu"}},
			[]string{"display_store store:harbour 200", "display_staff staff:wu 100"}, []string{"display_store store:north not_first"}},
		{"a store that came back is the last", ``, []scan{{"2026-03-01 12:00", "north", ""}, {"2026-03-01 13:00", "harbour", ""}, {"2026-03-01 14:00", "north", ""}},
			[]string{"display_store store:north 200"}, []string{"display_store store:harbour not_last"}},
		{"each the same part, whose person has the store's weight", `, "display": {"choice": "even"}`, []scan{{"2026-03-01 13:00", "north", "lin"}, {"2026-03-01 12:00", "harbour", ""}},
			[]string{"display_store store:harbour 100", "display_store store:north 100", "display_staff staff:lin 50"}, nil},
		{"one person's tags in two stores make one credit", `, "display": {"choice": "even"}`, []scan{{"2026-03-01 13:00", "north", "lin"}, {"2026-03-01 12:00", "harbour", "lin"}},
			[]string{"display_store store:harbour 100", "display_store store:north 100", "display_staff staff:lin 100"}, nil},
		{"three of 66.67: the units left over by code, not by who scanned first", `, "display": {"choice": "even"}`, []scan{{"2026-03-01 11:00", "north", ""}, {"2026-03-01 12:00", "harbour", ""}, {"2026-03-01 13:00", "garden", ""}},
			[]string{"display_store store:garden 67", "display_store store:harbour 67", "display_store store:north 66"}, nil},
		{"of two scans of one instant the larger id is the last", ``, []scan{{"2026-03-01 12:00", "north", ""}, {"2026-03-01 12:00", "harbour", ""}},
			[]string{"display_store store:harbour 200"}, []string{"display_store store:north not_last"}},
	}
	for _, tt := range tests {
		in := online(planOf(t, displayRates+tt.more), goods(1, 1, 10000))
		for _, s := range tt.scans {
			in = in.scanned(s.at, s.store, s.staff)
		}
		for range 2 {
			before := slices.Clone(in.Displays)
			r := Compute(in)
			check(t, tt.why, earned(r), tt.want)
			check(t, tt.why+", lost", lost(r), tt.lost)
			if !slices.Equal(in.Displays, before) {
				t.Errorf("%s: the caller's scans were changed", tt.why)
			}
			slices.Reverse(in.Displays)
		}
	}
}

// What a new scan of a bound customer may earn is the plan's rule; each credit and each lost claim says which it was.
func TestDisplayClaimsSayByWhichWindowAndChoice(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, displayRates+`, "display": {"window_days": 7, "choice": "first"}`), goods(1, 1, 10000))
	in = in.scanned("2026-03-01 13:00", "north", "").scanned("2026-03-01 12:00", "harbour", "")
	r := Compute(in)
	want := plan.Display{WindowDays: 7, Choice: plan.First}
	if len(r.Credits) != 1 || len(r.Lost) != 1 {
		t.Fatalf("%+v", r)
	}
	for _, e := range []Evidence{r.Credits[0].Why.Grounds[0].Evidence, r.Lost[0].Evidence} {
		if e.Display == nil || !reflect.DeepEqual(*e.Display, want) {
			t.Errorf("%+v", e)
		}
	}
}

func TestPartIsEarnedUnderTheStoreWhoseClaimGaveIt(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, `"rules": [{"role": "display_staff", "rate_bp": 100, "when": {"store_kind": "counter"}}], "display": {"choice": "even"}`), goods(1, 1, 10000)).
		scanned("2026-03-01 13:00", "north", "lin").scanned("2026-03-01 12:00", "sogo", "lin")
	if c := Compute(in).Credits; len(c) != 1 || c[0].Store != id("sogo") || c[0].Minor != 50 {
		t.Errorf("%+v", c)
	}
}
