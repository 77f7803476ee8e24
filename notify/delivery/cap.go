package delivery

import (
	"time"

	"homestore/clienteling/shop"
)

// capPeriod is the week of the weekly cap: the last seven days, not the calendar's, so that Sunday and Monday count together.
const capPeriod = 7 * 24 * time.Hour

// week is which campaigns and offers each customer got messages of in the last seven days. Two phones get one message each
// and count once.
type week map[shop.ID]map[shop.ID]bool

// note counts a message to her.
func (w week) note(customer, purpose shop.ID) {
	if w[customer] == nil {
		w[customer] = map[shop.ID]bool{}
	}
	w[customer][purpose] = true
}

// isFull says whether another message would be one too many. What belongs to the same purpose is not another one; an
// emergency counts for later messages and is itself never too many.
func (w week) isFull(customer, purpose shop.ID, limit int, emergency bool) bool {
	if emergency || w[customer][purpose] {
		return false
	}
	return len(w[customer]) >= limit
}
