package attribution

import (
	"slices"
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

func TestTiesGoByRoleThenByWrittenName(t *testing.T) {
	t.Parallel()
	in := Input{
		Stores:     map[shop.ID]Store{id("1"): {Code: "S2"}, id("2"): {Code: "S10"}, id("3"): {Code: "S2"}},
		StaffCodes: map[shop.ID]string{id("9"): "amy"},
	}
	type holder struct {
		role plan.Role
		to   Beneficiary
	}
	want := []holder{
		{plan.HomeStaff, PoolOf(id("1"))}, // "pool:" comes before "staff:"
		{plan.HomeStaff, StaffOf(id("9"))},
		{plan.DisplayStore, StoreOf(id("2"))}, // "S10" comes before "S2", and the code before the id
		{plan.DisplayStore, StoreOf(id("1"))},
		{plan.DisplayStore, StoreOf(id("3"))}, // one code: the smaller id
		{plan.SellingStore, StoreOf(id("2"))},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, func(a, b holder) int { return in.earlier(a.role, a.to, b.role, b.to) })
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestBeneficiaryOfNoIDIsNobody(t *testing.T) {
	t.Parallel()
	for _, b := range []Beneficiary{StoreOf(shop.ID{}), StaffOf(shop.ID{}), PoolOf(shop.ID{})} {
		if !b.IsNobody() || b != (Beneficiary{}) {
			t.Errorf("%+v", b)
		}
	}
	someone := shop.ID{15: 7}
	if got, want := PoolOf(someone).String(), "pool:00000000-0000-0000-0000-000000000007"; got != want || PoolOf(someone).IsNobody() {
		t.Errorf("%s, want %s", got, want)
	}
}
