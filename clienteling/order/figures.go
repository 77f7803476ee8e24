package order

import (
	"math/big"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// Figures are what an order comes to, in minor units.
type Figures struct {
	Paid     int64 // all lines after all discounts
	Refunded int64 // of that, what went back
	Spent    int64 // paid for merchandise less what of it went back
}

// Figures sums the order up. Price adjustments are money that went back.
func (o Order) Figures() Figures {
	var sum Figures
	amounts := o.Amounts()
	if len(o.Refunds) == 0 && len(o.NeutralAdjust) == 0 && len(o.Exchanges) == 0 && o.State != Cancelled { // nearly all orders
		for _, a := range amounts {
			sum.add(a, 0)
		}
		return sum
	}
	for i, f := range o.Returned(amounts, true).Fractions() {
		sum.add(amounts[i], shop.HalfUp(new(big.Rat).Mul(f, new(big.Rat).SetInt64(amounts[i].Paid))))
	}
	return sum
}

func (f *Figures) add(a Amount, back int64) {
	f.Paid += a.Paid
	f.Refunded += back
	if a.Kind == Merchandise {
		f.Spent += a.Paid - back
	}
}

// addTo adds the order, or with sign -1 takes it away, from what its customer has bought. A test counts nowhere, a
// cancelled order is no order, though she was there. What was paid in another currency than the brand's is in no sum: one number
// cannot say both.
func (o Order) addTo(sums map[shop.ID]customer.Figures, sign int, brands shop.Currency) {
	if o.Customer.IsZero() || o.State == Test {
		return
	}
	sum := sums[o.Customer]
	sum.Currency = brands
	if o.State == Placed {
		sum.Orders += sign
		if o.Currency == brands {
			sum.SpentMinor += int64(sign) * o.Figures().Spent
		}
	}
	if sign > 0 {
		if sum.FirstOrder.IsZero() || o.PlacedAt.Before(sum.FirstOrder) {
			sum.FirstOrder = o.PlacedAt
		}
		if o.PlacedAt.After(sum.LastOrder) {
			sum.LastOrder = o.PlacedAt
		}
	}
	sums[o.Customer] = sum
}
