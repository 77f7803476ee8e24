package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func idsSince(ctx context.Context, db postgres.DB, brand shop.BrandID, customer, from shop.ID) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT id FROM sales_order WHERE brand_id = $1 AND customer_id = $2 AND id >= $3 ORDER BY id`, brand, customer, from)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// pageOfCustomer reads one more id than the page has, so that it is known whether there is another.
func pageOfCustomer(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, page shop.Page) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT id FROM sales_order
		WHERE brand_id = $1 AND customer_id = $2 AND state <> 'test' AND ($3::uuid IS NULL OR id < $3)
		ORDER BY id DESC LIMIT $4`, brand, customer, page.After, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
