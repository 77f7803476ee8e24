package attribution

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"homestore/referral/plan"
)

// ruled decides about a role on 6 April.
func (in Input) ruled(role plan.Role, from, to Beneficiary) Input {
	d := Decision{ID: id(fmt.Sprint("dispute", len(in.Decisions))), Role: role, From: from, To: to, Store: id("harbour"), At: at("2026-04-06 12:00")}
	in.Decisions = append(slices.Clip(in.Decisions), d)
	return in
}

func TestDecisionsGiveARoleToWhomTheyWereMadeFor(t *testing.T) {
	t.Parallel()
	nobody, lin, wu, garden := Beneficiary{}, StaffOf(id("lin")), StaffOf(id("wu")), StoreOf(id("garden"))
	tests := []struct {
		why    string
		change func(Input) Input
		want   []string
	}{
		{"nobody quarrelled", func(in Input) Input { return in }, []string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"hers is another's, and nothing else changes", func(in Input) Input { return in.ruled(plan.HomeStaff, nobody, wu) },
			[]string{"home_store store:north 300", "home_staff staff:wu 200", "online_team store:web 100"}},
		{"from her who has it", func(in Input) Input { return in.ruled(plan.HomeStaff, lin, wu) },
			[]string{"home_store store:north 300", "home_staff staff:wu 200", "online_team store:web 100"}},
		{"from somebody who does not have it", func(in Input) Input { return in.ruled(plan.HomeStaff, wu, PoolOf(id("garden"))) },
			[]string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"a role that nobody has", func(in Input) Input { return in.ruled(plan.SellingStaff, nobody, wu) },
			[]string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"to a pool", func(in Input) Input { return in.ruled(plan.HomeStaff, nobody, PoolOf(id("garden"))) },
			[]string{"home_store store:north 300", "home_staff pool:garden 200", "online_team store:web 100"}},
		{"there and back", func(in Input) Input { return in.ruled(plan.HomeStaff, nobody, wu).ruled(plan.HomeStaff, wu, lin) },
			[]string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"a later one speaks of what an earlier one left", func(in Input) Input {
			return in.ruled(plan.HomeStore, nobody, garden).ruled(plan.HomeStore, garden, StoreOf(id("sogo")))
		},
			[]string{"home_store store:sogo 300", "home_staff staff:lin 200", "online_team store:web 100"}},
		{"half of the goods came back", func(in Input) Input {
			return in.ruled(plan.HomeStaff, nobody, wu).refunded("2026-04-08 12:00", half(1))
		}, []string{"home_store store:north 150", "home_staff staff:wu 100", "online_team store:web 50"}},
		{"the buyer is staff: there is nothing to quarrel about", func(in Input) Input {
			in.SelfPurchase = true
			return in.ruled(plan.HomeStaff, nobody, wu)
		}, nil},
	}
	for _, tt := range tests {
		in := online(planOf(t, rates("home_store 300", "home_staff 200", "online_team 100")), goods(1, 2, 5000)).heldBy("north", "lin")
		check(t, tt.why, earned(Compute(tt.change(in))), tt.want)
	}
}

func TestADecisionIsInTheReasonOfWhatItGave(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("home_store 300", "home_staff 200")), goods(1, 2, 5000)).heldBy("north", "lin")
	r := Compute(in.ruled(plan.HomeStaff, Beneficiary{}, StaffOf(id("wu"))).ruled(plan.HomeStaff, Beneficiary{}, PoolOf(id("harbour"))))
	c := r.Credits[1]
	when := at("2026-04-06 12:00")
	want := []Ruling{{id("dispute0"), ToStaff, id("lin"), when}, {id("dispute1"), ToStaff, id("wu"), when}}
	if d := cmp.Diff(want, c.Why.Decided); d != "" || c.Store != id("harbour") || !c.Since.Equal(at("2026-04-06 12:00")) {
		t.Errorf("%+v %s", c, d)
	}
	if untouched := r.Credits[0]; untouched.Why.Decided != nil || !untouched.Since.IsZero() {
		t.Errorf("%+v", untouched)
	}
	text, err := json.Marshal(c.Why)
	if err != nil || !json.Valid(text) {
		t.Errorf("%s %v", text, err)
	}
}

// Two stores whose tags were scanned have half each of 33 and 17; half of each line comes back: 8 + 9 and 4 + 5 are taken back
// by themselves, and not 17 and 9 of the whole.
func TestTwoCreditsThatADecisionGivesToOneAreAddedPartByPart(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("display_store 1000")+`, "display": {"choice": "even"}`)
	in := online(p, goods(1, 2, 165), goods(2, 2, 85)).scanned("2026-03-01 12:00", "garden", "").scanned("2026-03-01 13:00", "harbour", "")
	in = in.refunded("2026-03-05 12:00", half(1), half(2))
	before := Compute(in)
	r := Compute(in.ruled(plan.DisplayStore, Beneficiary{}, StoreOf(id("harbour"))))
	if len(before.Credits) != 4 || len(r.Credits) != 2 {
		t.Fatalf("%d credits became %d", len(before.Credits), len(r.Credits))
	}
	for i, c := range r.Credits {
		a, b := before.Credits[i], before.Credits[i+2] // garden's and harbour's of the line
		if c.Minor != a.Minor+b.Minor || c.Reversed != a.Reversed+b.Reversed {
			t.Errorf("line %d: %d and %d of it back, of %d and %d", c.Line, c.Minor, c.Reversed, a.Minor, b.Minor)
		}
		if c.Why.Share.Cmp(new(big.Rat).Add(a.Why.Share, b.Why.Share)) != 0 || len(c.Why.Grounds) != 2 {
			t.Errorf("line %d: %+v", c.Line, c.Why)
		}
		want := []Part{{1, a.Minor, a.Reversed, a.Why.Share, a.Why.Rounding}, {1, b.Minor, b.Reversed, b.Why.Share, b.Why.Rounding}}
		if d := cmp.Diff(want, c.Why.Parts, cmp.Comparer(func(x, y *big.Rat) bool { return x.Cmp(y) == 0 })); d != "" {
			t.Errorf("line %d: %s", c.Line, d)
		}
	}
	if len(r.Reversals) != 2 {
		t.Errorf("one refund took from two lines: %+v", r.Reversals)
	}
}

// Decisions are of 6 April, and of two stores' credits which are one's then, each was taken from whoever had it.
func TestARefundTookFromWhoeverHadTheCreditThen(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("display_store 1000")+`, "display": {"choice": "even"}`)
	in := online(p, goods(1, 2, 100)).scanned("2026-03-01 12:00", "garden", "").scanned("2026-03-01 13:00", "harbour", "")
	in = in.ruled(plan.DisplayStore, Beneficiary{}, StoreOf(id("harbour"))).ruled(plan.DisplayStore, Beneficiary{}, StoreOf(id("sogo")))
	in.Decisions[1].At = at("2026-04-08 12:00")
	tests := []struct {
		refunded string
		want     []string
	}{
		{"2026-04-06 11:59", []string{"store:garden 5", "store:harbour 5"}},
		{"2026-04-06 12:00", []string{"store:harbour 5", "store:harbour 5"}},
		{"2026-04-08 11:59", []string{"store:harbour 5", "store:harbour 5"}},
		{"2026-04-08 12:00", []string{"store:sogo 5", "store:sogo 5"}},
	}
	for _, tt := range tests {
		r := Compute(in.refunded(tt.refunded, half(1)))
		var got []string
		for _, k := range r.Takings {
			got = append(got, fmt.Sprint(written(k.From), " ", k.Minor))
		}
		check(t, tt.refunded, got, tt.want)
		if len(r.Reversals) != 1 || r.Reversals[0].Minor != 10 || written(r.Credits[0].To) != "store:sogo" {
			t.Errorf("%s: of %+v %+v", tt.refunded, r.Credits, r.Reversals)
		}
	}
}

func TestRoundingOfWhatWasAddedIsToldFromItsSums(t *testing.T) {
	t.Parallel()
	one := func(minor int64, share string) Credit {
		return Credit{Minor: minor, Why: Why{Share: rat(share), Grounds: []Ground{{Rule: 1}}}}
	}
	for _, tt := range []struct {
		a, b Credit
		want Rounding
	}{
		{one(1, "1/2"), one(1, "1/2"), Up},
		{one(0, "1/2"), one(0, "1/2"), Down},
		{one(1, "1/2"), one(0, "1/2"), Exact},
		{one(0, "3/5"), one(0, "7/10"), Down},
	} {
		if got := tt.a.and(tt.b); got.Why.Rounding != tt.want {
			t.Errorf("%d of %v: %s, want %s", got.Minor, got.Why.Share, got.Why.Rounding, tt.want)
		}
	}
}

// For any order and any decisions: what the order gives in each role, line and parcel stays as it was, and so does what is
// taken back; no beneficiary has two credits of one place; each part is taken back as it would have been.
func TestDecisionsMoveWhatThereIsAndChangeNoSum(t *testing.T) {
	t.Parallel()
	type place struct {
		role   plan.Role
		parcel string
		line   int
	}
	sums := func(r Result) map[place][2]int64 {
		out := map[place][2]int64{}
		for _, c := range r.Credits {
			p := place{c.Role, c.Parcel, c.Line}
			out[p] = [2]int64{out[p][0] + c.Minor, out[p][1] + c.Reversed}
		}
		return out
	}
	to := []Beneficiary{StoreOf(id("north")), StoreOf(id("harbour")), StaffOf(id("lin")), StaffOf(id("wu")), PoolOf(id("north"))}
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		before := Compute(in)
		for range rapid.IntRange(0, 4).Draw(t, "decisions") {
			from := Beneficiary{}
			if rapid.Bool().Draw(t, "from somebody") {
				from = rapid.SampledFrom(to).Draw(t, "from")
			}
			in = in.ruled(rapid.SampledFrom(plan.Roles).Draw(t, "role"), from, rapid.SampledFrom(to).Draw(t, "to"))
		}
		r := Compute(in)
		if d := cmp.Diff(sums(before), sums(r)); d != "" {
			t.Fatal(d)
		}
		events := make([]int64, len(r.Credits))
		for _, v := range r.Reversals {
			events[v.Credit] += v.Minor
		}
		taken := make([]int64, len(r.Credits))
		for _, k := range r.Takings {
			taken[k.Credit] += k.Minor
		}
		if !slices.Equal(taken, events) {
			t.Fatalf("%+v took otherwise than %+v", r.Takings, r.Reversals)
		}
		seen := map[string]bool{}
		for i, c := range r.Credits {
			if at := fmt.Sprint(c.Role, c.To, c.Parcel, "|", c.Line); seen[at] {
				t.Fatalf("two credits of %s", at)
			} else {
				seen[at] = true
			}
			if c.Reversed < 0 || c.Reversed > c.Minor || events[i] != c.Reversed {
				t.Fatalf("of %d reversed %d, by events %d", c.Minor, c.Reversed, events[i])
			}
			if len(c.Why.Parts) > 0 {
				checkParts(t, c)
			}
		}
	})
}

func checkParts(t *rapid.T, c Credit) {
	var minor, reversed int64
	grounds, share := 0, new(big.Rat)
	for _, p := range c.Why.Parts {
		minor, reversed, grounds = minor+p.Minor, reversed+p.Reversed, grounds+p.Grounds
		share.Add(share, p.Share)
	}
	if minor != c.Minor || reversed != c.Reversed || grounds != len(c.Why.Grounds) || share.Cmp(c.Why.Share) != 0 {
		t.Fatalf("%+v is not its parts", c)
	}
}
