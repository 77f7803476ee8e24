package tag

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// CardsOf is whose cards are asked for.
type CardsOf struct {
	Store shop.ID // zero: of all of the actor's stores
	Batch string  // of the cards that are made
}

// post is one person at one store.
type post struct{ store, staff shop.ID }

// IssueCards makes the live staff card of everybody who works today in a store, or in all of the actor's, and returns all of
// their cards: those that people have are left as they are, so asking again makes none. made is how many are new. A store that is
// not the actor's is shop.ErrNotFound; ErrTooMany, ErrBatchRevoked and shop.ErrFields can come back too.
func (s *Service) IssueCards(ctx context.Context, actor shop.Actor, of CardsOf) (cards []Tag, made int, err error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, 0, err
	}
	if !of.Store.IsZero() && !actor.WorksAt(of.Store) {
		return nil, 0, shop.ErrNotFound
	}
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		cards, made, err = issueCards(ctx, tx, actor, of, now)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("issue cards of a store's staff: %w", err)
	}
	return cards, made, nil
}

func issueCards(ctx context.Context, tx pgx.Tx, actor shop.Actor, of CardsOf, now time.Time) (cards []Tag, made int, err error) {
	stores, err := storesOf(ctx, tx, actor, of.Store)
	if err != nil {
		return nil, 0, err
	}
	brand, err := team.LoadBrand(ctx, tx, actor.Brand)
	if err != nil {
		return nil, 0, err
	}
	working, err := team.WorkingOn(ctx, tx, actor.Brand, stores, brand.Day(now))
	if err != nil {
		return nil, 0, err
	}
	if len(working) > maxIssue {
		return nil, 0, ErrTooMany
	}
	staff := make([]shop.ID, len(working))
	for i, a := range working {
		staff[i] = a.Staff
	}
	// Whoever asks for one of these cards at the same moment waits here, and then finds it.
	if err := lockSeveralStaff(ctx, tx, actor.Brand, staff); err != nil {
		return nil, 0, err
	}
	have, err := cardsOfSeveral(ctx, tx, actor.Brand, staff, stores)
	if err != nil {
		return nil, 0, err
	}
	spec := Spec{Kind: Free, Placement: StaffCard, Batch: of.Batch, Destination: brand.SiteURL}
	fresh, err := lackingCards(actor, working, have, spec, now)
	if err != nil || len(fresh) == 0 {
		return have, 0, err
	}
	if err := Hosts(brand.AllowedHosts).CheckDestination(brand.SiteURL); err != nil {
		return nil, 0, err
	}
	if err := joinBatches(ctx, tx, actor, fresh, now); err != nil {
		return nil, 0, err
	}
	return slices.Concat(have, fresh), len(fresh), insertTags(ctx, tx, actor, fresh, now)
}

// lackingCards are cards for those who work somewhere and have none there.
func lackingCards(actor shop.Actor, working []team.Assignment, have []Tag, spec Spec, now time.Time) (fresh []Tag, err error) {
	has := map[post]bool{}
	for _, card := range have {
		has[post{card.Store, card.Staff}] = true
	}
	for _, a := range working {
		if at := (post{a.Store, a.Staff}); !has[at] {
			has[at] = true // she may have two assignments to it
			spec.Store, spec.Staff = at.store, at.staff
			if err := spec.check(); err != nil {
				return nil, err
			}
			fresh = append(fresh, drawn(actor, spec, now))
		}
	}
	return fresh, nil
}

// storesOf is the one store, or all of the actor's.
func storesOf(ctx context.Context, tx pgx.Tx, actor shop.Actor, one shop.ID) ([]shop.ID, error) {
	all, err := team.Stores(ctx, tx, actor.Brand)
	if err != nil {
		return nil, err
	}
	var stores []shop.ID
	for _, store := range all {
		if actor.WorksAt(store.ID) && (one.IsZero() || one == store.ID) {
			stores = append(stores, store.ID)
		}
	}
	if len(stores) == 0 && !one.IsZero() {
		return nil, shop.ErrNotFound
	}
	return stores, nil
}
