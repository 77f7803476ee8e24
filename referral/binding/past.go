package binding

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// Past is whose a customer was and who tried to win her: what a quarrel is decided by.
type Past struct {
	Bindings []Binding // earliest first
	Passages []Passage // by which others took over, of each binding as they took effect
	Claims   []Claim   // as they were recorded, the refused ones too
}

// PastOf is the past of a customer. Head office and finance read everybody's; a manager that of those whom one of her stores
// holds, held or tried to win. The others are customer.ErrUnknown, as somebody who does not exist. The look is in the audit.
func (s *Service) PastOf(ctx context.Context, actor shop.Actor, who shop.ID) (Past, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return Past{}, err
	}
	var past Past
	now := shop.Millis(s.now())
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if _, err = customer.ByID(ctx, tx, actor.Brand, who); err != nil {
			return err
		}
		if past, err = PastIn(ctx, tx, actor.Brand, who, now); err != nil {
			return err
		}
		if actor.Is(shop.RoleManager) && !past.concerns(actor.Stores) {
			return customer.ErrUnknown
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "customer_bindings_read", Customer: who})
	})
	if err != nil {
		return Past{}, fmt.Errorf("past of customer %s: %w", who, err)
	}
	return past, nil
}

// PastIn is the past of a customer for those who have a transaction and have seen to who may read it.
func PastIn(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, now time.Time) (past Past, err error) {
	if past.Bindings, err = historyOf(ctx, tx, brand, who); err != nil {
		return Past{}, err
	}
	if past.Passages, err = passagesOf(ctx, tx, brand, past.Bindings, now); err != nil {
		return Past{}, err
	}
	past.Claims, err = claimsOf(ctx, tx, brand, who)
	return past, err
}

func (p Past) concerns(stores []shop.ID) bool {
	return slices.ContainsFunc(p.Bindings, func(b Binding) bool { return slices.Contains(stores, b.Store) }) ||
		slices.ContainsFunc(p.Passages, func(p Passage) bool { return slices.Contains(stores, p.To.Store) }) ||
		slices.ContainsFunc(p.Claims, func(c Claim) bool { return slices.Contains(stores, c.Store) })
}
