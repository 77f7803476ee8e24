package attribution

import (
	"math/big"

	"homestore/referral/plan"
)

// What a cap bounds.
const (
	RoleCap  = "role"  // all shares in one role
	OrderCap = "order" // all shares of the sale
)

// capRows cuts shares to the plan's caps, each role's first and the order's last, still exactly: every share under a cap
// that is exceeded is multiplied by cap / sum, so all give up the same part.
func (in *Input) capRows(rows []*row) {
	for _, role := range plan.Roles {
		if limit, capped := in.Plan.RoleCapMinor[role]; capped {
			cutTo(limit, RoleCap, rowsIn(role, rows))
		}
	}
	if in.Plan.OrderCapMinor != nil {
		cutTo(*in.Plan.OrderCapMinor, OrderCap, rows)
	}
}

func rowsIn(role plan.Role, rows []*row) []*row {
	var own []*row
	for _, r := range rows {
		if r.role == role {
			own = append(own, r)
		}
	}
	return own
}

func cutTo(limit int64, name string, rows []*row) {
	sum, most := new(big.Rat), new(big.Rat).SetInt64(limit)
	for _, r := range rows {
		sum.Add(sum, r.sum())
	}
	if sum.Cmp(most) <= 0 {
		return
	}
	factor := most.Quo(most, sum)
	for _, r := range rows {
		r.caps = append(r.caps, Cut{Cap: name, Minor: limit, Factor: factor})
		for _, p := range r.parts {
			p.share.Mul(p.share, factor)
		}
	}
}
