package order

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// paymentHash is what is kept of a payment: what a system gives may itself lead to the card.
func paymentHash(payment string) []byte {
	sum := sha256.Sum256([]byte("homestore payment\x00" + payment))
	return sum[:]
}

// PaidAlike are, by order, the customers who had paid for an earlier order with the same as this one was paid with. Orders of
// which no system says what they were paid with have none.
func PaidAlike(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]shop.ID, error) {
	found, err := paidAlike(ctx, db, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("who paid alike for %d orders: %w", len(orders), err)
	}
	return found, nil
}

// LockPaidAlike is PaidAlike that makes orders which were paid for with the same wait for each other until the transaction ends: of two
// that are told of at once, the second to ask sees the first.
func LockPaidAlike(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]shop.ID, error) {
	found, err := lockPaidAlike(ctx, tx, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("lock what was paid alike for %d orders: %w", len(orders), err)
	}
	return found, nil
}

// LaterPaidAlike are the orders that were placed after one of these and paid for with the same.
func LaterPaidAlike(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) ([]shop.ID, error) {
	found, err := laterPaidAlike(ctx, db, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("what was paid alike after %d orders: %w", len(orders), err)
	}
	return found, nil
}
