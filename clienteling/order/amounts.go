package order

import (
	"cmp"
	"math/big"
	"slices"

	"homestore/clienteling/shop"
)

// Amount is a line with what was paid for it and what of that is left without the tax.
type Amount struct {
	Line
	Paid int64 // after the line's and the order's discount, minor units
	Net  int64 // Paid without the tax that is contained in it
}

// Amounts are the order's lines by line number, with paid and net. The parts of the order's discount and of its net sum
// add up to the whole exactly; ties go to the lower line number, so that the sequence in which lines came does not matter.
func (o Order) Amounts() []Amount {
	amounts := make([]Amount, len(o.Lines))
	for i, l := range o.Lines {
		amounts[i] = Amount{Line: l, Paid: l.Gross()}
	}
	slices.SortStableFunc(amounts, func(a, b Amount) int { return cmp.Compare(a.No, b.No) })
	spreadDiscount(amounts, o.Discount)
	takeTaxOut(amounts, o.TaxBP)
	return amounts
}

// spreadDiscount takes the order's discount off its merchandise, in proportion to what was paid for each line. Shipping,
// gift cards and tips do not share in it. Where nothing was paid there is nothing to take it off; where an exchange left less
// merchandise than the discount, the rest of it is nobody's.
func spreadDiscount(amounts []Amount, discount int64) {
	if discount == 0 {
		return
	}
	weights := make([]int64, len(amounts))
	var whole int64
	for i, a := range amounts {
		if a.Kind == Merchandise {
			weights[i] = a.Paid
			whole += a.Paid
		}
	}
	for i, part := range shop.ApportionByWeight(min(discount, whole), weights) {
		amounts[i].Paid -= part
	}
}

// takeTaxOut derives the net sum once, as the invoice does, and only then divides it over the lines: rounding line by line
// would drift from the invoice. Gift cards and tips are not on the invoice; their net is what was paid.
func takeTaxOut(amounts []Amount, taxBP int) {
	weights := make([]int64, len(amounts))
	var gross int64
	for i := range amounts {
		amounts[i].Net = amounts[i].Paid
		if amounts[i].taxedOnInvoice() {
			weights[i] = amounts[i].Paid
			gross += amounts[i].Paid
		}
	}
	if taxBP == 0 || gross == 0 {
		return
	}
	for i, part := range shop.ApportionByWeight(netOf(gross, taxBP), weights) {
		if amounts[i].taxedOnInvoice() {
			amounts[i].Net = part
		}
	}
}

func (a Amount) taxedOnInvoice() bool {
	return a.TaxIncluded && a.Kind != GiftCard && a.Kind != Tip
}

// netOf is half-up(gross x 10000 / (10000 + tax)).
func netOf(gross int64, taxBP int) int64 {
	tenThousandths := new(big.Int).Mul(big.NewInt(gross), big.NewInt(10000))
	return shop.HalfUp(new(big.Rat).SetFrac(tenThousandths, big.NewInt(int64(10000+taxBP))))
}
