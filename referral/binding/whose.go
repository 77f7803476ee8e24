package binding

import (
	"context"
	"fmt"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// HolderAt is whose the customer was, or is, at an instant.
func HolderAt(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, at time.Time) (Holder, error) {
	holders, err := holdersAt(ctx, db, brand, []shop.ID{customer}, []time.Time{at})
	if err != nil {
		return Holder{}, fmt.Errorf("holder of customer %s: %w", customer, err)
	}
	return holders[0], nil
}

// HoldersAt is HolderAt for many at once: of each customer at the instant that stands in her place.
func HoldersAt(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID, at []time.Time) ([]Holder, error) {
	holders, err := holdersAt(ctx, db, brand, customers, at)
	if err != nil {
		return nil, fmt.Errorf("holders of %d customers: %w", len(customers), err)
	}
	return holders, nil
}

// History is all her bindings with their evidence, earliest first.
func History(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID) ([]Binding, error) {
	bindings, err := historyOf(ctx, db, brand, customer)
	if err != nil {
		return nil, fmt.Errorf("bindings of customer %s: %w", customer, err)
	}
	return bindings, nil
}

// Claims is every attempt to win her, as they were recorded.
func Claims(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID) ([]Claim, error) {
	claims, err := claimsOf(ctx, db, brand, customer)
	if err != nil {
		return nil, fmt.Errorf("claims of customer %s: %w", customer, err)
	}
	return claims, nil
}

// holdersAt finds the bindings first, then the successions that may have passed them on.
func holdersAt(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID, at []time.Time) ([]Holder, error) {
	bindings, err := bindingsAt(ctx, db, brand, customers, at)
	if err != nil {
		return nil, err
	}
	successions, err := concerning(ctx, db, brand, bindings)
	if err != nil {
		return nil, err
	}
	holders := make([]Holder, len(bindings))
	for i, b := range bindings {
		if !b.ID.IsZero() {
			holders[i] = heldBy(b, successions, at[i])
		}
	}
	return holders, nil
}
