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

// OfCustomers are all orders of each customer, by their ids and in the sequence in which they were placed.
func OfCustomers(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID) (map[shop.ID][]shop.ID, error) {
	ids, err := ofCustomers(ctx, db, brand, customers, shop.FloorID(oldest))
	if err != nil {
		return nil, fmt.Errorf("list orders of %d customers: %w", len(customers), err)
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

// Buyers are the customers of orders, by order; an order without one is left out.
func Buyers(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID]shop.ID, error) {
	buyers, err := buyersOf(ctx, db, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("buyers of %d orders: %w", len(orders), err)
	}
	return buyers, nil
}

// OfTheDay are by order all that its buyer placed on the same day of the zone, itself too.
func OfTheDay(ctx context.Context, db postgres.DB, brand shop.BrandID, buyers map[shop.ID]shop.ID, zone *time.Location) (map[shop.ID][]shop.ID, error) {
	var orders, customers, from, until []shop.ID
	for id, who := range buyers {
		y, m, d := id.Time().In(zone).Date()
		orders, customers = append(orders, id), append(customers, who)
		from = append(from, shop.FloorID(time.Date(y, m, d, 0, 0, 0, 0, zone)))
		until = append(until, shop.FloorID(time.Date(y, m, d+1, 0, 0, 0, 0, zone)))
	}
	same, err := ofTheDay(ctx, db, brand, orders, customers, from, until)
	if err != nil {
		return nil, fmt.Errorf("orders of the days of %d orders: %w", len(orders), err)
	}
	return same, nil
}
