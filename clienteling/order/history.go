package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// IDsOfCustomer are the ids of a customer's orders placed at or after an instant (zero: all), in the sequence in which they
// were placed.
func IDsOfCustomer(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, since time.Time) ([]shop.ID, error) {
	if since.Before(oldest) {
		since = oldest
	}
	ids, err := idsSince(ctx, db, brand, customer, shop.FloorID(since))
	if err != nil {
		return nil, fmt.Errorf("list orders of customer %s: %w", customer, err)
	}
	return ids, nil
}

// History is one page of what a customer bought in every channel, newest first, with the cursor to the next page. Test
// orders are not in it. Whether the caller may see her is clienteling/visit's to say.
func (s *Service) History(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, page shop.Page) (orders []Order, next string, err error) {
	ids, err := pageOfCustomer(ctx, db, brand, customer, page)
	if err != nil {
		return nil, "", fmt.Errorf("history of customer %s: %w", customer, err)
	}
	ids, next = shop.Cut(page, ids, func(id shop.ID) shop.ID { return id })
	orders, err = LoadMany(ctx, db, brand, ids)
	slices.Reverse(orders)
	return orders, next, err
}
