package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/notify/delivery"
	"homestore/notify/offer"
)

// Promised is what a staff member may tell the customer.
type Promised struct {
	Grant offer.Grant
	// From is when the message goes: now, or when her quiet hours end. She sees the offer in her app at once.
	From time.Time
}

// SendToOne promises an approved offer to one customer whom the actor may see, and sends it to her phones. The refusal says
// why not: ErrNoConsent, ErrNoDevice, ErrQuietHours, ErrWeeklyCap, ErrAlreadySent; offer.ErrNotApproved, ErrNotBegun, ErrOver;
// or what Sight says.
func (s *Service) SendToOne(ctx context.Context, actor shop.Actor, customer, offerID shop.ID) (Promised, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Promised{}, err
	}
	now := shop.Millis(s.now())
	var p Promised
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if err := s.sight.MaySee(ctx, tx, actor, customer, now); err != nil {
			return err
		}
		o, err := offer.ByID(ctx, tx, actor.Brand, offerID)
		if err != nil {
			return err
		}
		if err := o.MaySend(now); err != nil {
			return err
		}
		p, err = s.promise(ctx, tx, actor, customer, offerID, now)
		return err
	})
	if err != nil {
		return Promised{}, fmt.Errorf("send offer %s to customer %s: %w", offerID, customer, err)
	}
	return p, nil
}

func (s *Service) promise(ctx context.Context, tx pgx.Tx, actor shop.Actor, customer, offerID shop.ID, now time.Time) (Promised, error) {
	// The offer itself is the purpose: two staff members who send it to her send it once.
	what := delivery.Intent{Purpose: offerID, Offer: offerID}
	addressed, err := s.deliveries.Intend(ctx, tx, actor.Brand, what, []shop.ID{customer}, now)
	if err != nil {
		return Promised{}, err
	}
	if why, isLost := addressed.Lost[customer]; isLost {
		if refusal := refusals[why]; refusal != nil {
			return Promised{}, refusal
		}
		return Promised{}, fmt.Errorf("customer was lost as %s", why)
	}
	grants, err := offer.GrantTo(ctx, tx, actor.Brand, offerID, addressed.Customers, actor.Pseudonym(), now)
	if err != nil {
		return Promised{}, err
	}
	entry := audit.Entry{Act: "offer_sent", Customer: customer, Subject: offerID}
	return Promised{Grant: grants[0], From: addressed.From}, audit.Note(ctx, tx, actor, now, entry)
}
