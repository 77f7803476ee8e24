package order

import (
	"context"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func countGivenBack(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID, since time.Time) (orders, givenBack int, err error) {
	err = db.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE state = 'cancelled' OR paid_minor > 0 AND refunded_minor * 2 >= paid_minor)
		FROM sales_order
		WHERE brand_id = $1 AND customer_id = ANY ($2) AND id >= $3 AND state <> 'test'`, brand, customers, shop.FloorID(since)).Scan(&orders, &givenBack)
	return orders, givenBack, err
}
