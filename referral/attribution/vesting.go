package attribution

import (
	"time"

	"homestore/referral/plan"
)

// payableAt is when the return period is over, for the whole order together: the day of receipt is not counted (Civil Code
// 120), so 14 days from 5 March end with 19 March and the 20th pays. Zero while nothing was received.
func payableAt(received time.Time, p *plan.Plan, zone *time.Location) time.Time {
	if received.IsZero() {
		return time.Time{}
	}
	return midnight(received, p.HoldDays+1, zone)
}

// clawbackEnd is the first instant at which a refund takes nothing back any more. There is none before receipt and none
// when the plan takes refunds back for ever.
func clawbackEnd(received time.Time, p *plan.Plan, zone *time.Location) time.Time {
	if received.IsZero() || p.ClawbackDays == nil {
		return time.Time{}
	}
	return midnight(received, *p.ClawbackDays+1, zone)
}

// midnight is 00:00 in the zone, so many calendar days after the day of the instant. In UTC, like every instant we keep.
func midnight(at time.Time, days int, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, zone).UTC()
}
