package offer

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Owned is a grant with its offer, as the customer's app shows it.
type Owned struct {
	Grant Grant
	Offer Offer
}

// GrantTo promises the offer to customers and returns their grants, in no order. Who has it already keeps her code. By says
// who promised: shop.Actor.Pseudonym, campaign:<id> or tag:<id>. The caller has seen that the offer may be sent.
func GrantTo(ctx context.Context, tx pgx.Tx, brand shop.BrandID, offer shop.ID, customers []shop.ID, by string, now time.Time) ([]Grant, error) {
	codes := make([]string, len(customers))
	for i := range codes {
		codes[i] = newCode()
	}
	if err := insertGrants(ctx, tx, brand, Grant{Offer: offer, GrantedBy: by, GrantedAt: shop.Millis(now)}, customers, codes); err != nil {
		return nil, fmt.Errorf("grant offer %s: %w", offer, err)
	}
	grants, err := grantsOf(ctx, tx, brand, offer, customers)
	if err != nil {
		return nil, fmt.Errorf("grant offer %s: %w", offer, err)
	}
	if len(grants) != len(customers) {
		return nil, fmt.Errorf("grant offer %s: %d customers got %d codes: a code was drawn twice", offer, len(customers), len(grants))
	}
	return grants, nil
}

// Mine are the offers that the customer was promised and that are not over, newest offer first.
func (s *Service) Mine(ctx context.Context, actor shop.Actor, page shop.Page) ([]Owned, string, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return nil, "", err
	}
	var all []Owned
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = ownedBy(ctx, tx, actor.Brand, actor.ID, s.now(), page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("offers of customer %s: %w", actor.ID, err)
	}
	all, next := shop.Cut(page, all, func(o Owned) shop.ID { return o.Offer.ID })
	return all, next, nil
}

// Redeem uses up a code for an order. The same order again gets the same answer, so a till or web shop may repeat it.
// ErrCodeUnknown, ErrRedeemed, ErrNotBegun and ErrOver can come back.
func (s *Service) Redeem(ctx context.Context, actor shop.Actor, code string, order shop.ID) (Grant, error) {
	if err := actor.Allow(shop.RoleIntegration, shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Grant{}, err
	}
	now := shop.Millis(s.now())
	var g Grant
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		g, err = Redeem(ctx, tx, actor, code, order, now)
		return err
	})
	return g, err
}

// Redeem is the same within a transaction that also records the order.
func Redeem(ctx context.Context, tx pgx.Tx, actor shop.Actor, code string, order shop.ID, now time.Time) (Grant, error) {
	g, err := grantByCode(ctx, tx, actor.Brand, readCode(code))
	if err != nil {
		return Grant{}, fmt.Errorf("redeem a code: %w", err)
	}
	switch {
	case g.RedeemedAt.IsZero():
	case g.Order == order:
		return g, nil
	default:
		return Grant{}, ErrRedeemed
	}
	o, err := ByID(ctx, tx, actor.Brand, g.Offer)
	if err != nil {
		return Grant{}, err
	}
	if err := o.runs(now); err != nil {
		return Grant{}, err
	}
	g.RedeemedAt, g.Order = shop.Millis(now), order
	if err := updateRedeemed(ctx, tx, actor.Brand, g); err != nil {
		return Grant{}, fmt.Errorf("redeem a code of offer %s: %w", g.Offer, err)
	}
	entry := audit.Entry{Act: "offer_redeemed", Customer: g.Customer, Subject: g.Offer, Detail: map[string]any{"order": order}}
	return g, audit.Note(ctx, tx, actor, now, entry)
}

// CountRedeemed is how many of the grants that somebody gave of an offer were redeemed.
func CountRedeemed(ctx context.Context, db postgres.DB, brand shop.BrandID, offer shop.ID, by string) (int, error) {
	n, err := countRedeemed(ctx, db, brand, offer, by)
	if err != nil {
		return 0, fmt.Errorf("count redeemed grants of offer %s: %w", offer, err)
	}
	return n, nil
}
