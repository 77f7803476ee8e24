package customer

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Lock locks her profile row, which comes before any other lock. ErrUnknown when there is none.
func Lock(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) error {
	return LockAll(ctx, tx, brand, []shop.ID{id})
}

// LockAll locks the profile rows of several customers in the order of their ids. ErrUnknown when one of them does not exist.
func LockAll(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) error {
	if len(ids) == 0 {
		return nil
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareID)
	ids = slices.Compact(ids)
	locked, err := lockProfiles(ctx, tx, brand, ids)
	if err != nil {
		return fmt.Errorf("lock customers: %w", err)
	}
	if locked != len(ids) {
		return ErrUnknown
	}
	return nil
}

func compareID(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }

// ProfileOf is her row of figures, or ErrUnknown.
func ProfileOf(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Profile, error) {
	p, err := profileOf(ctx, db, brand, id)
	if err != nil {
		return Profile{}, fmt.Errorf("profile of customer %s: %w", id, err)
	}
	return p, nil
}

// NoteOrder adds what an order, or a change of one, does to her figures.
func NoteOrder(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, delta Figures) error {
	return NoteOrders(ctx, tx, brand, map[shop.ID]Figures{id: delta})
}

// NoteOrders is NoteOrder for several customers in one statement. The zero ID, an order without a customer, is passed over.
func NoteOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, deltas map[shop.ID]Figures) error {
	ids := slices.SortedFunc(maps.Keys(deltas), compareID)
	ids = slices.DeleteFunc(ids, func(id shop.ID) bool { return id.IsZero() || deltas[id] == Figures{} })
	if len(ids) == 0 {
		return nil
	}
	if err := addFigures(ctx, tx, brand, ids, deltas); err != nil {
		return fmt.Errorf("note orders of %d customers: %w", len(ids), err)
	}
	return nil
}

// NoteHome writes down whose she is now: a store, perhaps a person in it, or nobody (both zero).
func NoteHome(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id, store, staff shop.ID, since time.Time) error {
	if err := setHome(ctx, tx, brand, id, store, staff, since); err != nil {
		return fmt.Errorf("note home of customer %s: %w", id, err)
	}
	return nil
}
