package attribution

import (
	"math/big"

	"homestore/clienteling/order"
	"homestore/referral/plan"
)

const wholeBP = 10000 // basis points of the whole

// bases are the lines of an order with what rates are taken of.
type bases struct {
	amounts []order.Amount
	base    []*big.Rat // zero for what earns nothing
}

// basesOf takes as base the net of merchandise that the plan does not exclude. Of a sale at a counter only what the house
// leaves counts when the plan says so; that is not rounded, since no invoice says it.
func basesOf(in Input) bases {
	b := bases{amounts: in.Order.Amounts()}
	b.base = make([]*big.Rat, len(b.amounts))
	left := houseLeaves(in)
	for i, a := range b.amounts {
		b.base[i] = new(big.Rat)
		if in.Plan == nil || a.Kind != order.Merchandise || in.Plan.Excludes(a.SKU, a.Category) {
			continue
		}
		b.base[i].SetInt64(a.Net)
		if left != nil {
			b.base[i].Mul(b.base[i], left)
		}
	}
	return b
}

// houseLeaves is the part of a counter's sale that the department store does not keep; nil when all of it counts.
func houseLeaves(in Input) *big.Rat {
	seller := in.Stores[in.Order.Store]
	if in.Plan == nil || in.Plan.CounterBase != plan.Net || seller.Kind != plan.Counter {
		return nil
	}
	return big.NewRat(wholeBP-seller.HouseBP, wholeBP)
}

// isBelowMinimum says whether all the order's bases come to less than the plan asks of a sale. What comes back later does not
// matter: it takes its own share back.
func (in *Input) isBelowMinimum(lines bases) bool {
	if in.Plan.OrderMinMinor == nil {
		return false
	}
	sum := new(big.Rat)
	for _, base := range lines.base {
		sum.Add(sum, base)
	}
	return sum.Cmp(new(big.Rat).SetInt64(*in.Plan.OrderMinMinor)) < 0
}

func (b bases) returned(fractions []*big.Rat) []Line {
	lines := make([]Line, len(b.amounts))
	for i, a := range b.amounts {
		lines[i] = Line{No: a.No, Paid: a.Paid, Net: a.Net, Base: b.base[i], Reversed: fractions[i]}
	}
	return lines
}
