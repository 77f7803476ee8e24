package attribution

import (
	"cmp"
	"math/big"
	"slices"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// parcelCredits pay the stores that packed or handed over. They are known only at the handover, so they have a rounding of
// their own and stand outside the caps: a parcel never changes what others earn.
func (in *Input) parcelCredits(lines bases) []Credit {
	if len(in.Order.Fulfilments) == 0 {
		return nil
	}
	parcels := slices.Clone(in.Order.Fulfilments)
	slices.SortStableFunc(parcels, func(a, b order.Fulfilment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	var credits []Credit
	for _, f := range parcels {
		if !f.Store.IsZero() {
			credits = append(credits, in.parcelCredit(f, lines)...)
		}
	}
	return credits
}

// parcelCredit is the fixed fee, once and the largest that any of its lines has, and the rated part of its lines.
func (in *Input) parcelCredit(f order.Fulfilment, lines bases) []Credit {
	role := plan.PackingStore
	if f.Kind == order.Pickup {
		role = plan.PickupStore
	}
	cl := claim{role: role, to: StoreOf(f.Store), store: f.Store, weight: whole}
	var credits []Credit
	if fee, ok := in.fixedFee(f, cl); ok {
		share := new(big.Rat).SetInt64(fee.FixedMinor)
		why := Why{PlanVersion: in.Plan.Version, Grounds: []Ground{fee}, Share: share, Rounding: Exact}
		credits = append(credits, Credit{Role: role, To: cl.to, Store: f.Store, Minor: fee.FixedMinor, Why: why})
	}
	rated := &row{role: role, to: cl.to, store: f.Store}
	in.addShares(rated, cl, lines.in(f))
	credits = in.appendRow(credits, rated, shop.HalfUp(rated.sum()), lines)
	for i := range credits {
		credits[i].Parcel = f.ExternalID
	}
	return credits
}

// fixedFee looks at every line that was in the parcel, also those that were exchanged since: the work was done.
func (in *Input) fixedFee(f order.Fulfilment, cl claim) (fee Ground, ok bool) {
	packed := slices.Clone(in.Order.Lines)
	for _, w := range in.Order.Withdrawn {
		packed = append(packed, w.Line)
	}
	slices.SortStableFunc(packed, func(a, b order.Line) int { return cmp.Compare(a.No, b.No) })
	c := in.conditions(cl)
	for _, l := range packed {
		if !f.Holds(l) {
			continue
		}
		c.Category, c.SKU = l.Category, l.SKU
		rule, number, fits := in.Plan.Rule(cl.role, c)
		if fits && rule.FixedMinor > fee.FixedMinor {
			fee, ok = Ground{Rule: number, FixedMinor: rule.FixedMinor, Weight: whole}, true
		}
	}
	return fee, ok
}

// in are the same lines, with a base only where the line was in the parcel.
func (b bases) in(f order.Fulfilment) bases {
	held := bases{amounts: b.amounts, base: make([]*big.Rat, len(b.base))}
	for i, a := range b.amounts {
		held.base[i] = new(big.Rat)
		if f.Holds(a.Line) {
			held.base[i] = b.base[i]
		}
	}
	return held
}
