package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// withEarlier are those of the orders before which their customer placed another. The bound of an id is its instant's first, so
// that orders of one instant are not earlier than one another.
func withEarlier(ctx context.Context, db postgres.DB, brand shop.BrandID, orders, customers, from []shop.ID) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT w.order_id FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS w (order_id, customer_id, bound)
		WHERE EXISTS (
			SELECT FROM sales_order o
			WHERE o.brand_id = $1 AND o.customer_id = w.customer_id AND o.id < w.bound AND o.state <> 'test')`, brand, orders, customers, from)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// nextOf are the orders of the first instant at which each customer bought from a bound on.
func nextOf(ctx context.Context, db postgres.DB, brand shop.BrandID, customers, from []shop.ID) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT DISTINCT same.id FROM unnest($2::uuid[], $3::uuid[]) AS w (customer_id, bound)
		CROSS JOIN LATERAL (
			SELECT o.id FROM sales_order o
			WHERE o.brand_id = $1 AND o.customer_id = w.customer_id AND o.id >= w.bound AND o.state <> 'test'
			ORDER BY o.id LIMIT 1) AS next
		JOIN sales_order same ON same.brand_id = $1 AND same.customer_id = w.customer_id
			AND same.id >= next.id AND same.id < id_floor(id_time(next.id) + interval '1 millisecond')`, brand, customers, from)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
