package tag

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Cards are the actor's own live staff cards of the stores where she works today, oldest first.
func (s *Service) Cards(ctx context.Context, actor shop.Actor) ([]Tag, error) {
	var cards []Tag
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		cards, err = cardsOf(ctx, tx, actor.Brand, actor.ID, actor.Stores)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cards of %s: %w", actor.Pseudonym(), err)
	}
	return cards, nil
}

// IssueCard is the actor's live staff card of a store where she works today: the one she has, else a new one that leads to
// the brand's site. Asking again, also at the same moment, is the same card. A store where she does not work is
// shop.ErrNotFound; ErrDestination when the brand does not allow its own site's host.
func (s *Service) IssueCard(ctx context.Context, actor shop.Actor, store shop.ID) (Tag, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager); err != nil {
		return Tag{}, err
	}
	if !actor.WorksAt(store) {
		return Tag{}, shop.ErrNotFound
	}
	now := shop.Millis(s.now())
	var card Tag
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		// Whoever asks at the same moment waits here, and then finds the card.
		if err := lockStaff(ctx, tx, actor.Brand, actor.ID); err != nil {
			return err
		}
		have, err := cardsOf(ctx, tx, actor.Brand, actor.ID, []shop.ID{store})
		if err != nil {
			return err
		}
		if len(have) > 0 {
			card = have[0]
			return nil
		}
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if err := Hosts(brand.AllowedHosts).CheckDestination(brand.SiteURL); err != nil {
			return err
		}
		card = drawn(actor, Spec{Store: store, Staff: actor.ID, Kind: Free, Placement: StaffCard, Destination: brand.SiteURL}, now)
		return insertTags(ctx, tx, actor, []Tag{card}, now)
	})
	if err != nil {
		return Tag{}, fmt.Errorf("issue card of %s: %w", actor.Pseudonym(), err)
	}
	return card, nil
}
