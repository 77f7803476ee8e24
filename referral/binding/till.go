package binding

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
)

// ErrProofNeeded is the outcome of enrolling somebody at the till whose telephone number is a member's already: typing a
// number proves nothing, so nobody wins or sees her by it.
var ErrProofNeeded = shop.Refuse(shop.Conflict, "member_code_needed", "She is a customer already. Ask her to show her member code.")

// EnrolAtTill makes a person who stands before the actor a member, by the telephone number she says: a member who is there
// for a visit at the store, won by the actor if nobody has won her yet. Whoever is a customer by this number already, unless
// she only left it with an order, is not touched: Refused says ErrProofNeeded, until she has shown her member code: then she is
// claimed as she is, and whoever else has won her keeps her by the brand's policy. Without a store it
// is where the actor stands. shop.ErrFields, customer.ErrPhone, visit.ErrPlace, and shop.ErrForbidden for a store where she
// does not work, can come back.
func (s *Service) EnrolAtTill(ctx context.Context, actor shop.Actor, store shop.ID, m Membership) (Joined, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager); err != nil {
		return Joined{}, err
	}
	now := s.now()
	var j Joined
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		shown, err := m.shown(ctx, tx, actor, store)
		if err != nil {
			return err
		}
		at, m := store, m
		if !shown.ID.IsZero() {
			at, m.Phone, m.Details = shown.Store, "", customer.Details{} // what she is called is hers to say
		}
		if at, err = placeOf(actor, at); err != nil {
			return err
		}
		j, err = s.enrol(ctx, tx, actor, at, m, shown, now)
		return err
	})
	if err != nil {
		return Joined{}, fmt.Errorf("enrol at the till: %w", err)
	}
	return j, nil
}

// shown is the visit that her member code opens, at the store that the actor names or stands at; none when she shows none.
func (m Membership) shown(ctx context.Context, tx pgx.Tx, actor shop.Actor, store shop.ID) (visit.Visit, error) {
	if m.Show == nil {
		return visit.Visit{}, nil
	}
	v, err := m.Show(ctx, tx)
	if err == nil && (v.Staff != actor.ID || !store.IsZero() && store != v.Store) {
		err = visit.ErrPlace
	}
	return v, err
}

// placeOf is the store that the actor names, of those where she works today; naming none, that of her device, or the only
// one.
func placeOf(actor shop.Actor, store shop.ID) (shop.ID, error) {
	if store.IsZero() {
		store = actor.Store
	}
	switch {
	case store.IsZero() && len(actor.Stores) == 1:
		return actor.Stores[0], nil
	case store.IsZero():
		return shop.ID{}, visit.ErrPlace
	case !actor.WorksAt(store):
		return shop.ID{}, shop.ErrForbidden
	}
	return store, nil
}

func (s *Service) enrol(ctx context.Context, tx pgx.Tx, actor shop.Actor, store shop.ID, m Membership, shown visit.Visit, now time.Time) (Joined, error) {
	joining, err := m.joining(ctx, tx, actor.Brand, consentAtTill)
	if err != nil {
		return Joined{}, err
	}
	who := shown.Customer
	if who.IsZero() {
		if len(joining.Identities) == 0 {
			return Joined{}, customer.ErrPhone
		}
		if who, err = customer.Resolve(ctx, tx, actor.Brand, joining.Identities, now); err != nil {
			return Joined{}, err
		}
	}
	if who.IsZero() {
		who, err = customer.Find(ctx, tx, actor.Brand, joining.Identities[0])
		return Joined{Customer: who, Refused: []*shop.Refusal{ErrProofNeeded}}, err
	}
	member, err := customer.Join(ctx, tx, actor, who, joining, now)
	if err != nil {
		return Joined{}, err
	}
	j := Joined{Customer: who, MemberNo: member.MemberNo, First: member.First}
	there := shown
	if there.ID.IsZero() {
		if there, err = visit.AtTill(ctx, tx, actor, who, store, now); err != nil {
			return Joined{}, err
		}
	}
	out, err := s.ClaimTx(ctx, tx, actor, Attempt{
		Customer: who, Store: store, Staff: actor.ID, Source: FromTill, visit: there.ID, shown: !shown.ID.IsZero(),
	}, now)
	if err != nil {
		return Joined{}, err
	}
	return j, j.settle(ctx, tx, actor.Brand, out, now)
}
