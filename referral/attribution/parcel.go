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
	var credits []Credit
	for _, f := range in.parcels() {
		credits = append(credits, in.parcelCredit(f, lines)...)
	}
	return credits
}

// parcels are the handovers by stores, in the sequence in which they happened.
func (in *Input) parcels() []order.Fulfilment {
	if len(in.Order.Fulfilments) == 0 {
		return nil
	}
	parcels := slices.DeleteFunc(slices.Clone(in.Order.Fulfilments), func(f order.Fulfilment) bool { return f.Store.IsZero() })
	slices.SortStableFunc(parcels, func(a, b order.Fulfilment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	return parcels
}

// parcelClaim is whose the handover is.
func parcelClaim(f order.Fulfilment) claim {
	role := plan.PackingStore
	if f.Kind == order.Pickup {
		role = plan.PickupStore
	}
	return claim{role: role, to: StoreOf(f.Store), store: f.Store, weight: whole}
}

// parcelCredit is the fixed fee, once and the largest that any of its lines has, and the rated part of its lines.
func (in *Input) parcelCredit(f order.Fulfilment, lines bases) []Credit {
	cl := parcelClaim(f)
	rated := &row{role: cl.role, to: cl.to, store: f.Store}
	in.addShares(rated, cl, lines.in(f))
	return in.parcelRow(f.ExternalID, in.fixedFee(f, cl), rated, lines)
}

// parcelRow is what a parcel earns: its fee, if any, and its rated part, rounded by itself.
func (in *Input) parcelRow(parcel string, fee Ground, rated *row, lines bases) []Credit {
	var credits []Credit
	if fee.FixedMinor > 0 {
		share := new(big.Rat).SetInt64(fee.FixedMinor)
		why := Why{PlanVersion: in.Plan.Version, Grounds: []Ground{fee}, Share: share, Rounding: Exact}
		credits = append(credits, Credit{Role: rated.role, To: rated.to, Store: rated.store, Minor: fee.FixedMinor, Why: why})
	}
	credits = in.appendRow(credits, rated, shop.HalfUp(rated.sum()), lines)
	for i := range credits {
		credits[i].Parcel = parcel
	}
	return credits
}

// fixedFee looks at every line that was in the parcel, also those that were exchanged since: the work was done.
func (in *Input) fixedFee(f order.Fulfilment, cl claim) (fee Ground) {
	c := in.conditions(cl)
	for _, l := range in.packed(f) {
		c.Category, c.SKU = l.Category, l.SKU
		rule, number, fits := in.Plan.Rule(cl.role, c)
		if fits && rule.FixedMinor > fee.FixedMinor {
			fee = Ground{Rule: number, FixedMinor: rule.FixedMinor, Weight: whole}
		}
	}
	return fee
}

// packed are the lines that were in a parcel, by their numbers.
func (in *Input) packed(f order.Fulfilment) []order.Line {
	var lines []order.Line
	for _, l := range in.Order.Lines {
		if f.Holds(l) {
			lines = append(lines, l)
		}
	}
	for _, w := range in.Order.Withdrawn {
		if f.Held(w) {
			lines = append(lines, w.Line)
		}
	}
	slices.SortStableFunc(lines, func(a, b order.Line) int { return cmp.Compare(a.No, b.No) })
	return lines
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
