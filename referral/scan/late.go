package scan

import "time"

// Late says how a click id came too late to an order that names it. Such a scan is kept as the others are and marked, so that
// whoever judges a dispute sees it.
type Late string

const (
	InTime     Late = ""
	AfterOrder Late = "after_order" // the tag was read when she had ordered already: it displayed nothing, and earns nothing
	AddedLater Late = "added_later" // it was read before, but the order was known without it: somebody put it in
)

// toldWithin is how long after an order was first told of its click ids may still come as the order's own: platforms send what a
// checkout knew in a second message, and a scan may still be in the spool.
const toldWithin = 15 * time.Minute

// LateTo says whether a scan comes too late to an order: placed is when she ordered, recorded when the order was first told of,
// and now when the order is first known to name the scan.
func (s Scan) LateTo(placed, recorded, now time.Time) Late {
	switch {
	case s.At().After(placed):
		return AfterOrder
	case now.Sub(recorded) > toldWithin:
		return AddedLater
	}
	return InTime
}
