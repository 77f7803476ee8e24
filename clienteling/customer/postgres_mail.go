package customer

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func emailsAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[string]shop.ID, error) {
	rows, err := db.Query(ctx, `SELECT value, customer_id FROM identity WHERE brand_id = $1 AND customer_id = ANY ($2) AND kind = 'email'`, brand, ids)
	if err != nil {
		return nil, err
	}
	found := map[string]shop.ID{}
	var address string
	var id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&address, &id}, func() error {
		found[address] = id
		return nil
	})
	return found, err
}
