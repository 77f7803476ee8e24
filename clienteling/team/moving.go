package team

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Leave makes an instant, which may lie ahead, the end of somebody's time here: her assignments end with its day, she is signed
// out everywhere, and nobody is employed under her name from then on. What becomes of her customers is decided by who calls.
// shop.ErrNotFound for nobody, and ErrStaffLeft for who has left by then.
func Leave(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, at, now time.Time) error {
	p, err := employee(ctx, tx, brand, staff, at)
	if err != nil {
		return err
	}
	of, err := LoadBrand(ctx, tx, brand)
	if err != nil {
		return err
	}
	if err := updateLeft(ctx, tx, brand, p.ID, at, of.lastDay(at)); err != nil {
		return fmt.Errorf("staff %s leaves: %w", staff, err)
	}
	if at.After(now) {
		return nil // whoever is signed in then is asked every few seconds whether she has left
	}
	return EndSessionsOf(ctx, tx, brand, staff, "staff_left", now)
}

// MoveStaff ends somebody's work at one store with the instant, and lets her work at another from that day on in the same role,
// unless she is assigned there already. shop.ErrNotFound, ErrStaffLeft, ErrStoreUnknown and ErrStoreClosed can come back.
func MoveStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff, from, to shop.ID, at time.Time) error {
	p, err := employee(ctx, tx, brand, staff, at)
	if err != nil {
		return err
	}
	of, err := LoadBrand(ctx, tx, brand)
	if err != nil {
		return err
	}
	if err := openStore(ctx, tx, brand, to, of.Day(at)); err != nil {
		return err
	}
	all, err := AssignmentsOf(ctx, tx, brand, p.ID)
	if err != nil {
		return err
	}
	next := Assignment{ID: shop.NewID(at), Staff: p.ID, Store: to, Role: shop.RoleStaff, From: of.Day(at)}
	isThere := false
	for _, a := range all {
		if a.Store == from && !a.From.After(next.From) {
			next.Role = a.Role // the latest that she had there
		}
		isThere = isThere || a.Store == to && !a.From.After(next.From) && (a.To.IsZero() || !a.To.Before(next.From))
	}
	if err := endAssignmentsAt(ctx, tx, brand, from, p.ID, of.lastDay(at)); err != nil {
		return fmt.Errorf("staff %s moves: %w", staff, err)
	}
	if isThere {
		return nil
	}
	return insertAssignment(ctx, tx, brand, next)
}

// CloseStore makes an instant, which may lie ahead, the end of a store: nobody is assigned there after its day. A single
// successor is written beside it. What becomes of its customers is decided by who calls. shop.ErrNotFound, ErrStoreClosed for one
// that has closed by then, and ErrStoreUnknown for a successor can come back.
func CloseStore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, store shop.ID, successors []shop.ID, at time.Time) error {
	of, err := LoadBrand(ctx, tx, brand)
	if err != nil {
		return err
	}
	if _, err := StoreByID(ctx, tx, brand, store); err != nil {
		return err
	}
	if err := openStore(ctx, tx, brand, store, of.lastDay(at)); err != nil {
		return err
	}
	for _, successor := range successors {
		if err := openStore(ctx, tx, brand, successor, of.Day(at)); err != nil {
			return err
		}
	}
	if len(successors) != 1 {
		successors = []shop.ID{{}}
	}
	if err := updateClosed(ctx, tx, brand, store, of.lastDay(at), successors[0]); err != nil {
		return fmt.Errorf("store %s closes: %w", store, err)
	}
	return endAssignmentsAt(ctx, tx, brand, store, shop.ID{}, of.lastDay(at))
}

// lastDay is the day on which something that ends at the instant is still there: at midnight, the day before.
func (b Brand) lastDay(at time.Time) time.Time { return b.Day(at.Add(-time.Millisecond)) }

// employee is somebody who has not left by the instant; shop.ErrNotFound for nobody.
func employee(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, at time.Time) (Staff, error) {
	p, err := StaffByID(ctx, tx, brand, staff)
	if err == nil && !p.LeftAt.IsZero() && !p.LeftAt.After(at) {
		err = ErrStaffLeft
	}
	return p, err
}

func openStore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, store shop.ID, day time.Time) error {
	st, err := StoreByID(ctx, tx, brand, store)
	switch {
	case errors.Is(err, shop.ErrNotFound):
		return ErrStoreUnknown
	case err == nil && !st.ClosedOn.IsZero() && st.ClosedOn.Before(day):
		return ErrStoreClosed
	}
	return err
}
