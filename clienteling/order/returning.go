package order

import (
	"context"
	"fmt"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// OfReturning are those of the orders whose customer had placed another before, at an earlier instant. A test order is none,
// a cancelled one is; two of one instant are both her first. An order without a customer is nobody's.
func OfReturning(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []Order) (map[shop.ID]bool, error) {
	var ids, customers, from []shop.ID
	for _, o := range orders {
		if !o.Customer.IsZero() {
			ids, customers, from = append(ids, o.ID), append(customers, o.Customer), append(from, shop.FloorID(o.PlacedAt))
		}
	}
	returning := make(map[shop.ID]bool, len(ids))
	if len(ids) == 0 {
		return returning, nil
	}
	found, err := withEarlier(ctx, db, brand, ids, customers, from)
	if err != nil {
		return nil, fmt.Errorf("who bought before, of %d orders: %w", len(orders), err)
	}
	for _, id := range found {
		returning[id] = true
	}
	return returning, nil
}

// NextOf are the orders that each of the customers of these orders placed next, at the first later instant; and where an order has
// become another's, that of whose it was. Whether their customer was returning may be another answer since these orders are known.
func NextOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []Order) ([]shop.ID, error) {
	var customers, after []shop.ID
	for _, o := range orders {
		for _, who := range []shop.ID{o.Customer, o.Former} {
			if !who.IsZero() {
				customers, after = append(customers, who), append(after, shop.FloorID(o.PlacedAt.Add(time.Millisecond))) // what an id carries
			}
		}
	}
	if len(customers) == 0 {
		return nil, nil
	}
	ids, err := nextOf(ctx, db, brand, customers, after)
	if err != nil {
		return nil, fmt.Errorf("what was bought next after %d orders: %w", len(orders), err)
	}
	return ids, nil
}
