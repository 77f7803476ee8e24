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

// ofCustomers looks each customer up by herself, in the index that has her orders in their sequence.
func ofCustomers(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID, from shop.ID) (map[shop.ID][]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT w.customer_id, o.id FROM unnest($2::uuid[]) AS w (customer_id)
		CROSS JOIN LATERAL (SELECT id FROM sales_order WHERE brand_id = $1 AND customer_id = w.customer_id AND id >= $3 OFFSET 0) AS o
		ORDER BY w.customer_id, o.id`, brand, customers, from)
	if err != nil {
		return nil, err
	}
	ids := map[shop.ID][]shop.ID{}
	var customer, id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&customer, &id}, func() error {
		ids[customer] = append(ids[customer], id)
		return nil
	})
	return ids, err
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

func ofTheDay(ctx context.Context, db postgres.DB, brand shop.BrandID, orders, customers, from, until []shop.ID) (map[shop.ID][]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT w.order_id, o.id FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[]) AS w (order_id, customer_id, first, past)
		CROSS JOIN LATERAL (
			SELECT id FROM sales_order
			WHERE brand_id = $1 AND customer_id = w.customer_id AND id >= w.first AND id < w.past AND state = 'placed' OFFSET 0) AS o
		ORDER BY w.order_id, o.id`, brand, orders, customers, from, until)
	if err != nil {
		return nil, err
	}
	same := map[shop.ID][]shop.ID{}
	var of, id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&of, &id}, func() error {
		same[of] = append(same[of], id)
		return nil
	})
	return same, err
}
