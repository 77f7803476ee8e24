package tag

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func tagsByID(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) ([]Tag, error) {
	rows, err := db.Query(ctx, selectTags+`WHERE t.brand_id = $1 AND t.id = ANY ($2)`, brand, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}
