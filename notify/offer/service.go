package offer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Service is what head office, staff and customers do with offers.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time) *Service { return &Service{pool, now} }

// Create keeps a draft, which nobody may send before it is approved. shop.ErrFields and ErrLink can come back.
func (s *Service) Create(ctx context.Context, actor shop.Actor, d Draft) (Offer, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleSystem); err != nil {
		return Offer{}, err
	}
	now := shop.Millis(s.now())
	d.StartsAt, d.EndsAt = shop.Millis(d.StartsAt), shop.Millis(d.EndsAt)
	o := Offer{ID: d.ID, Draft: d, CreatedAt: now}
	if d.ID.IsZero() {
		o.ID = shop.NewID(now)
	}
	o.Draft.ID = shop.ID{}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if made, err := ByID(ctx, tx, actor.Brand, o.ID); !errors.Is(err, shop.ErrNotFound) {
			o = made
			return err
		}
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if err := d.check(brand.Language, now); err != nil {
			return err
		}
		if err := checkLink(d.Link, brand.AllowedHosts); err != nil {
			return err
		}
		if err := insertOffer(ctx, tx, actor.Brand, o); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "offer_created", Subject: o.ID, Detail: map[string]any{"kind": d.Kind}})
	})
	if err != nil {
		return Offer{}, fmt.Errorf("create offer: %w", err)
	}
	return o, nil
}

// Approve lets staff and campaigns send the offer. Approving again changes nothing. ErrOver for one that has ended.
func (s *Service) Approve(ctx context.Context, actor shop.Actor, id shop.ID) (Offer, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleSystem); err != nil {
		return Offer{}, err
	}
	now := shop.Millis(s.now())
	var o Offer
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if o, err = ByID(ctx, tx, actor.Brand, id); err != nil || !o.ApprovedAt.IsZero() {
			return err
		}
		if !now.Before(o.EndsAt) {
			return ErrOver
		}
		approved, err := updateApproved(ctx, tx, actor.Brand, id, actor.ID, now)
		if err != nil {
			return err
		}
		if !approved { // somebody else was faster
			o, err = ByID(ctx, tx, actor.Brand, id)
			return err
		}
		o.ApprovedAt, o.ApprovedBy = now, actor.ID
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "offer_approved", Subject: id})
	})
	if err != nil {
		return Offer{}, fmt.Errorf("approve offer %s: %w", id, err)
	}
	return o, nil
}

// List is the brand's offers, newest first: all of them for head office, managers and finance, those that may be sent now
// for staff.
func (s *Service) List(ctx context.Context, actor shop.Actor, page shop.Page) ([]Offer, string, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleFinance, shop.RoleStaff, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	sendableAt := time.Time{}
	if actor.Is(shop.RoleStaff) {
		sendableAt = s.now()
	}
	var all []Offer
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfOffers(ctx, tx, actor.Brand, sendableAt, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list offers: %w", err)
	}
	all, next := shop.Cut(page, all, func(o Offer) shop.ID { return o.ID })
	return all, next, nil
}

// Find is one of the brand's offers, or shop.ErrNotFound, also for staff when it may not be sent now.
func (s *Service) Find(ctx context.Context, actor shop.Actor, id shop.ID) (Offer, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleFinance, shop.RoleStaff, shop.RoleSystem); err != nil {
		return Offer{}, err
	}
	var o Offer
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		o, err = ByID(ctx, tx, actor.Brand, id)
		return err
	})
	if err != nil {
		return Offer{}, err
	}
	if actor.Is(shop.RoleStaff) && o.MaySend(s.now()) != nil {
		return Offer{}, shop.ErrNotFound
	}
	return o, nil
}

// ByID is the offer, or shop.ErrNotFound.
func ByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Offer, error) {
	all, err := ByIDs(ctx, db, brand, []shop.ID{id})
	if err != nil {
		return Offer{}, err
	}
	o, found := all[id]
	if !found {
		return Offer{}, fmt.Errorf("offer %s: %w", id, shop.ErrNotFound)
	}
	return o, nil
}

// ByIDs are those of the offers that exist.
func ByIDs(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]Offer, error) {
	rows, err := offersByID(ctx, db, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	all := make(map[shop.ID]Offer, len(rows))
	for _, o := range rows {
		all[o.ID] = o
	}
	return all, nil
}
