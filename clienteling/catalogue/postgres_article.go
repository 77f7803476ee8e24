package catalogue

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func articlesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, skus []string) (map[string]Article, error) {
	rows, err := db.Query(ctx, `
		SELECT v.sku, p.name, p.category
		FROM variant AS v JOIN product AS p ON p.brand_id = $1 AND p.id = v.product_id
		WHERE v.brand_id = $1 AND v.sku = ANY($2)`, brand, skus)
	if err != nil {
		return nil, err
	}
	articles := make(map[string]Article, len(skus))
	var a Article
	_, err = pgx.ForEachRow(rows, []any{&a.SKU, &a.Name, &a.Category}, func() error {
		articles[a.SKU] = a
		a = Article{}
		return nil
	})
	return articles, err
}
