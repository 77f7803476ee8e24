package device

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Service is what an app does about its phone.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time) *Service { return &Service{pool, now} }

// Register makes the phone one of the customer's, alive from now on. Registering again says that it is still there. An
// address that was another customer's is hers afterwards, under a new id, so that what is still on its way to the other finds
// no phone. Of more than ten the longest unseen is forgotten. shop.ErrFields and push.ErrNoTarget can come back.
func (s *Service) Register(ctx context.Context, actor shop.Actor, r Registration) (Device, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return Device{}, err
	}
	if err := r.check(); err != nil {
		return Device{}, err
	}
	now := shop.Millis(s.now())
	var d Device
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		d, err = register(ctx, tx, actor, r, now)
		return err
	})
	if err != nil {
		return Device{}, fmt.Errorf("register device: %w", err)
	}
	return d, nil
}

func register(ctx context.Context, tx pgx.Tx, actor shop.Actor, r Registration, now time.Time) (Device, error) {
	// Her own row first: without it, two of her phones could pass the limit together.
	if err := customer.LockPerson(ctx, tx, actor.Brand, actor.ID); err != nil {
		return Device{}, err
	}
	d := Device{ID: shop.NewID(now), Customer: actor.ID, Registration: r, RegisteredAt: now, SeenAt: now}
	before, err := ownerOf(ctx, tx, actor.Brand, r.Target)
	if err != nil {
		return Device{}, err
	}
	if d, err = upsert(ctx, tx, actor.Brand, d); err != nil {
		return Device{}, err
	}
	switch before {
	case actor.ID:
		return d, nil // each start of the app; nothing for the audit
	case shop.ID{}:
		err = audit.Note(ctx, tx, actor, now, audit.Entry{Act: "device_registered", Customer: actor.ID, Subject: d.ID})
	default:
		err = audit.Note(ctx, tx, actor, now,
			audit.Entry{Act: "device_moved_away", Customer: before, Subject: d.ID},
			audit.Entry{Act: "device_registered", Customer: actor.ID, Subject: d.ID})
	}
	if err != nil {
		return Device{}, err
	}
	return d, deleteLongestUnseen(ctx, tx, actor.Brand, actor.ID, mostPerPerson)
}

// Forget removes one of the customer's phones, as signing out of the app does. shop.ErrNotFound when it is not hers.
func (s *Service) Forget(ctx context.Context, actor shop.Actor, id shop.ID) error {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if found, err := deleteOne(ctx, tx, actor.Brand, actor.ID, id); err != nil || !found {
			return orNotFound(err)
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "device_forgotten", Customer: actor.ID, Subject: id})
	})
	if err != nil {
		return fmt.Errorf("forget device: %w", err)
	}
	return nil
}

// EraseCustomer forgets all phones of a customer (customer.Eraser). What is still on its way to her finds none.
func (s *Service) EraseCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, _ time.Time) error {
	if err := deleteLongestUnseen(ctx, tx, brand, who, 0); err != nil {
		return fmt.Errorf("erase devices: %w", err)
	}
	return nil
}

// Mine are the customer's own phones, the last seen first, dead ones too.
func (s *Service) Mine(ctx context.Context, actor shop.Actor) ([]Device, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return nil, err
	}
	var all []Device
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = ofCustomers(ctx, tx, actor.Brand, []shop.ID{actor.ID})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("devices of customer %s: %w", actor.ID, err)
	}
	return all, nil
}

// LiveOf are the phones of these customers that a message may be sent to, by customer.
func LiveOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID, now time.Time) (map[shop.ID][]Device, error) {
	all, err := ofCustomers(ctx, tx, brand, customers)
	if err != nil {
		return nil, fmt.Errorf("devices of customers: %w", err)
	}
	live := make(map[shop.ID][]Device, len(customers))
	for _, d := range all {
		if d.IsLive(now) {
			live[d.Customer] = append(live[d.Customer], d)
		}
	}
	return live, nil
}

// MarkDead notes that Firebase will never again deliver to it. A phone that registered after since, which is when the send
// began, stays alive.
func MarkDead(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, since, now time.Time) error {
	if err := updateDead(ctx, tx, brand, id, since, now); err != nil {
		return fmt.Errorf("mark device %s dead: %w", id, err)
	}
	return nil
}
