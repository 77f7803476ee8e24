package ledger

import (
	"math/big"
	"slices"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// Clawback is what one refund took back of a person's credits of an order when these were payable already. What is returned within
// the return period is none, and nor is a cancellation, which is no refund.
type Clawback struct {
	Order    shop.ID
	Staff    shop.ID
	Fact     string
	At       time.Time
	Currency shop.Currency
	Minor    int64
}

// ClawbacksOf are all of an order, by what attribution says of it.
func ClawbacksOf(o order.Order, r attribution.Result) []Clawback {
	var all []Clawback
	for _, v := range r.Reversals {
		to := r.Credits[v.Credit].To
		if to.Kind != attribution.ToStaff || v.Kind == order.Cancellation || r.PayableAt.IsZero() || v.At.Before(r.PayableAt) {
			continue
		}
		one := Clawback{o.ID, to.ID, factOf(v), v.At, o.Currency, v.Minor}
		if i := slices.IndexFunc(all, func(c Clawback) bool { return c.Staff == one.Staff && c.Fact == one.Fact }); i >= 0 {
			all[i].Minor += one.Minor
			continue
		}
		all = append(all, one)
	}
	return all
}

// VolumesOf is what each line counts for the month's tiers and targets; a parcel's fixed fee, which has no line, counts nothing.
func VolumesOf(r attribution.Result) map[int]*big.Rat {
	volumes := make(map[int]*big.Rat, len(r.Lines))
	volumes[0] = new(big.Rat)
	for _, l := range r.Lines {
		if l.Reversed.Sign() == 0 {
			volumes[l.No] = l.Base
			continue
		}
		left := new(big.Rat).Sub(big.NewRat(1, 1), l.Reversed)
		volumes[l.No] = left.Mul(left, l.Base)
	}
	return volumes
}

// lateMonths are the closed months to which something of what is written belongs: the months of the orders, and those in which
// something is taken back. Those in which something was, are noted as that is forgotten.
func (w *writing) lateMonths(closed time.Time, zone *time.Location) []time.Time {
	if closed.IsZero() {
		return nil
	}
	var late []time.Time
	add := func(at time.Time) {
		if m := monthOf(at, zone); !m.After(closed) && !slices.Contains(late, m) {
			late = append(late, m)
		}
	}
	for _, o := range w.orders {
		add(o.Order.Time())
	}
	for _, c := range w.clawbacks {
		add(c.At)
	}
	slices.SortFunc(late, time.Time.Compare)
	return late
}
