package binding

import (
	"cmp"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// course is all that happened to one customer which a policy has a say in, and what it needs to know for that.
type course struct {
	self      shop.ID     // the staff member she is; zero: none
	claims    []Claim     // as they were recorded
	decisions []Binding   // transfers and her own choices, as they were recorded
	ordered   []time.Time // her orders, earliest first
}

// byPolicy are the outcomes that another policy may turn.
var byPolicy = []string{Won, ErrSelfReferral.Code, ErrCustomerChoice.Code, ErrAlreadyBound.Code}

// replay says what her history would have become from an instant on under a policy, given what it was until then. Claims that
// lost for what they were (an invoice shown twice, a person not assigned, one that a manager refused) lose again. Clicks that had expired were never
// claimed, so a longer click life wins nobody here.
func replay(before []Binding, c course, p team.Policy) []Binding {
	history := slices.Clone(before)
	for len(c.claims)+len(c.decisions) > 0 {
		if len(c.claims) == 0 || len(c.decisions) > 0 && c.decisions[0].RecordedAt.Before(c.claims[0].RecordedAt) {
			history = decided(history, c.decisions[0], p)
			c.decisions = c.decisions[1:]
			continue
		}
		together := sameInstant(c.claims)
		for _, claim := range inTouchSequence(c.claims[:together], p) {
			history = claimed(history, c, claim, p)
		}
		c.claims = c.claims[together:]
	}
	return history
}

// sameInstant is how many claims were made together with the first: the clicks that she brought when she joined.
func sameInstant(claims []Claim) int {
	n := slices.IndexFunc(claims, func(c Claim) bool { return !c.RecordedAt.Equal(claims[0].RecordedAt) })
	if n < 0 {
		return len(claims)
	}
	return n
}

func inTouchSequence(claims []Claim, p team.Policy) []Claim {
	return slices.SortedStableFunc(slices.Values(claims), func(a, b Claim) int {
		if a.Source != FromScan || b.Source != FromScan {
			return cmp.Compare(a.No, b.No)
		}
		if p.Touch == "last" {
			a, b = b, a
		}
		return a.Evidence.ScannedAt.Compare(b.Evidence.ScannedAt)
	})
}

func claimed(history []Binding, c course, claim Claim, p team.Policy) []Binding {
	b := bid{
		Attempt:   Attempt{Customer: claim.Customer, Store: claim.Store, Staff: claim.Staff, Source: claim.Source},
		scannedAt: claim.Evidence.ScannedAt,
		assigned:  true,
	}
	s := standing{self: c.self, history: history, ordered: lastBefore(c.ordered, claim.RecordedAt)}
	if !slices.Contains(byPolicy, claim.Outcome) || refusalOf(b, s, p, claim.RecordedAt) != nil {
		return history
	}
	return begun(history, Binding{
		Customer: claim.Customer, Store: claim.Store, Staff: claim.Staff, Source: claim.Source, Evidence: claim.Evidence, RecordedAt: claim.RecordedAt,
	})
}

func decided(history []Binding, d Binding, p team.Policy) []Binding {
	live := standing{history: history}.live()
	switch {
	case d.Source == ByCustomer && d.RecordedAt.Before(mayChooseAt(history, p.ChoiceDays)):
		return history
	case d.Source == ByTransfer && live != nil && live.Source == ByCustomer:
		return history
	}
	return begun(history, d)
}

// begun ends the live binding where the next begins.
func begun(history []Binding, next Binding) []Binding {
	next.From, next.Until, next.No = beginning(next.Source, next.Evidence.ScannedAt, history, next.RecordedAt), time.Time{}, len(history)+1
	if live := (standing{history: history}).live(); live != nil {
		live.Until = next.From
	}
	return append(history, next)
}

func lastBefore(instants []time.Time, at time.Time) time.Time {
	n, _ := slices.BinarySearchFunc(instants, at, time.Time.Compare)
	if n == 0 {
		return time.Time{}
	}
	return instants[n-1]
}
