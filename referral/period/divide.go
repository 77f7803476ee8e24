package period

import (
	"cmp"
	"math/big"
	"slices"

	"homestore/clienteling/shop"
)

// worked is how long one person worked at the store of a pool, with the number by which ties are broken.
type worked struct {
	Staff   shop.ID
	Number  string
	Minutes int64
}

// sharedReason is how a pool's part came to one person.
type sharedReason struct {
	Month   string            `json:"month"`
	Pool    int64             `json:"pool"`    // what the month's orders have given the pool
	Minutes map[shop.ID]int64 `json:"minutes"` // of everybody, by person
	Share   int64             `json:"share"`
}

// divide splits what a pool has of one month by the minutes worked in it, largest remainder, ties to the lower employee number.
// Nobody worked: nothing is divided, and all of it stays in the pool.
func divide(pool int64, by []worked) map[shop.ID]int64 {
	by = slices.DeleteFunc(slices.Clone(by), func(w worked) bool { return w.Minutes <= 0 })
	slices.SortFunc(by, func(a, b worked) int { return cmp.Compare(a.Number, b.Number) })
	var total int64
	for _, w := range by {
		total += w.Minutes
	}
	parts := make(map[shop.ID]int64, len(by))
	if total == 0 {
		return parts
	}
	shares := make([]*big.Rat, len(by))
	for i, w := range by {
		shares[i] = big.NewRat(w.Minutes, total)
		shares[i].Mul(shares[i], new(big.Rat).SetInt64(pool))
	}
	for i, part := range shop.Apportion(pool, shares) {
		parts[by[i].Staff] = part
	}
	return parts
}
