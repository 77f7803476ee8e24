package order

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Numbers of invoices are claimed like facts, with the year as their sequence: once by the brand, under no source, for the order
// that was told first, and once by each source for the order that it means.

// claimSales is the order that each sale is: the one proposed, unless another was told before. In the order of the key, so that
// two batches never wait for each other.
func claimSales(ctx context.Context, tx pgx.Tx, brand shop.BrandID, sales []sale, proposed []shop.ID) (map[sale]shop.ID, error) {
	invoices, years := saleColumns(sales)
	rows, err := tx.Query(ctx, `
		INSERT INTO fact_key (brand_id, source, kind, external_id, sequence, subject_id)
		SELECT $1, '', 'invoice', s.invoice, s.year, s.id
		FROM unnest($2::text[], $3::bigint[], $4::uuid[]) AS s (invoice, year, id) ORDER BY s.invoice, s.year
		ON CONFLICT ON CONSTRAINT fact_key_claimed_once
		DO UPDATE SET subject_id = fact_key.subject_id -- nothing changes; it is what waits for whoever is faster
		RETURNING external_id, sequence, subject_id`, brand, invoices, years, proposed)
	if err != nil {
		return nil, err
	}
	known := map[sale]shop.ID{}
	var s sale
	var id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&s.invoice, &s.year, &id}, func() error {
		known[s] = id
		return nil
	})
	return known, err
}

// tellSales says of which sales the source has not told before.
func tellSales(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, sales []sale, orders []shop.ID) (map[sale]bool, error) {
	invoices, years := saleColumns(sales)
	rows, err := tx.Query(ctx, `
		INSERT INTO fact_key (brand_id, source, kind, external_id, sequence, subject_id)
		SELECT $1, $2, 'invoice', s.invoice, s.year, s.id
		FROM unnest($3::text[], $4::bigint[], $5::uuid[]) AS s (invoice, year, id) ORDER BY s.invoice, s.year
		ON CONFLICT ON CONSTRAINT fact_key_claimed_once DO NOTHING
		RETURNING external_id, sequence`, brand, source, invoices, years, orders)
	if err != nil {
		return nil, err
	}
	first := map[sale]bool{}
	var s sale
	_, err = pgx.ForEachRow(rows, []any{&s.invoice, &s.year}, func() error {
		first[s] = true
		return nil
	})
	return first, err
}

func saleColumns(sales []sale) (invoices []string, years []int64) {
	for _, s := range sales {
		invoices, years = append(invoices, s.invoice), append(years, int64(s.year))
	}
	return invoices, years
}

// renameOrder makes a source's name of an order lead to another; whoever calls it has met the name.
func renameOrder(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source, name string, id shop.ID) error {
	_, err := tx.Exec(ctx, `
		UPDATE fact_key SET subject_id = $4
		WHERE brand_id = $1 AND source = $2 AND kind = 'order' AND external_id = $3 AND sequence = 0`, brand, source, name, id)
	return err
}

// Double is two orders that may be one sale, told by two systems.
type Double struct {
	One, Other Teller
	Invoice    string // both bear it; empty: they look alike
}

// Teller is an order as one system calls it.
type Teller struct {
	Order        shop.ID
	Source, Name string
}

func (t Teller) String() string { return fmt.Sprintf("%s %q", t.Source, t.Name) }

// alikeWithin is how far the clocks of a till, a web shop and the books are apart at most.
const alikeWithin = time.Hour

// Doubles are orders placed since an instant, and not cancelled, that may be one sale: they bear one invoice's number, or two
// systems told them of one store, within an hour, of the same amount, and of no two customers. At most so many.
func Doubles(ctx context.Context, db postgres.DB, brand shop.BrandID, since time.Time, most int) ([]Double, error) {
	// The key begins with the source, so each is looked up by itself; see Named.
	rows, err := db.Query(ctx, `
WITH RECURSIVE told AS (
  (SELECT source FROM fact_key WHERE brand_id = $1 ORDER BY source LIMIT 1)
  UNION ALL
  SELECT (SELECT k.source FROM fact_key k WHERE k.brand_id = $1 AND k.source > told.source ORDER BY k.source LIMIT 1)
  FROM told WHERE told.source IS NOT NULL
), recent AS MATERIALIZED (
  SELECT id, source, external_id, store_id, currency, paid_minor, customer_id, placed_at
  FROM sales_order WHERE brand_id = $1 AND id >= $2 AND state = 'placed'
), invoiced AS MATERIALIZED (
  SELECT DISTINCT k.external_id AS invoice, k.sequence AS year, k.subject_id AS id
  FROM told JOIN fact_key k ON k.brand_id = $1 AND k.source = told.source AND k.kind = 'invoice' AND k.subject_id >= $2
), pairs AS (
  SELECT a.id AS one, b.id AS other, a.invoice FROM invoiced a JOIN invoiced b USING (invoice, year) WHERE a.id < b.id
  UNION ALL
  SELECT a.id, b.id, '' FROM recent a JOIN recent b ON b.store_id = a.store_id AND b.currency = a.currency AND b.paid_minor = a.paid_minor
  WHERE a.id < b.id AND a.source <> b.source AND a.paid_minor > 0 AND b.placed_at - a.placed_at <= $3 AND coalesce(a.customer_id = b.customer_id, true)
)
SELECT DISTINCT ON (a.id, b.id) a.id, a.source, a.external_id, b.id, b.source, b.external_id, p.invoice
FROM pairs p JOIN recent a ON a.id = p.one JOIN recent b ON b.id = p.other
ORDER BY a.id, b.id, p.invoice DESC
LIMIT $4`, brand, shop.FloorID(since), alikeWithin, most)
	if err != nil {
		return nil, fmt.Errorf("look for sales told twice: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Double, error) {
		var d Double
		err := row.Scan(&d.One.Order, &d.One.Source, &d.One.Name, &d.Other.Order, &d.Other.Source, &d.Other.Name, &d.Invoice)
		return d, err
	})
}
