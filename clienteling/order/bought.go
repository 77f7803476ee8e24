package order

import (
	"math/big"

	"homestore/clienteling/shop"
)

// Bought is a line as a person reads it: what was paid for it, and what of that went back.
type Bought struct {
	Amount
	Refunded int64
}

// Bought are the order's lines by line number. Their sums are the order's Figures.
func (o Order) Bought() []Bought {
	amounts := o.Amounts()
	bought := make([]Bought, len(amounts))
	for i, a := range amounts {
		bought[i].Amount = a
	}
	for i, f := range o.Returned(amounts, true).Fractions() {
		bought[i].Refunded = shop.HalfUp(new(big.Rat).Mul(f, new(big.Rat).SetInt64(amounts[i].Paid)))
	}
	return bought
}
