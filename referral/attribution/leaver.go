package attribution

import (
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// Exit is the end of somebody's time at the brand.
type Exit struct {
	At    time.Time
	Store shop.ID // where she worked last: its pool has what she leaves behind
}

// passLeavers gives what was not payable when somebody left to the pool of her last store, when the plan says so and she had left by
// an instant; by the zero one, at all. What was decided for her after she had left stays hers.
func (r *Result) passLeavers(in Input, by time.Time) (moved bool) {
	if in.Plan == nil || in.Plan.Leaver != plan.Pool {
		return false
	}
	for i := range r.Credits {
		c := &r.Credits[i]
		exit, left := in.Left[c.To.ID]
		if c.To.Kind != ToStaff || !left || exit.Store.IsZero() || r.payableBy(exit.At) {
			continue
		}
		if !exit.At.After(c.Since) || !by.IsZero() && exit.At.After(by) {
			continue
		}
		c.pass(shop.ID{}, PoolOf(exit.Store), exit.At)
		if exit.At.After(in.Order.PlacedAt) {
			c.Since = exit.At
		}
		moved = true
	}
	return moved
}

func (r *Result) payableBy(at time.Time) bool { return !r.PayableAt.IsZero() && !r.PayableAt.After(at) }
