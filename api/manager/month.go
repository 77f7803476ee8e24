package manager

import (
	"time"

	"homestore/clienteling/shop"
)

// monthForm is how months are written.
const monthForm = "2006-01"

// inMonth is the input of what is of one month.
type inMonth struct {
	Month string `query:"month"`

	first time.Time
}

// Validate reads the month.
func (r *inMonth) Validate() error {
	var c shop.Check
	r.first = readMonth(&c, "month", r.Month)
	return c.Err()
}

// readMonth is the first day of a month in a field.
func readMonth(c *shop.Check, field, text string) time.Time {
	first, err := time.Parse(monthForm, text)
	c.That(err == nil, field, "month_invalid", "A month is written YYYY-MM.")
	return first
}

// monthName is a month as it is answered; empty for none.
func monthName(first time.Time) string {
	if first.IsZero() {
		return ""
	}
	return first.Format(monthForm)
}
