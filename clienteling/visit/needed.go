package visit

import "homestore/clienteling/shop"

// ErrVisitNeeded refuses what only those may read who see all of her.
var ErrVisitNeeded = shop.Refuse(shop.Forbidden, "visit_needed", "Ask her to show her member code: this opens for a visit.")

// NeedsFull is nil for Full, ErrVisitNeeded for MemberOnly and shop.ErrForbidden for Nothing. As with Err, commit first.
func (s Sight) NeedsFull() error {
	if s == MemberOnly {
		return ErrVisitNeeded
	}
	return s.Err()
}
