package team

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// AppUsers are those who have signed in with one app on one phone.
type AppUsers struct {
	Customers []shop.ID
	Staff     []shop.ID
}

// OnSameApp are the people who have signed in with the app that a session is of, as far as their sessions are remembered.
func OnSameApp(ctx context.Context, tx pgx.Tx, brand shop.BrandID, session shop.ID) (AppUsers, error) {
	users, err := onSameApp(ctx, tx, brand, session)
	if err != nil {
		return AppUsers{}, fmt.Errorf("people on the app of session %s: %w", session, err)
	}
	return users, nil
}

// OnAppsOf are by customer the people who have signed in with the apps that she has signed in with, she too.
func OnAppsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) (map[shop.ID]AppUsers, error) {
	users, err := onAppsOf(ctx, tx, brand, customers)
	if err != nil {
		return nil, fmt.Errorf("people on the apps of %d customers: %w", len(customers), err)
	}
	return users, nil
}
