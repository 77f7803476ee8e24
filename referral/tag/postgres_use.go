package tag

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// InUse says of each of the codes that is the brand's whether its tag may still be scanned: every state but Retired.
func InUse(ctx context.Context, db postgres.DB, brand shop.BrandID, codes []string) (map[string]bool, error) {
	inUse := make(map[string]bool, len(codes))
	rows, _ := db.Query(ctx, `SELECT code, state FROM tag WHERE brand_id = $1 AND code = ANY ($2)`, brand, codes)
	var code string
	var state State
	_, err := pgx.ForEachRow(rows, []any{&code, &state}, func() error {
		inUse[code] = state != Retired
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("which of %d tags are in use: %w", len(codes), err)
	}
	return inUse, nil
}
