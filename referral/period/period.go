// Package period closes a brand's months: it posts what a month is due beyond its orders (tiers, targets, least and most of a month,
// pools divided by hours), states what is payable, and keeps what became of paying it.
//
// Always true: a month is closed after it is over in the brand's zone, with all months before it, and once; what is dated in
// it when its closing returns stays as it is for ever, whatever becomes known later. What comes late is dated in the first
// open month and goes on saying to which it belongs; what a closed month is due by it, the next close posts. A statement adds up
// and never changes; only what is above zero is stated, and what is below reduces later commission and nothing else.
//
// That nothing is posted into a closed month is the ledger's promise: it holds the lock and the rows. What an order is worth is
// decided in attribution; hours and targets are target's.
package period

import (
	"time"

	"homestore/clienteling/shop"
)

// Refusals about months.
var (
	ErrNotMonth = shop.Refuse(shop.Invalid, "month_invalid", "A month is named by its first day.")
	ErrNotOver  = shop.Refuse(shop.Conflict, "month_not_over", "This month is not over yet.")
	ErrOpen     = shop.Refuse(shop.Conflict, "month_open", "This month is not closed yet.")
)

// check says whether a month, given as midnight UTC of its first day, is over on a day in the same form.
func check(month, today time.Time) error {
	switch {
	case month.Day() != 1 || !month.Equal(month.UTC().Truncate(24*time.Hour)):
		return ErrNotMonth
	case today.Before(month.AddDate(0, 1, 0)):
		return ErrNotOver
	}
	return nil
}
