package binding

import (
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/scan"
)

// day is what a policy counts in: 24 hours from the evidence, whatever clocks are put forward or back.
const day = 24 * time.Hour

func days(n int) time.Duration { return time.Duration(n) * day }

// standing is what is known about a customer when somebody claims her.
type standing struct {
	self    shop.ID   // the staff member she is; zero: none
	history []Binding // earliest first
	holder  Holder    // whose she is now: her live binding, and who took over since
	ordered time.Time // her last order; zero: none
}

// live is the binding in force, or nil.
func (s standing) live() *Binding {
	for i := range s.history {
		if s.history[i].IsLive() {
			return &s.history[i]
		}
	}
	return nil
}

// bid is a claim with what was found out about it.
type bid struct {
	Attempt
	scannedAt   time.Time // source scan
	invoiceUsed bool
	assigned    bool // Staff works at Store on the day of the evidence; true when there is no Staff
}

// refusalOf says why a claim cannot win her, nil when it can. The order of the checks is part of the promise.
func refusalOf(b bid, s standing, p team.Policy, now time.Time) *shop.Refusal {
	live := s.live()
	switch {
	case b.invoiceUsed:
		return ErrInvoiceUsed
	case !b.assigned:
		return ErrNotAssigned
	case !b.Staff.IsZero() && b.Staff == s.self:
		return ErrSelfReferral
	case live == nil:
		return nil
	case live.Source == ByCustomer:
		return ErrCustomerChoice
	case b.Source == FromScan && b.scannedAt.Before(live.RecordedAt):
		return ErrAlreadyBound // an earlier click never displaces what is recorded, however long ago
	case !isIdle(*live, s.ordered, p.RebindInactiveDays, now):
		return ErrAlreadyBound
	}
	return nil
}

// isIdle says whether a brand's policy lets a binding be replaced because the customer has neither been won nor ordered for
// so many days. Without such a policy it never is.
func isIdle(live Binding, ordered time.Time, after *int, now time.Time) bool {
	if after == nil {
		return false
	}
	last := live.RecordedAt
	if ordered.After(last) {
		last = ordered
	}
	return now.Sub(last) >= days(*after)
}

// beginning is the instant at which a new binding begins: at the scan that won her for the first time, otherwise now. Never
// before what is recorded already has ended or begun, and never in the future because of a scan: the clocks of two machines
// differ.
func beginning(source Source, scannedAt time.Time, history []Binding, now time.Time) time.Time {
	at := now
	if source == FromScan && scannedAt.Before(now) && !slices.ContainsFunc(history, Binding.IsLive) {
		at = scannedAt
	}
	for _, h := range history {
		end := h.Until
		if h.IsLive() {
			end = h.From
		}
		if end.After(at) {
			at = end
		}
	}
	return at
}

// mayChooseAt is when a customer may choose again: zero when she never chose.
func mayChooseAt(history []Binding, choiceDays int) time.Time {
	var at time.Time
	for _, h := range history {
		if next := h.RecordedAt.Add(days(choiceDays)); h.Source == ByCustomer && next.After(at) {
			at = next
		}
	}
	return at
}

// candidates are the live ones among the click ids that she brought, in the order in which they may win: earliest scan first
// by the rule of first touch, else latest first. When none lives, the refusal says why, in the order in which a click id
// can fail: it names no person's scan, it has bound somebody, it is too old.
func candidates(clicks []shop.ID, scans []scan.Scan, used map[shop.ID]shop.ID, p team.Policy, now time.Time) ([]scan.Scan, *shop.Refusal) {
	var live []scan.Scan
	var isUsed, isExpired bool
	known := map[shop.ID]bool{}
	for _, s := range scans {
		if !s.Kind.Counts() {
			continue // programs get no click id
		}
		known[s.ID] = true
		_, taken := used[s.ID]
		switch {
		case taken:
			isUsed = true
		case now.Sub(s.At()) > days(p.ClickDays):
			isExpired = true
		default:
			live = append(live, s)
		}
	}
	slices.SortStableFunc(live, func(a, b scan.Scan) int {
		if p.Touch == "last" {
			a, b = b, a
		}
		return a.At().Compare(b.At())
	})
	switch {
	case len(live) > 0 || len(clicks) == 0:
		return live, nil
	case slices.ContainsFunc(clicks, func(id shop.ID) bool { return !known[id] }):
		return nil, scan.ErrUnknownClick
	case isUsed:
		return nil, ErrClickUsed
	case isExpired:
		return nil, scan.ErrExpiredClick
	}
	return nil, nil
}
