package offer

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Sendable are the offers that may be sent now, newest first, whoever asks: what the staff app offers to send.
func (s *Service) Sendable(ctx context.Context, actor shop.Actor, page shop.Page) ([]Offer, string, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager, shop.RoleHQ); err != nil {
		return nil, "", err
	}
	now := s.now()
	var all []Offer
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfOffers(ctx, tx, actor.Brand, now, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list offers to send: %w", err)
	}
	all, next := shop.Cut(page, all, func(o Offer) shop.ID { return o.ID })
	return all, next, nil
}

// OwnedBy are the newest offers that a customer was promised and that are not over. Whether the caller may see her is
// clienteling/visit's to say.
func OwnedBy(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, now time.Time, limit int) ([]Owned, error) {
	all, err := ownedBy(ctx, tx, brand, customer, now, shop.Page{Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("offers of customer %s: %w", customer, err)
	}
	return all[:min(len(all), limit)], nil
}
