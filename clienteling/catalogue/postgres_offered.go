package catalogue

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func offeredBy(ctx context.Context, db postgres.DB, brand shop.BrandID, references []string) (map[string]Offered, error) {
	// Articles come last, so that they stand where a product has the same name.
	rows, err := db.Query(ctx, `
		SELECT p.external_id, p.name, '{}'::jsonb, min(v.price_minor), max(v.price_minor), min(v.currency), 0 AS rank
		FROM product p JOIN variant v ON v.brand_id = $1 AND v.product_id = p.id
		WHERE p.brand_id = $1 AND p.external_id = ANY ($2)
		GROUP BY p.external_id, p.name
		UNION ALL
		SELECT v.sku, p.name, v.name, v.price_minor, v.price_minor, v.currency, 1
		FROM variant v JOIN product p ON p.brand_id = $1 AND p.id = v.product_id
		WHERE v.brand_id = $1 AND v.sku = ANY ($2)
		ORDER BY rank`, brand, references)
	if err != nil {
		return nil, err
	}
	offered := make(map[string]Offered, len(references))
	var reference string
	var o Offered
	var rank int
	_, err = pgx.ForEachRow(rows, []any{&reference, &o.Name, &o.Variant, &o.LeastMinor, &o.MostMinor, &o.Currency, &rank}, func() error {
		offered[reference] = o
		o = Offered{}
		return nil
	})
	return offered, err
}
