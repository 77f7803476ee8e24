package order

import (
	"context"
	"fmt"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// GivenBack counts the orders of customers that were placed since an instant, and those of them that were cancelled or of
// which at least half of what was paid was given back.
func GivenBack(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID, since time.Time) (orders, givenBack int, err error) {
	orders, givenBack, err = countGivenBack(ctx, db, brand, customers, since)
	if err != nil {
		return 0, 0, fmt.Errorf("count orders given back by %d customers: %w", len(customers), err)
	}
	return orders, givenBack, nil
}
