package attribution

import (
	"math/big"

	"homestore/clienteling/shop"
)

// saleCredits rounds the order once: the sum of all shares half-up, then by largest remainder down to each beneficiary and
// from there to each line. So the credits of an order add up, and so do the lines of each credit.
func (in *Input) saleCredits(rows []*row, lines bases) []Credit {
	in.capRows(rows)
	sums := make([]*big.Rat, len(rows))
	total, count := new(big.Rat), 0
	for i, r := range rows {
		r.total = r.sum()
		sums[i] = r.total
		total.Add(total, r.total)
		count += len(r.parts)
	}
	credits := make([]Credit, 0, count)
	for i, minor := range shop.Apportion(shop.HalfUp(total), sums) {
		credits = in.appendRow(credits, rows[i], minor, lines)
	}
	return credits
}

// appendRow divides what a row earns over its lines.
func (in *Input) appendRow(credits []Credit, r *row, minor int64, lines bases) []Credit {
	shares := make([]*big.Rat, len(r.parts))
	for i, p := range r.parts {
		shares[i] = p.share
	}
	for i, part := range shop.Apportion(minor, shares) {
		p := r.parts[i]
		why := Why{
			PlanVersion: in.Plan.Version, Base: lines.base[p.line], Grounds: p.grounds, Caps: r.caps,
			Share: p.share, Rounding: roundingOf(p.share, part),
		}
		credits = append(credits, Credit{Role: r.role, To: r.to, Store: p.store, Line: lines.amounts[p.line].No, Minor: part, Why: why})
	}
	return credits
}
