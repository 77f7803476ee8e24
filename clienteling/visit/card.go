package visit

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Card is what somebody may see of a customer. With MemberOnly there is nothing in it after Tier.
type Card struct {
	Customer shop.ID
	Sight    Sight
	Member   bool
	Tier     string

	Name     string
	Language shop.Language
	Phone    string // masked
	Email    string // masked
	MemberNo string
	Profile  customer.Profile
}

// Card is what the actor may see of a customer. customer.ErrUnknown, and shop.ErrForbidden for those who see nobody.
func (s *Service) Card(ctx context.Context, actor shop.Actor, who shop.ID) (Card, error) {
	now := s.now()
	var c Card
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		around, err := circleOf(ctx, tx, actor, now)
		if err != nil {
			return err
		}
		c, err = cardOf(ctx, tx, actor, around, glance{who, "card", now})
		return err
	})
	if err == nil {
		err = c.Sight.Err()
	}
	if err != nil {
		return Card{}, fmt.Errorf("card of customer %s: %w", who, err)
	}
	return c, nil
}

func cardOf(ctx context.Context, tx pgx.Tx, actor shop.Actor, around circle, g glance) (Card, error) {
	sight, profile, err := look(ctx, tx, actor, around, g)
	if err != nil || sight == Nothing {
		return Card{Sight: sight}, err
	}
	said, err := customer.ByID(ctx, tx, actor.Brand, g.who)
	if err != nil {
		return Card{}, err
	}
	if !said.ErasedAt.IsZero() {
		return Card{}, customer.ErrUnknown
	}
	c := Card{Customer: g.who, Sight: sight, Member: said.IsMember(), Tier: said.Tier}
	if sight == MemberOnly {
		return c, nil
	}
	c.Name, c.Language, c.Profile = said.Name, said.Language, profile
	identities, err := customer.Identities(ctx, tx, actor.Brand, g.who)
	if err != nil {
		return Card{}, err
	}
	for _, i := range identities {
		switch {
		case i.Kind == customer.Phone && (c.Phone == "" || i.Verified):
			c.Phone = customer.MaskPhone(i.Value)
		case i.Kind == customer.Email && (c.Email == "" || i.Verified):
			c.Email = customer.MaskEmail(i.Value)
		case i.Kind == customer.MemberNo:
			c.MemberNo = i.Value
		}
	}
	return c, nil
}

// maxFound is what fits on a screen: who looks for somebody types one more character.
const maxFound = 20

// Search finds customers. A whole member number, telephone number or e-mail address finds her anywhere, and shows as much of
// her as the actor may see; part of a name and the last digits of a number find only those whom the actor may see without a
// visit. Each card is a look, and in the audit. customer.ErrFragment for what is too short.
func (s *Service) Search(ctx context.Context, actor shop.Actor, text string) ([]Card, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager, shop.RoleHQ); err != nil {
		return nil, err
	}
	now := s.now()
	var cards []Card
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		around, err := circleOf(ctx, tx, actor, now)
		if err != nil {
			return err
		}
		found, err := find(ctx, tx, actor, around, text)
		if err != nil {
			return err
		}
		cards = make([]Card, len(found))
		for i, who := range found {
			if cards[i], err = cardOf(ctx, tx, actor, around, glance{who, "search", now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search customers: %w", err)
	}
	return cards, nil
}

func find(ctx context.Context, tx pgx.Tx, actor shop.Actor, around circle, text string) ([]shop.ID, error) {
	brand, err := team.LoadBrand(ctx, tx, actor.Brand)
	if err != nil {
		return nil, err
	}
	who, err := customer.FindWhole(ctx, tx, actor.Brand, text, customer.Region(brand.Currency))
	if err == nil {
		return []shop.ID{who}, nil
	}
	if !errors.Is(err, customer.ErrUnknown) {
		return nil, err
	}
	f := customer.Fragment{Text: text, Limit: maxFound}
	if !around.everybody {
		f.Stores = append([]shop.ID{}, around.stores...) // never nil, which would be everybody's
	}
	found, err := customer.Search(ctx, tx, actor.Brand, f)
	if err != nil {
		return nil, err
	}
	ids := make([]shop.ID, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	return ids, nil
}
