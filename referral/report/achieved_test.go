package report

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

func TestALineCountsOnceInARoleAndOnceTogether(t *testing.T) {
	t.Parallel()
	of := func(role plan.Role, to attribution.Beneficiary, line int, volume *big.Rat) ledger.Credit {
		return ledger.Credit{Role: role, To: to, Line: line, Volume: volume}
	}
	got := achievedBy([]ledger.Credit{
		of(plan.HomeStaff, amy, 1, big.NewRat(951, 50)), of(plan.AssistStaff, amy, 1, big.NewRat(951, 50)), of(plan.SellingStaff, amy, 2, big.NewRat(1, 3)),
		of(plan.DisplayStaff, amy, 3, big.NewRat(7, 1)), of(plan.OnlineTeam, attribution.StoreOf(web), 1, big.NewRat(5, 1)),
		of(plan.OnlineTeam, attribution.StoreOf(web), 1, big.NewRat(5, 1)), // of another parcel
		of(plan.HomeStaff, attribution.PoolOf(s1), 1, big.NewRat(5, 1)), of(plan.HomeStore, attribution.StoreOf(s2), 1, new(big.Rat)),
	})
	want := []holderPart{
		{attribution.ToStaff, amy.ID, "", 19_020_000 + 333_333},
		{attribution.ToStaff, amy.ID, plan.AssistStaff, 19_020_000}, {attribution.ToStaff, amy.ID, plan.DisplayStaff, 7_000_000},
		{attribution.ToStaff, amy.ID, plan.HomeStaff, 19_020_000}, {attribution.ToStaff, amy.ID, plan.SellingStaff, 333_333},
		{attribution.ToStore, web, "", 5_000_000}, {attribution.ToStore, web, plan.OnlineTeam, 5_000_000},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestATargetIsMetWhenItIsReachedAndNotBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		achieved     *big.Rat
		target, want int64
	}{
		{new(big.Rat), 100, 0}, {big.NewRat(99_999, 1), 100_000, 9_999}, {big.NewRat(199_999, 2), 100_000, 9_999},
		{big.NewRat(100_000, 1), 100_000, 10_000}, {big.NewRat(3, 1), 2, 15_000}, {big.NewRat(5, 1), 0, 0},
	} {
		if got := metBP(c.achieved, c.target); got != c.want {
			t.Errorf("%s of %d: %d", c.achieved, c.target, got)
		}
	}
	if got := shareBP(5, 1000) + shareBP(5, 0); got != 50 {
		t.Errorf("a cost of %d", got)
	}
}

func TestProgressIsOfTheRolesByWhichThePlanPays(t *testing.T) {
	t.Parallel()
	whole := func(n int64) *big.Rat { return big.NewRat(n, 1) }
	volumes := map[reach]*big.Rat{{amy, ""}: whole(90), {amy, plan.HomeStaff}: whole(40), {amy, plan.SellingStaff}: whole(70), {attribution.StoreOf(s1), ""}: whole(5)}
	home, selling := Progress{Achieved: 40, BP: 4000, Role: plan.HomeStaff}, Progress{Achieved: 70, BP: 7000, Role: plan.SellingStaff}
	for _, c := range []struct {
		why   string
		to    attribution.Beneficiary
		roles []plan.Role
		want  Progress
	}{
		{"by none: together", amy, nil, Progress{Achieved: 90, BP: 9000}},
		{"by a store's role: not hers", amy, []plan.Role{plan.HomeStore}, Progress{Achieved: 90, BP: 9000}},
		{"by one", amy, []plan.Role{plan.HomeStaff}, Progress{Achieved: 40, BP: 4000, Roles: []Progress{home}}},
		{"by two: that which is furthest", amy, []plan.Role{plan.HomeStaff, plan.SellingStaff}, Progress{Achieved: 70, BP: 7000, Roles: []Progress{home, selling}}},
		{"nothing yet", attribution.StoreOf(s1), []plan.Role{plan.HomeStore, plan.HomeStaff}, Progress{Roles: []Progress{{Role: plan.HomeStore}}}},
		{"nobody", attribution.StaffOf(shop.ID{15: 8}), nil, Progress{}},
	} {
		if d := cmp.Diff(c.want, progressOf(volumes, c.to, 100, c.roles)); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
	}
}
