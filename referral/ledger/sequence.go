package ledger

import (
	"bytes"
	"cmp"
	"slices"

	"homestore/clienteling/shop"
)

// inSequence hands the ids that were drawn for what is posted at once out again, ascending by parcel, line and role: within their
// millisecond they are random, and whoever reads the book by id finds an order's lines in their own sequence.
func inSequence(transfers []Transfer) {
	ids := make([]shop.ID, len(transfers))
	places := make([]int, len(transfers))
	for i, t := range transfers {
		ids[i], places[i] = t.ID, i
	}
	slices.SortFunc(ids, func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
	slices.SortStableFunc(places, func(i, j int) int {
		a, b := transfers[i], transfers[j]
		return cmp.Or(cmp.Compare(a.Parcel, b.Parcel), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Role.Place(), b.Role.Place()))
	})
	now := make(map[shop.ID]shop.ID, len(ids))
	for n, i := range places {
		now[transfers[i].ID] = ids[n]
		transfers[i].ID = ids[n]
	}
	for i, t := range transfers {
		if id, isOfNow := now[t.Reverses]; isOfNow { // what it takes may be given at once with it
			transfers[i].Reverses = id
		}
	}
}
