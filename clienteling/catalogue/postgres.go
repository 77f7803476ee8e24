package catalogue

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// upsertProducts returns the id of each by external id. Rows are locked in the order of external ids, so that two shops' feeds
// never wait in a circle.
func upsertProducts(ctx context.Context, tx pgx.Tx, brand shop.BrandID, products []Product, now time.Time) (map[string]shop.ID, error) {
	n := len(products)
	ids, externals, categories := make([]shop.ID, n), make([]string, n), make([]string, n)
	names, descriptions := make([]shop.Text, n), make([]shop.Text, n)
	for i, p := range products {
		ids[i], externals[i], categories[i] = shop.NewID(now), p.ExternalID, p.Category
		names[i], descriptions[i] = orEmpty(p.Name), orEmpty(p.Description)
	}
	rows, _ := tx.Query(ctx, `
INSERT INTO product (brand_id, id, external_id, name, description, category, updated_at)
SELECT $1, t.id, t.external_id, t.name, t.description, t.category, $7
FROM unnest($2::uuid[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[]) AS t(id, external_id, name, description, category)
ORDER BY t.external_id
ON CONFLICT (brand_id, external_id) DO UPDATE
SET name = excluded.name, description = excluded.description, category = excluded.category, updated_at = excluded.updated_at
RETURNING external_id, id`, brand, ids, externals, names, descriptions, categories, now)
	of := make(map[string]shop.ID, n)
	var external string
	var id shop.ID
	_, err := pgx.ForEachRow(rows, []any{&external, &id}, func() error {
		of[external] = id
		return nil
	})
	return of, err
}

func upsertVariants(ctx context.Context, tx pgx.Tx, brand shop.BrandID, variants []Variant, now time.Time) error {
	n := len(variants)
	ids, products, skus := make([]shop.ID, n), make([]shop.ID, n), make([]string, n)
	names, prices, currencies := make([]shop.Text, n), make([]int64, n), make([]string, n)
	for i, v := range variants {
		ids[i], products[i], skus[i] = shop.NewID(now), v.Product, v.SKU
		names[i], prices[i], currencies[i] = orEmpty(v.Name), v.PriceMinor, string(v.Currency)
	}
	_, err := tx.Exec(ctx, `
INSERT INTO variant (brand_id, id, product_id, sku, name, price_minor, currency, updated_at)
SELECT $1, t.id, t.product_id, t.sku, t.name, t.price_minor, t.currency, $8
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::jsonb[], $6::bigint[], $7::text[]) AS t(id, product_id, sku, name, price_minor, currency)
ORDER BY t.sku
ON CONFLICT (brand_id, sku) DO UPDATE
SET product_id = excluded.product_id, name = excluded.name, price_minor = excluded.price_minor, currency = excluded.currency,
  updated_at = excluded.updated_at`, brand, ids, products, skus, names, prices, currencies, now)
	return err
}

func orEmpty(t shop.Text) shop.Text {
	if t == nil {
		return shop.Text{}
	}
	return t
}

const productColumns = `id, external_id, name, description, category, updated_at`

func scanProduct(row pgx.CollectableRow) (Product, error) {
	var p Product
	err := row.Scan(&p.ID, &p.ExternalID, &p.Name, &p.Description, &p.Category, &p.UpdatedAt)
	p.UpdatedAt = p.UpdatedAt.UTC()
	return p, err
}

func productByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Product, error) {
	rows, _ := db.Query(ctx, `SELECT `+productColumns+` FROM product WHERE brand_id = $1 AND id = $2`, brand, id)
	return pgx.CollectExactlyOneRow(rows, scanProduct)
}

func pageOfProducts(ctx context.Context, db postgres.DB, brand shop.BrandID, page shop.Page) ([]Product, error) {
	rows, _ := db.Query(ctx, `
SELECT `+productColumns+` FROM product WHERE brand_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
		brand, page.After, page.Limit+1)
	return pgx.CollectRows(rows, scanProduct)
}

const variantColumns = `id, product_id, sku, name, price_minor, currency, updated_at`

func scanVariant(row pgx.CollectableRow) (Variant, error) {
	var v Variant
	err := row.Scan(&v.ID, &v.Product, &v.SKU, &v.Name, &v.PriceMinor, &v.Currency, &v.UpdatedAt)
	v.UpdatedAt = v.UpdatedAt.UTC()
	return v, err
}

func variantsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, products []shop.ID) ([]Variant, error) {
	rows, _ := db.Query(ctx, `
SELECT `+variantColumns+` FROM variant WHERE brand_id = $1 AND product_id = ANY($2) ORDER BY product_id, sku`, brand, products)
	return pgx.CollectRows(rows, scanVariant)
}

// BySKU is the article, or ErrSKUUnknown.
func BySKU(ctx context.Context, db postgres.DB, brand shop.BrandID, sku string) (Variant, error) {
	rows, _ := db.Query(ctx, `SELECT `+variantColumns+` FROM variant WHERE brand_id = $1 AND sku = $2`, brand, sku)
	v, err := pgx.CollectExactlyOneRow(rows, scanVariant)
	if errors.Is(err, pgx.ErrNoRows) {
		return Variant{}, ErrSKUUnknown
	}
	return v, err
}
