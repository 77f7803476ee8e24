package catalogue

import (
	"context"
	"fmt"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Offered is what a shopper is told of something on a shelf: one article, or a product in all its articles.
type Offered struct {
	Name       shop.Text // of the product
	Variant    shop.Text // colour, size; empty for a whole product
	LeastMinor int64     // price, tax included
	MostMinor  int64     // the same as LeastMinor unless a product's articles differ
	Currency   shop.Currency
}

// OfferedBy finds what the references name, in one statement: SKUs of articles, or products by their names in the shop system.
// Where one text is both, the article is meant. Those that the brand does not have are left out.
func OfferedBy(ctx context.Context, db postgres.DB, brand shop.BrandID, references []string) (map[string]Offered, error) {
	if len(references) == 0 {
		return nil, nil
	}
	offered, err := offeredBy(ctx, db, brand, references)
	if err != nil {
		return nil, fmt.Errorf("find what %d references name: %w", len(references), err)
	}
	return offered, nil
}
