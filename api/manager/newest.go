package manager

import (
	"bytes"
	"slices"

	"homestore/clienteling/shop"
)

// newest pages through a short list that was read whole, newest first.
func newest[T any](page shop.Page, all []T, id func(T) shop.ID) (items []T, next string) {
	later := func(a, b shop.ID) int { return bytes.Compare(b[:], a[:]) }
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b T) int { return later(id(a), id(b)) })
	if !page.After.IsZero() {
		all = slices.DeleteFunc(all, func(item T) bool { return later(id(item), page.After) <= 0 })
	}
	return shop.Cut(page, all, id)
}
