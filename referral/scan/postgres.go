package scan

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// insertScans stores scans of any brands in one statement, which is its own transaction. It is the one place that writes
// without a brand: the role may insert scans and read nothing.
// A scan that may be stored already is left as it is; looking for it costs a tenth of the insert, which new ones are spared.
func insertScans(ctx context.Context, db postgres.DB, scans []Scan, areNew bool) error {
	n := len(scans)
	brands, codes, placements, kinds := make([]int32, n), make([]string, n), make([]string, n), make([]string, n)
	ids, tags, stores, staff, customers := make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n)
	devices, times, elsewhere := make([][]byte, n), make([]time.Time, n), make([]pgtype.Bool, n)
	for i, s := range scans {
		brands[i], codes[i], placements[i], kinds[i] = int32(s.Brand), string(s.Code), string(s.Placement), string(s.Kind)
		ids[i], tags[i], stores[i], staff[i], customers[i] = s.ID, s.Tag, s.Store, s.Staff, s.Customer
		devices[i], times[i] = scans[i].Device[:], s.At()
		elsewhere[i] = pgtype.Bool{Bool: s.Where == Elsewhere, Valid: s.Where != Unknown}
	}
	insert := `
		INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, staff_id, placement, kind, device, customer_id, scanned_at,
			elsewhere)
		SELECT * FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
			$9::bytea[], $10::uuid[], $11::timestamptz[], $12::boolean[])`
	if !areNew {
		insert += ` ON CONFLICT DO NOTHING`
	}
	_, err := db.Exec(ctx, insert, brands, ids, tags, codes, stores, staff, placements, kinds, devices, customers, times, elsewhere)
	return err
}

// isRefusedRow says whether a row itself is at fault: class 22 (its values) and 23 (a constraint). One whose month has no
// partition is good, and will be taken when there is one.
func isRefusedRow(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && !postgres.LacksPartition(err) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}

const evidenceColumns = `tag_id, tag_code, store_id, staff_id, placement`

func scanByClick(row pgx.CollectableRow) (Scan, error) {
	var s Scan
	var device []byte
	var elsewhere pgtype.Bool
	err := row.Scan(&s.Brand, &s.ID, &s.Tag, &s.Code, &s.Store, &s.Staff, &s.Placement, &s.Kind, &device, &s.Customer, &elsewhere)
	copy(s.Device[:], device)
	switch {
	case elsewhere.Bool:
		s.Where = Elsewhere
	case elsewhere.Valid:
		s.Where = AtStore
	}
	return s, err
}

// byIDs reads the scans with these ids; PostgreSQL looks only into the months that the ids carry.
func byIDs(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) ([]Scan, error) {
	rows, err := db.Query(ctx, `
		SELECT brand_id, id, `+evidenceColumns+`, kind, device, customer_id, elsewhere
		FROM scan
		WHERE brand_id = $1 AND id = ANY ($2)
		ORDER BY id`, brand, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanByClick)
}

// A copy has neither kind nor device: only people's scans are copied, and the device is of no use to anybody later.
func scanCopy(row pgx.CollectableRow) (Scan, error) {
	s := Scan{Kind: Person}
	err := row.Scan(&s.Brand, &s.Customer, &s.ID, &s.Tag, &s.Code, &s.Store, &s.Staff, &s.Placement)
	return s, err
}

func copyForCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, scans []Scan) error {
	batch := &pgx.Batch{}
	for _, s := range scans {
		batch.Queue(`
			INSERT INTO customer_scan (brand_id, customer_id, scan_id, tag_id, tag_code, store_id, staff_id, placement, scanned_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT DO NOTHING`,
			brand, customer, s.ID, s.Tag, s.Code, s.Store, s.Staff, s.Placement, s.At())
	}
	return tx.SendBatch(ctx, batch).Close()
}

// copyForOrders takes the scans of many orders in one statement.
func copyForOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, scans map[shop.ID][]Scan) error {
	var c struct {
		orders, ids, tags, stores, staff []shop.ID
		codes, placements, lates         []string
		times                            []time.Time
	}
	for order, of := range scans {
		for _, s := range of {
			c.orders, c.ids, c.tags, c.stores, c.staff = append(c.orders, order), append(c.ids, s.ID), append(c.tags, s.Tag), append(c.stores, s.Store), append(c.staff, s.Staff)
			c.codes, c.placements, c.times = append(c.codes, string(s.Code)), append(c.placements, string(s.Placement)), append(c.times, s.At())
			c.lates = append(c.lates, string(s.Late))
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO order_scan (brand_id, order_id, scan_id, tag_id, tag_code, store_id, staff_id, placement, scanned_at, late)
		SELECT $1, s.order_id, s.scan_id, s.tag_id, s.tag_code, s.store_id, s.staff_id, s.placement, s.scanned_at, NULLIF(s.late, '')
		FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::text[], $9::timestamptz[], $10::text[])
			AS s (order_id, scan_id, tag_id, tag_code, store_id, staff_id, placement, scanned_at, late)
		ORDER BY s.order_id, s.scan_id
		ON CONFLICT DO NOTHING`,
		brand, c.orders, c.ids, c.tags, c.codes, c.stores, c.staff, c.placements, c.times, c.lates)
	return err
}

// ofCustomers reads the copies of customers, each customer's earliest first.
func ofCustomers(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID) ([]Scan, error) {
	rows, err := db.Query(ctx, `
		SELECT brand_id, customer_id, scan_id, `+evidenceColumns+`
		FROM customer_scan
		WHERE brand_id = $1 AND customer_id = ANY ($2)
		ORDER BY customer_id, scan_id`, brand, customers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCopy)
}

// ofOrders reads the copies of orders, by order and each order's earliest first.
func ofOrders(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]Scan, error) {
	rows, err := db.Query(ctx, `
		SELECT order_id, brand_id, scan_id, `+evidenceColumns+`, coalesce(late, '')
		FROM order_scan
		WHERE brand_id = $1 AND order_id = ANY ($2)
		ORDER BY order_id, scan_id`, brand, orders)
	if err != nil {
		return nil, err
	}
	found := map[shop.ID][]Scan{}
	s, order := Scan{Kind: Person}, shop.ID{}
	_, err = pgx.ForEachRow(rows, []any{&order, &s.Brand, &s.ID, &s.Tag, &s.Code, &s.Store, &s.Staff, &s.Placement, &s.Late}, func() error {
		found[order] = append(found[order], s)
		return nil
	})
	return found, err
}

// figuresOf counts people's scans and scan sessions of some tags, from an instant to another. The ids bound the months that
// are looked into.
func figuresOf(ctx context.Context, db postgres.DB, brand shop.BrandID, tags []shop.ID, from, to time.Time) ([]Figure, error) {
	rows, err := db.Query(ctx, `
		WITH step AS (
			SELECT tag_id, scanned_at - lag(scanned_at) OVER (PARTITION BY tag_id, device ORDER BY id) AS silence
			FROM scan
			WHERE brand_id = $1 AND tag_id = ANY ($2) AND id >= $3 AND id < $4 AND kind = ANY ($6)
		)
		SELECT tag_id, count(*), count(*) FILTER (WHERE silence IS NULL OR silence >= $5)
		FROM step
		GROUP BY tag_id
		ORDER BY tag_id`,
		brand, tags, shop.FloorID(from), shop.FloorID(to), SessionGap, People())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Figure])
}
