package binding

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// HoldQuery asks for some holds. Empty fields ask for all.
type HoldQuery struct {
	Store shop.ID
	State HoldState
}

// holdSight is which holds somebody sees.
type holdSight struct {
	everything bool
	stores     []shop.ID
	staff      shop.ID
}

// sightOfHolds: a manager those of her stores, on either side; staff those that are about them; customers none, see HerClaims.
func sightOfHolds(actor shop.Actor) (holdSight, error) {
	switch actor.Role {
	case shop.RoleHQ, shop.RoleFinance, shop.RoleSystem:
		return holdSight{everything: true}, nil
	case shop.RoleManager:
		return holdSight{stores: actor.Stores, staff: actor.ID}, nil
	case shop.RoleStaff:
		return holdSight{stores: []shop.ID{}, staff: actor.ID}, nil
	}
	return holdSight{}, shop.ErrForbidden
}

// Holds are the claims that wait, were decided, or won against another store, newest first: all of them to head office and
// finance, those of her stores to a manager, those about her to a person.
func (s *Service) Holds(ctx context.Context, actor shop.Actor, q HoldQuery, page shop.Page) ([]Hold, string, error) {
	sees, err := sightOfHolds(actor)
	if err != nil {
		return nil, "", err
	}
	var holds []Hold
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		holds, err = selectHolds(ctx, tx, actor.Brand, sees, q, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("holds of %s: %w", actor.Pseudonym(), err)
	}
	holds, next := shop.Cut(page, holds, func(h Hold) shop.ID { return h.ID })
	return holds, next, nil
}
