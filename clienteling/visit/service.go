package visit

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
// from then on. A code works once; by the drawn part of the id of a visit that it has opened, it opened that one. Without an id the
// visit is new. ErrCode, and ErrPlace when nobody knows where the actor stands.
func (s *Service) ShowMemberCode(ctx context.Context, actor shop.Actor, id shop.ID, shown string) (v Visit, err error) {
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		v, err = s.Show(ctx, tx, actor, id, shown)
		return err
	})
	if err = s.Noted(ctx, actor, err); err != nil {
		return Visit{}, fmt.Errorf("show member code: %w", err)
	}
	return v, nil
}

// Show is ShowMemberCode in the transaction of what she shows it for: when that comes to nothing, the code can be shown again.
// Whoever calls it passes the error on by Noted.
func (s *Service) Show(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID, shown string) (Visit, error) {
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
	now, hash := shop.Millis(s.now()), hashCode(s.key, actor.Brand, code)
	if id.IsZero() {
		id = shop.NewID(now)
	}
	who, err := useCode(ctx, tx, actor.Brand, hash, now)
	if errors.Is(err, ErrCode) {
		return openedBy(ctx, tx, actor, hash, id)
	}
	if err != nil {
		return Visit{}, err
	}
	return record(ctx, tx, actor, Visit{ID: id.At(now), Customer: who, Store: store, Staff: actor.ID, Proof: ByMemberCode}, now)
}

// openedBy is the visit that a used code has opened to the actor under the same id, at whichever instant; ErrCode for any other.
func openedBy(ctx context.Context, tx pgx.Tx, actor shop.Actor, hash []byte, id shop.ID) (Visit, error) {
	who, at, err := usedCode(ctx, tx, actor.Brand, hash)
	if err != nil {
		return Visit{}, err
	}
	visits, err := visitsSince(ctx, tx, actor.Brand, who, at)
	if err != nil {
		return Visit{}, err
	}
	opened := slices.IndexFunc(visits, func(v Visit) bool { return v.ID == id.At(v.ID.Time()) && v.Staff == actor.ID })
	if opened < 0 {
		return Visit{}, ErrCode
	}
	return visits[opened], nil
}

// Noted keeps in the audit that a code was refused, when that is what the error says, and returns it. It has a transaction of its
// own: a refusal ends the one in which the code was shown.
func (s *Service) Noted(ctx context.Context, actor shop.Actor, err error) error {
	if !errors.Is(err, ErrCode) {
		return err
	}
	store, _ := standsAt(actor)
	return errors.Join(err, s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		return audit.Note(ctx, tx, actor, s.now(), audit.Entry{Act: "member_code_refused", Detail: map[string]any{"store": store}})
	}))
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
