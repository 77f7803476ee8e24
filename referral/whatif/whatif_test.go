package whatif

import (
	"fmt"
	"slices"
	"testing"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
)

func TestBiggestWinnersAndLosersComeFirstTenAtMost(t *testing.T) {
	t.Parallel()
	b := Book{}
	for n := range 25 { // -12 .. 12
		to := attribution.StaffOf(shop.ID{byte(n + 1)})
		b.Totals = append(b.Totals, Total{To: to, Name: team.Name{Code: fmt.Sprintf("p%02d", n)}, Figures: Figures{Before: 100, After: int64(100 + n - 12)}})
	}
	slices.Reverse(b.Totals)
	b.rank()
	changes := func(of []Total) (all []int64) {
		for _, t := range of {
			all = append(all, t.Change())
		}
		return all
	}
	if got, want := changes(b.Winners), []int64{12, 11, 10, 9, 8, 7, 6, 5, 4, 3}; !slices.Equal(got, want) {
		t.Errorf("winners %v", got)
	}
	if got, want := changes(b.Losers), []int64{-12, -11, -10, -9, -8, -7, -6, -5, -4, -3}; !slices.Equal(got, want) {
		t.Errorf("losers %v", got)
	}
	if b.Before != 2500 || b.After != 2500 || b.Change() != 0 || len(b.Totals) != 25 || b.Totals[0].Name.Code != "p00" || b.Totals[24].Name.Code != "p24" {
		t.Errorf("got %+v", b)
	}
}

func TestEqualChangesStandInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	b := Book{Totals: []Total{
		{To: attribution.StoreOf(shop.ID{1}), Name: team.Name{Code: "a"}, Figures: Figures{After: 5}},
		{To: attribution.StaffOf(shop.ID{2}), Name: team.Name{Code: "b"}, Figures: Figures{After: 5}},
		{To: attribution.StaffOf(shop.ID{3}), Name: team.Name{Code: "a"}, Figures: Figures{After: 5}},
		{To: attribution.PoolOf(shop.ID{1}), Name: team.Name{Code: "a"}, Figures: Figures{After: 5}},
	}}
	b.rank()
	var names []string
	for _, w := range b.Winners {
		names = append(names, written(w))
	}
	if want := []string{"pool:a", "staff:a", "staff:b", "store:a"}; !slices.Equal(names, want) {
		t.Errorf("got %v", names)
	}
}
