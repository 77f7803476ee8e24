package catalogue

import (
	"context"
	"fmt"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Article is what an order's line is told about a SKU.
type Article struct {
	SKU      string
	Name     shop.Text
	Category string
}

// Articles finds articles by their SKUs, in one statement. Those that the brand does not have are left out.
func Articles(ctx context.Context, db postgres.DB, brand shop.BrandID, skus []string) (map[string]Article, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	articles, err := articlesOf(ctx, db, brand, skus)
	if err != nil {
		return nil, fmt.Errorf("find %d articles: %w", len(skus), err)
	}
	return articles, nil
}
