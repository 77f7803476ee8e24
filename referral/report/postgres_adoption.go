package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

func adoptionOf(ctx context.Context, db postgres.DB, brand shop.BrandID, first, last time.Time, stores []shop.ID) ([]Adoption, error) {
	rows, err := db.Query(ctx, `
SELECT w.week, w.store_id, s.code, coalesce(s.name ->> b.language, s.name ->> 'zh-TW', s.name ->> 'en', ''), w.new_members, w.active_staff, w.came_back
FROM adoption_week w
JOIN brand b ON b.brand_id = w.brand_id
JOIN store s ON s.brand_id = w.brand_id AND s.id = w.store_id
WHERE w.brand_id = $1 AND w.week >= $2 AND w.week <= $3 AND ($4::uuid[] IS NULL OR w.store_id = ANY ($4))
ORDER BY w.week, s.code`, brand, first, last, stores)
	if err != nil {
		return nil, fmt.Errorf("read weeks: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Adoption, err error) {
		err = row.Scan(&a.Week, &a.Store.ID, &a.Store.Code, &a.Store.Name, &a.NewMembers, &a.ActiveStaff, &a.CameBack)
		return a, err
	})
}

func weeksDue(ctx context.Context, db postgres.DB, brand team.Brand) ([]time.Time, error) {
	rows, err := db.Query(ctx, `
SELECT DISTINCT date_trunc('week', hour AT TIME ZONE $2)::date FROM counted_hour WHERE brand_id = $1 AND is_week_due ORDER BY 1`, brand.ID, brand.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("look for weeks: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[time.Time])
}

func settleWeek(ctx context.Context, tx pgx.Tx, brand shop.BrandID, from, until time.Time) error {
	_, err := tx.Exec(ctx, `
UPDATE counted_hour SET is_week_due = false WHERE brand_id = $1 AND hour >= $2 AND hour < $3 AND is_week_due`, brand, from, until)
	return err
}

// takenPart counts new members and people by store. Somebody who serves at the till is on the visit, or on the order of a
// customer whom nobody knows; who sent a cart link is on the order that came of it.
func takenPart(ctx context.Context, tx pgx.Tx, brand shop.BrandID, from, until time.Time, sums map[shop.ID]Adoption) error {
	rows, err := tx.Query(ctx, `
WITH active AS (
  SELECT store_id, staff_id FROM binding WHERE brand_id = $1 AND id >= $2 AND id < $3 AND source = ANY ($4)
  UNION SELECT store_id, staff_id FROM visit WHERE brand_id = $1 AND id >= $2 AND id < $3
  UNION SELECT store_id, staff_id FROM sales_order WHERE brand_id = $1 AND id >= $2 AND id < $3 AND state <> 'test'
  UNION SELECT assist_store_id, assist_staff_id FROM sales_order WHERE brand_id = $1 AND id >= $2 AND id < $3 AND state <> 'test'
)
SELECT store_id, sum(members)::bigint, sum(staff)::bigint
FROM (
  SELECT store_id, count(*) AS members, 0 AS staff FROM binding
  WHERE brand_id = $1 AND id >= $2 AND id < $3 AND source = ANY ($4) AND binding_no = 1 GROUP BY store_id
  UNION ALL
  SELECT store_id, 0, count(*) FROM active WHERE staff_id IS NOT NULL AND store_id IS NOT NULL GROUP BY store_id
) AS part
GROUP BY store_id`, brand, shop.FloorID(from), shop.FloorID(until), winning)
	if err != nil {
		return fmt.Errorf("count who took part: %w", err)
	}
	var store shop.ID
	var a Adoption
	_, err = pgx.ForEachRow(rows, []any{&store, &a.NewMembers, &a.ActiveStaff}, func() error {
		sums[store] = a
		return nil
	})
	return err
}

// lastSeen are the customers who visited or bought, each with the last time in the range.
func lastSeen(ctx context.Context, tx pgx.Tx, brand shop.BrandID, from, until time.Time) (appearances, error) {
	var seen appearances
	rows, err := tx.Query(ctx, `
SELECT customer_id, max(at)
FROM (
  SELECT customer_id, proven_at AS at FROM visit WHERE brand_id = $1 AND id >= $2 AND id < $3
  UNION ALL
  SELECT customer_id, placed_at FROM sales_order WHERE brand_id = $1 AND id >= $2 AND id < $3 AND state = 'placed' AND customer_id IS NOT NULL
) AS appearance
GROUP BY customer_id`, brand, shop.FloorID(from), shop.FloorID(until))
	if err != nil {
		return seen, fmt.Errorf("find who came: %w", err)
	}
	var who shop.ID
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&who, &at}, func() error {
		seen.customers, seen.at = append(seen.customers, who), append(seen.at, at)
		return nil
	})
	return seen, err
}

func replaceWeek(ctx context.Context, tx pgx.Tx, brand shop.BrandID, week time.Time, sums map[shop.ID]Adoption) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM adoption_week WHERE brand_id = $1 AND week = $2`, brand, week)
	for store, a := range sums {
		batch.Queue(`
INSERT INTO adoption_week (brand_id, week, store_id, new_members, active_staff, came_back) VALUES ($1, $2, $3, $4, $5, $6)`,
			brand, week, store, a.NewMembers, a.ActiveStaff, a.CameBack)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep a week: %w", err)
	}
	return nil
}
