package attribution

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

func TestOrderIsRoundedOnceAndDividedByLargestRemainder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why    string
		prices []int64
		want   []string // role line minor
	}{
		{"3 x 33.3 = 99.9 is 100: the tie to the earlier role", []int64{333}, []string{"home_store 1 34", "home_staff 1 33", "online_team 1 33"}},
		{"3 x 0.1 = 0.3 is nothing", []int64{1}, []string{"home_store 1 0", "home_staff 1 0", "online_team 1 0"}},
		{"3 x 0.5 = 1.5 is 2", []int64{5}, []string{"home_store 1 1", "home_staff 1 1", "online_team 1 0"}},
		{"a role's 0.8 is 1 and goes to its line with the larger part", []int64{3, 5}, []string{"home_store 1 0", "home_store 2 1", "home_staff 1 0", "home_staff 2 1", "online_team 1 0", "online_team 2 0"}},
		{"of equal parts the lower line", []int64{4, 4}, []string{"home_store 1 1", "home_store 2 0", "home_staff 1 1", "home_staff 2 0", "online_team 1 0", "online_team 2 0"}},
	}
	for _, tt := range tests {
		in := online(planOf(t, rates("home_store 1000", "home_staff 1000", "online_team 1000"))).heldBy("north", "lin")
		for i, price := range tt.prices {
			in.Order.Lines = append(in.Order.Lines, goods(i+1, 1, price))
		}
		for range 2 {
			var got []string
			for _, c := range Compute(in).Credits {
				got = append(got, fmt.Sprint(c.Role, " ", c.Line, " ", c.Minor))
			}
			check(t, tt.why, got, tt.want)
			slices.Reverse(in.Order.Lines)
		}
	}
}

func TestReasonExplainsTheCent(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("home_store 300", "display_store 200")+`, "conflict": {"home_display": "split", "weights": [60, 40]}`)
	in := online(p, goods(1, 1, 333)).heldBy("north", "").scanned("2026-03-01 12:00", "harbour", "")
	in.Order.TaxBP = 500
	credits := Compute(in).Credits // 5.706 + 2.536 = 8.242 is 8: 6 + 2
	tests := []struct {
		minor    int64
		share    string
		weight   string
		rule     int
		rate     int64
		rounding Rounding
		evidence Evidence
	}{
		{6, "2853/500", "3/5", 1, 300, Up, Evidence{Binding: id("binding"), Source: "till", At: at("2026-03-01 12:00")}},
		{2, "317/125", "2/5", 2, 200, Down, Evidence{Scan: id("scan0"), Tag: "harbour", At: at("2026-03-01 12:00")}},
	}
	if len(credits) != len(tests) {
		t.Fatalf("%d credits", len(credits))
	}
	for i, want := range tests {
		c := credits[i]
		g := c.Why.Grounds[0]
		g.Display = nil // see TestDisplayClaimsSayByWhichWindowAndChoice
		if c.Minor != want.minor || c.Why.PlanVersion != 4 || c.Why.Base.RatString() != "317" || c.Why.Share.RatString() != want.share || c.Why.Rounding != want.rounding {
			t.Errorf("%s: %d, why %+v", c.Role, c.Minor, c.Why)
		}
		if g.Rule != want.rule || g.RateBP != want.rate || g.Weight.RatString() != want.weight || g.Evidence != want.evidence {
			t.Errorf("%s stands on %+v", c.Role, g)
		}
	}
}

func TestReasonIsWrittenWithExactFractionsAndReadAgain(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("online_team 50")), goods(1, 1, 333))
	why := Compute(in).Credits[0].Why
	b, err := json.Marshal(why)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"plan_version":4,"base":"333","grounds":[{"rule":1,"rate_bp":50,"weight":"1"}],"share":"333/200","rounding":"up"}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	var again Why
	if err := json.Unmarshal(b, &again); err != nil || again.Share.Cmp(why.Share) != 0 {
		t.Errorf("read again: %+v %v", again, err)
	}
}
