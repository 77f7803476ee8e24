package delivery

import "time"

// circumstances are what decides about one message, as they stand at one instant.
type circumstances struct {
	now        time.Time
	isKnown    bool // she exists, and is neither erased nor merged into another
	offerRuns  bool // approved, begun and not over
	offerEnds  time.Time
	hasConsent bool
	hasDevice  bool
	quiet      quiet
	zone       *time.Location // hers
	isWeekFull bool           // and this is no emergency
}

// permit says that a message may be sent from an instant on, to be shown until another; or why it may not.
type permit struct {
	why    Why // empty: it may
	from   time.Time
	showBy time.Time
}

// permit asks in the order in which the answers help: what the customer has decided comes before what the brand has.
func (c circumstances) permit() permit {
	switch {
	case !c.isKnown:
		return permit{why: NotOurs}
	case !c.hasConsent:
		return permit{why: NoConsent}
	case !c.hasDevice:
		return permit{why: NoDevice}
	case !c.offerRuns:
		return permit{why: OfferOver}
	case c.isWeekFull:
		return permit{why: WeeklyCap}
	}
	from := c.quiet.over(c.now, c.zone)
	if !from.Before(c.offerEnds) {
		return permit{why: QuietHours}
	}
	showBy := c.offerEnds
	if night := c.quiet.begins(from, c.zone); !night.IsZero() && night.Before(showBy) {
		showBy = night
	}
	return permit{from: from, showBy: showBy}
}

// endOf is the state in which a message ends that may not be sent.
func (w Why) endOf() State {
	switch w {
	case OfferOver, QuietHours:
		return Expired
	case NoDevice:
		return Dead
	}
	return Dropped
}
