package delivery

import (
	"time"

	"homestore/notify/push"
)

const (
	// firstWait is the least that Google asks for before a repeat.
	firstWait = 10 * time.Second
	// longestWait keeps a few attempts within the hour.
	longestWait = 20 * time.Minute
	// patience is when a message that Firebase does not take is given up.
	patience = time.Hour
	// mendingWait is how long the sender rests when Firebase refuses the whole project: somebody has to mend it, and until
	// then every message would fail.
	mendingWait = time.Minute
)

// result is what is written down after a send.
type result struct {
	state      State
	why        Why
	messageID  string
	next       time.Time     // with Later: not before
	hold       time.Duration // the whole sender rests
	deviceDead bool
}

// judge is the result of a send. The delivery counts this attempt already. Random is from 0 to 1.
func judge(o push.Outcome, d Delivery, offerEnds, now time.Time, random float64) result {
	switch o.Verdict {
	case push.Sent:
		return result{state: Sent, messageID: o.MessageID}
	case push.TokenDead:
		return result{state: Dead, why: Why(o.Reason), deviceDead: true}
	case push.Later:
		r := again(o, d, offerEnds, now, random)
		if o.HoldAll {
			r.hold = o.RetryAfter
		}
		return r
	case push.OurFault:
		if isProjectRefused(o.Reason) {
			o.RetryAfter = mendingWait
			r := again(o, d, offerEnds, now, random)
			r.hold = mendingWait
			return r
		}
		return result{state: Failed, why: Why(o.Reason)}
	}
	return result{state: Unknown, why: Why(o.Reason)}
}

// again is Later, or Expired when the next attempt would come too late.
func again(o push.Outcome, d Delivery, offerEnds, now time.Time, random float64) result {
	next := now.Add(backoff(d.Attempts, o.RetryAfter, random))
	switch {
	case next.After(d.TriedAt.Add(patience)):
		return result{state: Expired, why: GaveUp}
	case !next.Before(offerEnds):
		return result{state: Expired, why: OfferOver}
	}
	return result{state: Later, why: Why(o.Reason), next: next}
}

// backoff doubles with each attempt, never below what Firebase asks for, and spreads by up to a half, so that those who
// failed together do not come back together.
func backoff(attempts int, least time.Duration, random float64) time.Duration {
	wait := firstWait
	for range min(max(attempts, 1), 8) - 1 {
		wait *= 2
	}
	wait = max(min(wait, longestWait), least)
	return wait + time.Duration(random*float64(wait)/2)
}

// isProjectRefused tells a fault that stops every message (credentials, rights, project) from one of a message or platform.
func isProjectRefused(reason string) bool {
	switch reason {
	case "PERMISSION_DENIED", "UNAUTHENTICATED", "NOT_FOUND":
		return true
	}
	return false
}
