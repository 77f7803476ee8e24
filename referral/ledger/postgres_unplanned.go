package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// ordersUnplanned reads an index that has such orders alone.
func ordersUnplanned(ctx context.Context, tx pgx.Tx, brand shop.BrandID, after shop.ID, limit int) ([]shop.ID, error) {
	rows, err := tx.Query(ctx, `
SELECT order_id FROM order_credit
WHERE brand_id = $1 AND plan_id IS NULL AND order_id > $2
ORDER BY order_id
LIMIT $3`, brand, after, limit)
	if err != nil {
		return nil, fmt.Errorf("find orders without a plan: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
