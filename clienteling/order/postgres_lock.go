package order

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Lock is LoadMany, and nobody changes the orders until the transaction ends. Lock their customers first.
func Lock(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) ([]Order, error) {
	found, err := loadKept(ctx, tx, brand, ids, forUpdate)
	if err != nil {
		return nil, fmt.Errorf("lock orders: %w", err)
	}
	return sorted(found), nil
}
