package visit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// ErrVisitNeeded refuses what only those may read or do who see all of her.
var ErrVisitNeeded = shop.Refuse(shop.Forbidden, "visit_needed", "Ask her to show her member code: this opens for a visit.")

// NeedsFull is nil for Full, ErrVisitNeeded for MemberOnly and shop.ErrForbidden for Nothing. As with Err, commit first.
func (s Sight) NeedsFull() error {
	if s == MemberOnly {
		return ErrVisitNeeded
	}
	return s.Err()
}

// MaySee is nil for somebody who may see all of the customer now: campaign.Sight. The look is in the audit of what it leads
// to; a refused one leaves nothing, since the caller's transaction ends with it and nothing was shown.
func (s *Service) MaySee(ctx context.Context, tx pgx.Tx, actor shop.Actor, who shop.ID, now time.Time) error {
	sight, err := Look(ctx, tx, actor, who, "offer", now)
	if err != nil {
		return err
	}
	return sight.NeedsFull()
}
