package plan

import "homestore/clienteling/shop"

// InForce is the version by which orders of a day are credited: the one that began last, and of several that began on one
// day the highest. The sequence of plans does not matter. ok is false before the first version's first day.
func InForce(plans []Plan, day Day) (inForce Plan, ok bool) {
	for _, p := range plans {
		if p.FirstDay.After(day) {
			continue
		}
		later := p.FirstDay.After(inForce.FirstDay) ||
			p.FirstDay.Equal(inForce.FirstDay.Time) && p.Version > inForce.Version
		if !ok || later {
			inForce, ok = p, true
		}
	}
	return inForce, ok
}

// ErrNotForward refuses a plan for days that may already have orders.
var ErrNotForward = shop.Refuse(shop.Unprocessable, "plan_not_forward", "A plan begins tomorrow at the earliest; what was earned stays as it was.")

// forward is ErrNotForward unless the plan begins after today.
func (p Plan) forward(today Day) error {
	if p.FirstDay.After(today) {
		return nil
	}
	return ErrNotForward
}
