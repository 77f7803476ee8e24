package catalogue

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Service takes products from the brand's systems and shows them.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time) *Service { return &Service{pool: pool, now: now} }

// Put takes products from one of the brand's systems. shop.ErrFields and ErrTooMany can come back, and then none was taken.
func (s *Service) Put(ctx context.Context, actor shop.Actor, products []Product) error {
	if err := actor.Allow(shop.RoleIntegration, shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := s.now()
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error { return Put(ctx, tx, actor.Brand, products, now) })
	if err != nil {
		return fmt.Errorf("put %d products: %w", len(products), err)
	}
	return nil
}

// Put makes or changes products and their variants, in three statements however many there are. A variant that is told under
// another product moves there; one that is no longer told stays, since orders and tags may name it.
func Put(ctx context.Context, tx pgx.Tx, brand shop.BrandID, products []Product, now time.Time) error {
	now = shop.Millis(now)
	if err := check(products); err != nil {
		return err
	}
	ids, err := upsertProducts(ctx, tx, brand, products, now)
	if err != nil {
		return err
	}
	var variants []Variant
	for _, p := range products {
		for _, v := range p.Variants {
			v.Product = ids[p.ExternalID]
			variants = append(variants, v)
		}
	}
	return upsertVariants(ctx, tx, brand, variants, now)
}

// List is the brand's products with their variants, newest first, and the cursor to the next page.
func (s *Service) List(ctx context.Context, brand shop.BrandID, page shop.Page) ([]Product, string, error) {
	var all []Product
	var next string
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		found, err := pageOfProducts(ctx, tx, brand, page)
		if err != nil {
			return err
		}
		all, next = shop.Cut(page, found, func(p Product) shop.ID { return p.ID })
		return fillVariants(ctx, tx, brand, all)
	})
	if err != nil {
		return nil, "", fmt.Errorf("list products: %w", err)
	}
	return all, next, nil
}

// BySKU is the article and the product it is of, or ErrSKUUnknown.
func (s *Service) BySKU(ctx context.Context, brand shop.BrandID, sku string) (p Product, v Variant, err error) {
	err = s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		if v, err = BySKU(ctx, tx, brand, sku); err != nil {
			return err
		}
		p, err = productByID(ctx, tx, brand, v.Product)
		if err != nil {
			return err
		}
		one := []Product{p}
		err = fillVariants(ctx, tx, brand, one)
		p = one[0]
		return err
	})
	if err != nil {
		return Product{}, Variant{}, fmt.Errorf("product of %q: %w", sku, err)
	}
	return p, v, nil
}

// fillVariants gives each product its variants, in one query.
func fillVariants(ctx context.Context, tx pgx.Tx, brand shop.BrandID, products []Product) error {
	place := make(map[shop.ID]int, len(products))
	ids := make([]shop.ID, len(products))
	for i, p := range products {
		ids[i], place[p.ID] = p.ID, i
	}
	variants, err := variantsOf(ctx, tx, brand, ids)
	for _, v := range variants {
		p := &products[place[v.Product]]
		p.Variants = append(p.Variants, v)
	}
	return err
}
