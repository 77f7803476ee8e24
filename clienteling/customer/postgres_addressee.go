package customer

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func addressees(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID, channel Channel) ([]Addressee, error) {
	rows, _ := db.Query(ctx, `
		SELECT c.id, coalesce(c.language, ''), coalesce(c.time_zone, ''), coalesce(a.granted, false)
		FROM customer c
		LEFT JOIN consent a ON a.brand_id = $1 AND a.customer_id = c.id AND a.channel = $3
		WHERE c.brand_id = $1 AND c.id = ANY ($2) AND c.erased_at IS NULL AND c.merged_to IS NULL
		ORDER BY c.id`, brand, ids, channel)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Addressee])
}

func membersAfter(ctx context.Context, db postgres.DB, brand shop.BrandID, after shop.ID, limit int) ([]shop.ID, error) {
	rows, _ := db.Query(ctx, `
		SELECT id FROM customer
		WHERE brand_id = $1 AND ($2::uuid IS NULL OR id > $2) AND joined_at IS NOT NULL AND erased_at IS NULL AND merged_to IS NULL
		ORDER BY id LIMIT $3`, brand, after, limit)
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

func membersOfStoreAfter(ctx context.Context, db postgres.DB, brand shop.BrandID, store, after shop.ID, limit int) ([]shop.ID, error) {
	rows, _ := db.Query(ctx, `
		SELECT c.id FROM customer_profile p
		JOIN customer c ON c.brand_id = $1 AND c.id = p.customer_id
		WHERE p.brand_id = $1 AND p.home_store_id = $4 AND ($2::uuid IS NULL OR p.customer_id > $2)
			AND c.joined_at IS NOT NULL AND c.erased_at IS NULL AND c.merged_to IS NULL
		ORDER BY p.customer_id LIMIT $3`, brand, after, limit, store)
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
