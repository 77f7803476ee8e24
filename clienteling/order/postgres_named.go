package order

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Named finds orders by what a source calls them, whichever source it is: two sources may give one name to two orders.
func Named(ctx context.Context, db postgres.DB, brand shop.BrandID, name string) ([]shop.ID, error) {
	// The key begins with the source, so each source is looked up by itself; a brand has a few.
	rows, err := db.Query(ctx, `
WITH RECURSIVE told AS (
  (SELECT source FROM fact_key WHERE brand_id = $1 ORDER BY source LIMIT 1)
  UNION ALL
  SELECT (SELECT k.source FROM fact_key k WHERE k.brand_id = $1 AND k.source > told.source ORDER BY k.source LIMIT 1)
  FROM told WHERE told.source IS NOT NULL
)
SELECT DISTINCT k.subject_id
FROM told JOIN fact_key k ON k.brand_id = $1 AND k.source = told.source AND k.kind = 'order' AND k.external_id = $2 AND k.sequence = 0
WHERE k.subject_id IS NOT NULL
ORDER BY k.subject_id`, brand, name)
	if err != nil {
		return nil, fmt.Errorf("find orders %q: %w", name, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
