package catalogue

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Categories are those of the brand's products, by name. Products without one have none.
func Categories(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]string, error) {
	rows, _ := db.Query(ctx, `SELECT DISTINCT category FROM product WHERE brand_id = $1 AND category <> '' ORDER BY category`, brand)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	return names, nil
}
