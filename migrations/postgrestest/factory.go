package postgrestest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Fixture is a brand to tell a story about: two shops with a person each, and the web store.
type Fixture struct {
	Brand shop.BrandID
	S1    shop.ID // a shop, code S1
	S2    shop.ID // a shop, code S2
	Web   shop.ID // the online store, code WEB
	Amy   shop.ID // staff of S1, employee number amy
	Ben   shop.ID // staff of S2, employee number ben
}

// Opened is the day from which a Fixture's brand, stores and assignments exist, in Taipei; tests tell stories after it.
var Opened = time.Date(2020, 1, 1, 0, 0, 0, 0, time.FixedZone("Asia/Taipei", 8*60*60))

var lastBrand atomic.Int32

// Brand makes a fresh brand of shops in Taipei that sell in TWD, prices with 5 % tax. Its tags may lead to
// shop.example.test. Two calls never make the same brand, so that a test may ask what one brand sees of another.
func Brand(t testing.TB, pool *postgres.Pool) Fixture {
	t.Helper()
	id := func() shop.ID { return shop.NewID(Opened) }
	f := Fixture{
		Brand: shop.BrandID(lastBrand.Add(1)),
		S1:    id(), S2: id(), Web: id(),
		Amy: id(), Ben: id(),
	}
	if err := f.insertBrand(t.Context(), pool); err != nil {
		t.Fatalf("make a brand: %v", err)
	}
	err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
		return f.insertPeopleAndPlaces(t.Context(), tx)
	})
	if err != nil {
		t.Fatalf("make the stores and staff of a brand: %v", err)
	}
	return f
}

func (f Fixture) insertBrand(ctx context.Context, pool *postgres.Pool) error {
	return pool.Global(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
INSERT INTO brand (brand_id, slug, name, time_zone, language, currency, tax_bp, site_url, short_domain, allowed_hosts, created_at)
VALUES ($1, $2, '{"zh-TW": "晴日家居", "en": "Clear Day Home"}', 'Asia/Taipei', 'zh-TW', 'TWD', 500,
  'https://shop.example.test', 'q.example.test', '{shop.example.test}', $3)`,
			f.Brand, fmt.Sprintf("brand-%d", f.Brand), Opened)
		return err
	})
}

func (f Fixture) insertPeopleAndPlaces(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
INSERT INTO store (brand_id, id, code, name, kind, opened_on, created_at) VALUES
  ($1, $2, 'S1', '{"zh-TW": "信義店", "en": "Xinyi"}', 'shop', '2020-01-01', $5),
  ($1, $3, 'S2', '{"zh-TW": "板橋店", "en": "Banqiao"}', 'shop', '2020-01-01', $5),
  ($1, $4, 'WEB', '{"zh-TW": "官網", "en": "Web shop"}', 'online', '2020-01-01', $5)`,
		f.Brand, f.S1, f.S2, f.Web, Opened)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
INSERT INTO staff (brand_id, id, employee_no, name, created_at) VALUES
  ($1, $2, 'amy', '林艾咪', $4),
  ($1, $3, 'ben', '陳彬', $4)`, f.Brand, f.Amy, f.Ben, Opened)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
INSERT INTO assignment (brand_id, id, staff_id, store_id, role, days) VALUES
  ($1, $2, $4, $6, 'staff', daterange('2020-01-01', NULL)),
  ($1, $3, $5, $7, 'staff', daterange('2020-01-01', NULL))`,
		f.Brand, shop.NewID(Opened), shop.NewID(Opened), f.Amy, f.Ben, f.S1, f.S2)
	return err
}
