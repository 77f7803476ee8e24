package team

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// AddStore opens a store. ErrStoreExists and shop.ErrFields can come back. Without an opening day it is today.
func (s *Service) AddStore(ctx context.Context, actor shop.Actor, st Store) (Store, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Store{}, err
	}
	if err := st.check(); err != nil {
		return Store{}, err
	}
	now := shop.Millis(s.now())
	st.ID, st.Brand, st.CreatedAt = shop.NewID(now), actor.Brand, now
	st.ClosedOn, st.Successor = time.Time{}, shop.ID{}
	entry := audit.Entry{Act: "store_added", Subject: st.ID, Detail: map[string]any{"kind": st.Kind}}
	err := s.act(ctx, actor, now, entry, func(tx pgx.Tx) error {
		if st.OpenedOn.IsZero() {
			brand, err := LoadBrand(ctx, tx, actor.Brand)
			if err != nil {
				return err
			}
			st.OpenedOn = brand.Day(now)
		}
		return insertStore(ctx, tx, st)
	})
	return st, err
}

// AddStaff takes somebody on. ErrStaffExists and shop.ErrFields can come back. Only head office gives a role over the brand or
// a password.
func (s *Service) AddStaff(ctx context.Context, actor shop.Actor, n NewStaff) (Staff, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Staff{}, err
	}
	if err := n.check(); err != nil {
		return Staff{}, err
	}
	pinHash, err := s.hasher.make(ctx, n.PIN)
	if err != nil {
		return Staff{}, err
	}
	passwordHash, err := s.hasher.make(ctx, n.Password)
	if err != nil {
		return Staff{}, err
	}
	now := shop.Millis(s.now())
	p := Staff{
		ID: shop.NewID(now), Brand: actor.Brand, EmployeeNo: n.EmployeeNo, Name: n.Name, Email: n.Email, BrandRole: n.BrandRole,
		HasPIN: n.PIN != "", CreatedAt: now,
	}
	entry := audit.Entry{Act: "staff_added", Subject: p.ID, Detail: map[string]any{"brand_role": p.BrandRole}}
	return p, s.act(ctx, actor, now, entry, func(tx pgx.Tx) error {
		if err := insertStaff(ctx, tx, p, pinHash, passwordHash); err != nil {
			return err
		}
		if err := leaveHands(ctx, tx, actor, p.ID, now); err != nil {
			return err
		}
		return s.tellOfEmployment(ctx, tx, actor.Brand, p.ID, now)
	})
}

// Assign lets somebody work at a store from a day on. Managers let people help out in their own stores as staff; head office
// also makes managers. An assignment that exists under the given id is taken for this one; without an id it is new.
func (s *Service) Assign(ctx context.Context, actor shop.Actor, a Assignment) (Assignment, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Assignment{}, err
	}
	if actor.Is(shop.RoleManager) && (!actor.WorksAt(a.Store) || a.Role != shop.RoleStaff) {
		return Assignment{}, shop.ErrForbidden
	}
	if err := a.check(); err != nil {
		return Assignment{}, err
	}
	now := shop.Millis(s.now())
	if a.ID.IsZero() {
		a.ID = shop.NewID(now)
	}
	entry := audit.Entry{Act: "staff_assigned", Subject: a.Staff, Detail: map[string]any{"store": a.Store, "role": a.Role}}
	return a, s.act(ctx, actor, now, entry, func(tx pgx.Tx) error {
		all, err := AssignmentsOf(ctx, tx, actor.Brand, a.Staff)
		if err != nil || slices.ContainsFunc(all, func(made Assignment) bool { return made.ID == a.ID }) {
			return err
		}
		if err := insertAssignment(ctx, tx, actor.Brand, a); err != nil {
			return err
		}
		return s.tellOfEmployment(ctx, tx, actor.Brand, a.Staff, now)
	})
}

// EndAssignment makes a day the last of an assignment that runs then; shop.ErrNotFound for one that does not.
func (s *Service) EndAssignment(ctx context.Context, actor shop.Actor, id shop.ID, lastDay time.Time) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	entry := audit.Entry{Act: "assignment_ended", Subject: id}
	return s.act(ctx, actor, now, entry, func(tx pgx.Tx) error {
		staff, err := updateAssignmentEnd(ctx, tx, actor.Brand, id, lastDay)
		if err != nil {
			return err
		}
		return s.tellOfEmployment(ctx, tx, actor.Brand, staff, now)
	})
}

// RevokeStaff signs somebody out everywhere, within five seconds, and lets her in no more.
func (s *Service) RevokeStaff(ctx context.Context, actor shop.Actor, staff shop.ID) error {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "staff_revoked", Subject: staff}, func(tx pgx.Tx) error {
		if err := s.mayManage(ctx, tx, actor, staff, now); err != nil {
			return err
		}
		if err := updateRevoked(ctx, tx, actor.Brand, staff, now); err != nil {
			return err
		}
		return EndSessionsOf(ctx, tx, actor.Brand, staff, "staff_revoked", now)
	})
}

// RestoreStaff lets somebody who was revoked sign in again.
func (s *Service) RestoreStaff(ctx context.Context, actor shop.Actor, staff shop.ID) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	entry := audit.Entry{Act: "staff_restored", Subject: staff}
	return s.act(ctx, actor, now, entry, func(tx pgx.Tx) error { return updateRevoked(ctx, tx, actor.Brand, staff, time.Time{}) })
}

// mayManage: head office everybody, a manager who works in her stores today and is not of head office. Others do not exist.
func (s *Service) mayManage(ctx context.Context, tx pgx.Tx, actor shop.Actor, staff shop.ID, now time.Time) error {
	st, err := standingOf(ctx, tx, actor.Brand, staff, shop.ID{}, now)
	if err != nil || actor.Is(shop.RoleHQ, shop.RoleSystem) {
		return err
	}
	if st.brandRole != "" || !slices.ContainsFunc(st.today, func(at place) bool { return actor.WorksAt(at.Store) }) {
		return shop.ErrNotFound
	}
	return nil
}

// ActorOf is what somebody may be and where she works today. ErrSessionOver when she was revoked or has left.
func (s *Service) ActorOf(ctx context.Context, brand shop.BrandID, staff shop.ID) (shop.Actor, error) {
	now := s.now()
	var st standing
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		st, err = standingOf(ctx, tx, brand, staff, shop.ID{}, now)
		return err
	})
	if err != nil {
		return shop.Actor{}, fmt.Errorf("actor of staff %s: %w", staff, err)
	}
	return st.actor(brand, staff, ByPassword)
}

// ListStores is the brand's stores, newest first.
func (s *Service) ListStores(ctx context.Context, actor shop.Actor, page shop.Page) ([]Store, string, error) {
	var all []Store
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfStores(ctx, tx, actor.Brand, page)
		return err
	})
	all, next := shop.Cut(page, all, func(st Store) shop.ID { return st.ID })
	return all, next, err
}

// ListStaff is everybody for head office and finance, and for a manager who works in her stores today; newest first.
func (s *Service) ListStaff(ctx context.Context, actor shop.Actor, page shop.Page) ([]Staff, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var all []Staff
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		all, err = pageOfStaff(ctx, tx, actor.Brand, storesSeen(actor), brand.Day(s.now()), page)
		return err
	})
	all, next := shop.Cut(page, all, func(p Staff) shop.ID { return p.ID })
	return all, next, err
}

// storesSeen narrows a list to a manager's stores; nil is all.
func storesSeen(actor shop.Actor) []shop.ID {
	if actor.Is(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem) {
		return nil
	}
	return append([]shop.ID{}, actor.Stores...)
}
