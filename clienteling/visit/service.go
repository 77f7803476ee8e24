package visit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Service proves presence and shows customers to those who may see them.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
	key  []byte
}

// New makes the service; codeKey, of 32 bytes at least, hashes member codes. Another key ends the codes that are alive.
func New(pool *postgres.Pool, now func() time.Time, codeKey []byte) (*Service, error) {
	if len(codeKey) < 32 {
		return nil, fmt.Errorf("the key of member codes has %d bytes and needs 32", len(codeKey))
	}
	return &Service{pool: pool, now: now, key: codeKey}, nil
}

// MemberCode is what a customer's app shows.
type MemberCode struct {
	Code      string
	ExpiresAt time.Time
}

// IssueMemberCode gives the signed-in customer a fresh code. Her earlier ones end, so that only the screen in her hand is
// worth anything.
func (s *Service) IssueMemberCode(ctx context.Context, actor shop.Actor) (MemberCode, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return MemberCode{}, err
	}
	now := shop.Millis(s.now())
	c := MemberCode{Code: newCode(), ExpiresAt: now.Add(codeLife)}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		return replaceCode(ctx, tx, actor.Brand, actor.ID, hashCode(s.key, actor.Brand, c.Code), c.ExpiresAt)
	})
	if err != nil {
		return MemberCode{}, fmt.Errorf("issue member code to customer %s: %w", actor.ID, err)
	}
	return c, nil
}

// ShowMemberCode is called when a customer has shown her code to the actor, on a device of a store: she is there for a visit
// from then on. A code works once. ErrCode, and ErrPlace when nobody knows where the actor stands.
func (s *Service) ShowMemberCode(ctx context.Context, actor shop.Actor, shown string) (Visit, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager); err != nil {
		return Visit{}, err
	}
	store, err := standsAt(actor)
	if err != nil {
		return Visit{}, err
	}
	code, ok := foldCode(shown)
	if !ok {
		return Visit{}, ErrCode
	}
	now := shop.Millis(s.now())
	var v Visit
	var refused error
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		who, err := useCode(ctx, tx, actor.Brand, hashCode(s.key, actor.Brand, code), now)
		if refused = nil; errors.Is(err, ErrCode) {
			refused = err
			return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "member_code_refused", Detail: map[string]any{"store": store}})
		}
		if err != nil {
			return err
		}
		v, err = record(ctx, tx, actor, Visit{Customer: who, Store: store, Staff: actor.ID, Proof: ByMemberCode}, now)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Visit{}, fmt.Errorf("show member code: %w", err)
	}
	return v, nil
}

// EraseCustomer ends what leads to her (customer.Eraser): her codes. That somebody was there stays.
func (s *Service) EraseCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, _ time.Time) error {
	if err := deleteCodes(ctx, tx, brand, who); err != nil {
		return fmt.Errorf("erase member codes: %w", err)
	}
	return nil
}

// standsAt is the store of the actor's device; without one, the only store she works at.
func standsAt(actor shop.Actor) (shop.ID, error) {
	if !actor.Store.IsZero() {
		return actor.Store, nil
	}
	if len(actor.Stores) == 1 {
		return actor.Stores[0], nil
	}
	return shop.ID{}, ErrPlace
}

// tillsAreAhead is by how much the clock of a till may be fast. The visit then lasts so much longer.
const tillsAreAhead = 10 * time.Minute

// OrderChanged makes a purchase at a till a visit (order.Listener), from when she bought. Facts that arrive when the visit
// would be over open nothing; further facts about the same order open it no second time.
func (s *Service) OrderChanged(ctx context.Context, tx pgx.Tx, o order.Order, now time.Time) error {
	if o.Channel != order.Till || o.State != order.Placed || o.Customer.IsZero() {
		return nil
	}
	v := Visit{ID: shop.NewID(o.PlacedAt), Customer: o.Customer, Store: o.Store, Staff: o.Staff, Proof: ByTill, ProvenAt: shop.Millis(o.PlacedAt)}
	if v.ProvenAt.After(now.Add(tillsAreAhead)) || !now.Before(v.Until()) {
		return nil
	}
	first, err := insertVisitOnce(ctx, tx, o.Brand, v)
	if err != nil {
		return fmt.Errorf("visit of order %s: %w", o.ID, err)
	}
	if !first {
		return nil
	}
	return audit.Note(ctx, tx, shop.System(o.Brand), now, audit.Entry{
		Act: "visit_proven", Customer: v.Customer, Subject: v.ID, Detail: map[string]any{"store": v.Store, "proof": v.Proof, "order": o.ID},
	})
}
