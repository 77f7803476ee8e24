package team

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Name is what people call a store or one another.
type Name struct {
	Code string // of the store, or employee number
	Text shop.Text
}

// NamesOf are the names of stores and people, by id. An id is of one or the other; one that nobody has is missing.
func NamesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]Name, error) {
	rows, _ := db.Query(ctx, `
SELECT id, code, name FROM store WHERE brand_id = $1 AND id = ANY ($2)
UNION ALL
SELECT id, employee_no, jsonb_build_object($3::text, name) FROM staff WHERE brand_id = $1 AND id = ANY ($2)`, brand, ids, shop.TraditionalChinese)
	names := make(map[shop.ID]Name, len(ids))
	var id shop.ID
	var n Name
	_, err := pgx.ForEachRow(rows, []any{&id, &n.Code, &n.Text}, func() error {
		names[id] = n
		n.Text = nil // or the next row's languages would be added to these
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what %d stores and people are called: %w", len(ids), err)
	}
	return names, nil
}
