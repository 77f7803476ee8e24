// Package notice tells people of the shops, on the staff app, what their work has earned them, and how a dispute ended that they raised.
//
// Always true: a notice lies in the queue from the transaction of the fact on, one for each order or dispute, person and phone, so that no
// crash loses it and no repetition of the fact makes a second; it says nothing of the customer; nobody hears on a phone on
// which she has signed out, or that another has signed in on since. What Firebase may have taken is not sent again, but for one
// case: a process that was killed in the middle of a send leaves a job that is done again, and the phone shows the second in the
// place of the first, since both carry one tag.
//
// It asks for no consent and knows no weekly cap: those are for marketing to customers (see delivery), and this is news of her
// own wages. But it wakes nobody: from 22:00 to 08:00 by the brand's clock it is silent, and the app finds the figure in it.
package notice

import (
	"time"

	"homestore/clienteling/shop"
)

// Earning is what an order gives a person for the first time.
type Earning struct {
	Credit   shop.ID // names the notice: the same twice is shown once
	Order    shop.ID
	Staff    shop.ID
	Role     string
	Minor    int64 // of all her roles together
	Currency shop.Currency
}

// Ruling is how a dispute ended that a person raised.
type Ruling struct {
	Dispute shop.ID // names the notice: the same twice is shown once
	Staff   shop.ID
	State   string // upheld or refused
}

// The night, by the clock of the brand's zone.
const (
	nightBegins = 22
	nightEnds   = 8
)

// hours says whether it is night, and until when what was said may be heard: day and night each end by themselves.
func hours(at time.Time, zone *time.Location) (isNight bool, until time.Time) {
	local := at.In(zone)
	y, m, d := local.Date()
	switch hour := local.Hour(); {
	case hour < nightEnds:
		return true, time.Date(y, m, d, nightEnds, 0, 0, 0, zone)
	case hour >= nightBegins:
		return true, time.Date(y, m, d+1, nightEnds, 0, 0, 0, zone)
	}
	return false, time.Date(y, m, d, nightBegins, 0, 0, 0, zone)
}
