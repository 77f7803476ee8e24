package tag_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

func TestAGridIsOneTagOfEachInEach(t *testing.T) {
	t.Parallel()
	b := setup(t)
	g := tag.Grid{
		Stores: []shop.ID{b.S1, b.S2}, SKUs: []string{"SOFA", "LAMP", "DESK"}, Placements: []tag.Placement{tag.Shelf, tag.Window}, Batch: "2026-11",
		Destination: onSite,
	}
	specs, err := g.Specs()
	if err != nil {
		t.Fatal(err)
	}
	made, err := b.IssueSeveral(t.Context(), b.hq, specs)
	if err != nil || len(made) != 12 {
		t.Fatalf("%d tags, %v", len(made), err)
	}
	seen := map[[3]string]bool{}
	for _, one := range made {
		seen[[3]string{one.Store.String(), one.SKU(), string(one.Placement)}] = true
	}
	inOneStore := func(i int) bool { return made[i].Store == made[0].Store }
	if len(seen) != 12 || !inOneStore(5) || inOneStore(6) {
		t.Errorf("%d different ones; a store's tags are printed after one another: %v", len(seen), made)
	}
}

func TestAGridIsBounded(t *testing.T) {
	t.Parallel()
	ids := func(n int) (all []shop.ID) {
		for range n {
			all = append(all, shop.NewID(time.Now()))
		}
		return all
	}
	names := func(n int) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = string(rune('a' + i))
		}
		return all
	}
	shelf := []tag.Placement{tag.Shelf}
	twice := ids(1)
	for _, tc := range []struct {
		why  string
		grid tag.Grid
		want error
	}{
		{"40 products in 12 stores", tag.Grid{Stores: ids(12), SKUs: names(40), Placements: shelf}, nil},
		{"a thousand", tag.Grid{Stores: ids(25), SKUs: names(40), Placements: shelf}, nil},
		{"more than a thousand", tag.Grid{Stores: ids(26), SKUs: names(39), Placements: shelf}, tag.ErrTooMany},
		{"no store", tag.Grid{SKUs: names(1), Placements: shelf}, shop.ErrFields},
		{"no article", tag.Grid{Stores: ids(1), Placements: shelf}, shop.ErrFields},
		{"a store twice", tag.Grid{Stores: slices.Concat(twice, twice), SKUs: names(1), Placements: shelf}, shop.ErrFields},
		{"a list without end", tag.Grid{Stores: ids(1), SKUs: names(100_000), Placements: shelf}, shop.ErrFields},
	} {
		if _, err := tc.grid.Specs(); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, err, tc.want)
		}
	}
}
