package report

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
)

// keepOrigins works out whose the orders are and what they came to, and keeps it. It returns the instants whose hours are
// touched by that.
func keepOrigins(ctx context.Context, tx pgx.Tx, of team.Brand, ids []shop.ID) ([]time.Time, error) {
	brand := of.ID
	orders, err := order.LoadMany(ctx, tx, brand, ids)
	if err != nil || len(orders) == 0 {
		return nil, err
	}
	kept, err := scansKept(ctx, tx, brand, ids)
	if err != nil {
		return nil, err
	}
	credits, err := creditsOf(ctx, tx, brand, ids)
	if err != nil {
		return nil, err
	}
	bases, err := basesOf(ctx, tx, brand, orders, credits)
	if err != nil {
		return nil, err
	}
	scans, err := scansOf(ctx, tx, brand, orders, bases)
	if err != nil {
		return nil, err
	}
	touched := []time.Time{}
	rows := make([]originRow, len(orders))
	for i, o := range orders {
		rows[i] = originRow{order: o, worth: worthOf(o), Origin: bases[i].origin(scans)}
		rows[i].credit, rows[i].own = credits[o.ID].left(rows[i].Store)
		rows[i].month = partOf(o, rows[i].net, credits[o.ID].credits, of.Zone())
		touched = append(touched, o.PlacedAt)
		if scan := rows[i].Scan; !scan.IsZero() {
			kept = append(kept, scan.Time())
		}
	}
	for _, at := range kept {
		touched = append(touched, at, at.Add(-sessionReach)) // the session may have begun in the hour before
	}
	if err := keepMonths(ctx, tx, brand, ids, rows); err != nil {
		return nil, err
	}
	years := map[int][]originRow{}
	for _, r := range rows {
		year := r.order.PlacedAt.UTC().Year()
		years[year] = append(years[year], r)
	}
	for _, year := range years { // each is a partition
		if err := postgres.RowAt(year[0].order.PlacedAt, upsertOrigins(ctx, tx, brand, year)); err != nil {
			return nil, fmt.Errorf("keep whose orders are: %w", err)
		}
	}
	return touched, nil
}

type originRow struct {
	order order.Order
	Origin
	worth
	credit, own int64
	month       monthPart
}

// creditRows are the commission of one order.
type creditRows struct {
	credits []ledger.Credit
	whys    []attribution.Why
	lost    []ledger.Lost
}

// left is the commission that was not taken back: of everybody, and of it what is earned under a store.
func (c creditRows) left(store shop.ID) (all, own int64) {
	for _, one := range c.credits {
		left := one.Minor - one.Reversed
		all += left
		if one.Store == store {
			own += left
		}
	}
	return all, own
}

func creditsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) (map[shop.ID]creditRows, error) {
	of := map[shop.ID]creditRows{}
	rows, err := tx.Query(ctx, `SELECT order_id, lost FROM order_credit WHERE brand_id = $1 AND order_id = ANY ($2)`, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read lost claims: %w", err)
	}
	var id shop.ID
	var lost []ledger.Lost
	_, err = pgx.ForEachRow(rows, []any{&id, &lost}, func() error {
		of[id] = creditRows{lost: lost}
		lost = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read lost claims: %w", err)
	}
	rows, err = tx.Query(ctx, `
SELECT order_id, role, beneficiary_kind, beneficiary_id, line_no, store_id, share_minor, reversed_minor, volume, CASE WHEN role LIKE 'display%' THEN reason ELSE '{}' END
FROM credit
WHERE brand_id = $1 AND order_id = ANY ($2)`, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read credits: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c ledger.Credit
		var why attribution.Why
		var volume string
		if err := rows.Scan(&c.Order, &c.Role, &c.To.Kind, &c.To.ID, &c.Line, &c.Store, &c.Minor, &c.Reversed, &volume, &why); err != nil {
			return nil, fmt.Errorf("read credits: %w", err)
		}
		if c.Volume, err = volumeOf(volume); err != nil {
			return nil, err
		}
		all := of[c.Order]
		all.credits, all.whys = append(all.credits, c), append(all.whys, why)
		of[c.Order] = all
	}
	return of, rows.Err()
}

// basesOf finds on what each order's origin rests, in the sequence of the orders.
func basesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order, credits map[shop.ID]creditRows) ([]basis, error) {
	bases := make([]basis, len(orders))
	var customers []shop.ID
	var placed []time.Time
	var places []int
	for i, o := range orders {
		c := credits[o.ID]
		bases[i].displays = displaysOf(c.credits, c.whys, c.lost)
		if !o.Customer.IsZero() {
			customers, placed, places = append(customers, o.Customer), append(placed, o.PlacedAt), append(places, i)
		}
	}
	if len(customers) == 0 {
		return bases, nil
	}
	holders, err := binding.HoldersAt(ctx, tx, brand, customers, placed)
	if err != nil {
		return nil, err
	}
	won := make([]shop.ID, len(holders))
	for n, h := range holders {
		bases[places[n]].home, won[n] = h, h.BindingID
	}
	evidence, err := evidenceOf(ctx, tx, brand, won)
	for _, i := range places {
		bases[i].won = evidence[bases[i].home.BindingID]
	}
	return bases, err
}

func evidenceOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, bindings []shop.ID) (map[shop.ID]binding.Evidence, error) {
	rows, err := tx.Query(ctx, `SELECT id, evidence FROM binding WHERE brand_id = $1 AND id = ANY ($2)`, brand, bindings)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	of := map[shop.ID]binding.Evidence{}
	for rows.Next() {
		var id shop.ID
		var e binding.Evidence
		if err := rows.Scan(&id, &e); err != nil {
			rows.Close()
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		of[id] = e
	}
	return of, rows.Err()
}

// scansOf are the scans on which displays earn: from the copies of the order and the customer, which do not expire; of a
// customer who was erased, as it was worked out before.
func scansOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order, bases []basis) (map[shop.ID]Origin, error) {
	var scans, ids, customers []shop.ID
	for i, o := range orders {
		for _, d := range bases[i].displays {
			scans = append(scans, d.evidence.Scan)
		}
		ids, customers = append(ids, o.ID), append(customers, o.Customer)
	}
	of := map[shop.ID]Origin{}
	if len(scans) == 0 {
		return of, nil
	}
	rows, err := tx.Query(ctx, `
SELECT scan_id, tag_id, store_id, staff_id, placement FROM order_scan WHERE brand_id = $1 AND order_id = ANY ($2) AND scan_id = ANY ($4)
UNION
SELECT scan_id, tag_id, store_id, staff_id, placement FROM customer_scan WHERE brand_id = $1 AND customer_id = ANY ($3) AND scan_id = ANY ($4)
UNION
SELECT scan_id, tag_id, store_id, staff_id, placement FROM order_origin WHERE brand_id = $1 AND order_id = ANY ($2) AND scan_id = ANY ($4)
  AND tag_id <> `+noID,
		brand, ids, customers, scans)
	if err != nil {
		return nil, fmt.Errorf("read the scans of orders: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Origin])
	for _, o := range found {
		of[o.Scan] = o
	}
	return of, err
}

// scansKept are the instants of the scans on which the orders rested until now: their sessions lose them.
func scansKept(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID) ([]time.Time, error) {
	rows, err := tx.Query(ctx, `
SELECT id_time(scan_id) FROM order_origin WHERE brand_id = $1 AND order_id = ANY ($2) AND scan_id IS NOT NULL`, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("read whose orders were: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[time.Time])
}

func upsertOrigins(ctx context.Context, tx pgx.Tx, brand shop.BrandID, rows []originRow) error {
	n := len(rows)
	ids, scans, tags, stores, staff := make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n)
	placements, currencies, orders := make([]string, n), make([]string, n), make([]int32, n)
	net, returned, credit, own, months := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]string, n)
	for i, r := range rows {
		ids[i], scans[i], tags[i], stores[i], staff[i] = r.order.ID, r.Scan, r.Tag, r.Store, r.Staff
		placements[i], currencies[i], orders[i] = r.Placement, string(r.order.Currency), int32(r.orders)
		net[i], returned[i], credit[i], own[i] = r.net, r.returned, r.credit, r.own
		month, err := json.Marshal(r.month)
		if err != nil {
			return fmt.Errorf("write what an order adds to its month: %w", err)
		}
		months[i] = string(month)
	}
	_, err := tx.Exec(ctx, `
INSERT INTO order_origin (brand_id, order_id, scan_id, tag_id, store_id, staff_id, placement, orders, currency,
  net_minor, returned_minor, credit_minor, own_credit_minor, month_part)
SELECT $1, o.id, o.scan, coalesce(o.tag, `+noID+`), coalesce(o.store, `+noID+`), coalesce(o.staff, `+noID+`), o.placement, o.orders, o.currency,
  o.net, o.returned, o.credit, o.own, o.month_part::jsonb
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::int[], $9::text[],
  $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[])
  AS o (id, scan, tag, store, staff, placement, orders, currency, net, returned, credit, own, month_part)
ON CONFLICT (brand_id, order_id) DO UPDATE SET scan_id = excluded.scan_id, tag_id = excluded.tag_id, store_id = excluded.store_id,
  staff_id = excluded.staff_id, placement = excluded.placement, orders = excluded.orders, currency = excluded.currency, net_minor = excluded.net_minor,
  returned_minor = excluded.returned_minor, credit_minor = excluded.credit_minor, own_credit_minor = excluded.own_credit_minor,
  month_part = excluded.month_part`,
		brand, ids, scans, tags, stores, staff, placements, orders, currencies, net, returned, credit, own, months)
	return err
}
