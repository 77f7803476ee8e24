package ledger

import (
	"slices"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// Clawback is what one refund took back of a person's credits of an order when these were payable already, from whoever had them
// then. What is returned within the return period is none, and nor is a cancellation, which is no refund.
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
	for _, t := range r.Takings {
		if t.From.Kind != attribution.ToStaff || t.Kind == order.Cancellation || r.PayableAt.IsZero() || t.At.Before(r.PayableAt) {
			continue
		}
		one := Clawback{o.ID, t.From.ID, factOf(t.Reversal), t.At, o.Currency, t.Minor}
		if i := slices.IndexFunc(all, func(c Clawback) bool { return c.Staff == one.Staff && c.Fact == one.Fact }); i >= 0 {
			all[i].Minor += one.Minor
			continue
		}
		all = append(all, one)
	}
	return all
}
