package target

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

func lockTargets(ctx context.Context, tx pgx.Tx, brand shop.BrandID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('homestore targets'), $1)`, brand)
	return err
}

func latestTargets(ctx context.Context, db postgres.DB, brand shop.BrandID, months []time.Time) (map[place]version, error) {
	rows, err := db.Query(ctx, `
SELECT DISTINCT ON (month, holder_kind, holder_id) month,
  CASE holder_kind WHEN 'store' THEN holder_id END, CASE holder_kind WHEN 'staff' THEN holder_id END, version_no, target_minor
FROM target
WHERE brand_id = $1 AND month = ANY ($2)
ORDER BY month, holder_kind, holder_id, version_no DESC`, brand, months)
	return latestOf(rows, err)
}

func latestHours(ctx context.Context, db postgres.DB, brand shop.BrandID, months []time.Time) (map[place]version, error) {
	rows, err := db.Query(ctx, `
SELECT DISTINCT ON (month, store_id, staff_id) month, store_id, staff_id, version_no, minutes
FROM worked_hours
WHERE brand_id = $1 AND month = ANY ($2)
ORDER BY month, store_id, staff_id, version_no DESC`, brand, months)
	return latestOf(rows, err)
}

func latestOf(rows pgx.Rows, err error) (map[place]version, error) {
	if err != nil {
		return nil, fmt.Errorf("read what is set: %w", err)
	}
	kept := map[place]version{}
	var p place
	var v version
	_, err = pgx.ForEachRow(rows, []any{&p.month, &p.store, &p.staff, &v.no, &v.amount}, func() error {
		kept[p] = v
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is set: %w", err)
	}
	return kept, nil
}

func insertTargets(ctx context.Context, tx pgx.Tx, actor shop.Actor, in setting) error {
	n := len(in.entries)
	months, kinds, holders, amounts := make([]time.Time, n), make([]string, n), make([]shop.ID, n), make([]int64, n)
	for i, e := range in.entries {
		holder := e.holder()
		months[i], kinds[i], holders[i], amounts[i] = e.month, string(holder.Kind), holder.ID, e.amount
	}
	_, err := tx.Exec(ctx, `
INSERT INTO target (brand_id, month, holder_kind, holder_id, version_no, target_minor, currency, set_by, set_at)
SELECT $1, t.month, t.kind, t.holder, t.version, t.minor, $7, $8, $9
FROM unnest($2::date[], $3::text[], $4::uuid[], $5::int[], $6::bigint[]) AS t (month, kind, holder, version, minor)`,
		actor.Brand, months, kinds, holders, in.versions, amounts, in.currency, actor.Pseudonym(), in.now)
	return err
}

func insertHours(ctx context.Context, tx pgx.Tx, actor shop.Actor, in setting) error {
	n := len(in.entries)
	months, stores, staff, amounts := make([]time.Time, n), make([]shop.ID, n), make([]shop.ID, n), make([]int64, n)
	for i, e := range in.entries {
		months[i], stores[i], staff[i], amounts[i] = e.month, e.store, e.staff, e.amount
	}
	_, err := tx.Exec(ctx, `
INSERT INTO worked_hours (brand_id, month, store_id, staff_id, version_no, minutes, set_by, set_at)
SELECT $1, h.month, h.store, h.staff, h.version, h.minutes, $7, $8
FROM unnest($2::date[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[]) AS h (month, store, staff, version, minutes)`,
		actor.Brand, months, stores, staff, in.versions, amounts, actor.Pseudonym(), in.now)
	return err
}

// targetsOf are a month's targets, stores before people, without those that were taken back.
func targetsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) ([]Target, error) {
	rows, err := db.Query(ctx, `
SELECT month, holder_kind, holder_id, target_minor, currency, set_by, set_at FROM (
  SELECT DISTINCT ON (holder_kind, holder_id) month, holder_kind, holder_id, target_minor, currency, set_by, set_at
  FROM target
  WHERE brand_id = $1 AND month = $2
  ORDER BY holder_kind, holder_id, version_no DESC) AS latest
WHERE target_minor > 0
ORDER BY holder_kind DESC, holder_id`, brand, month)
	if err != nil {
		return nil, fmt.Errorf("read targets: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Target, err error) {
		err = row.Scan(&t.Month, &t.Holder.Kind, &t.Holder.ID, &t.Minor, &t.Currency, &t.SetBy, &t.SetAt)
		return t, err
	})
}

// hoursOf are a month's hours, store by store, without those that were taken back.
func hoursOf(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) ([]Hours, error) {
	rows, err := db.Query(ctx, `
SELECT month, store_id, staff_id, minutes, set_by, set_at FROM (
  SELECT DISTINCT ON (store_id, staff_id) month, store_id, staff_id, minutes, set_by, set_at
  FROM worked_hours
  WHERE brand_id = $1 AND month = $2
  ORDER BY store_id, staff_id, version_no DESC) AS latest
WHERE minutes > 0
ORDER BY store_id, staff_id`, brand, month)
	if err != nil {
		return nil, fmt.Errorf("read hours: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Hours])
}

// HoursOf are the minutes that people worked in a month, by store and person.
func HoursOf(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) (map[shop.ID]map[shop.ID]int64, error) {
	list, err := hoursOf(ctx, db, brand, month)
	of := map[shop.ID]map[shop.ID]int64{}
	for _, h := range list {
		if of[h.Store] == nil {
			of[h.Store] = map[shop.ID]int64{}
		}
		of[h.Store][h.Staff] = h.Minutes
	}
	return of, err
}

// Of are the targets of a month, in minor units of the brand's currency. Who is not in it has none.
func Of(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) (map[attribution.Beneficiary]int64, error) {
	list, err := targetsOf(ctx, db, brand, month)
	of := make(map[attribution.Beneficiary]int64, len(list))
	for _, t := range list {
		of[t.Holder] = t.Minor
	}
	return of, err
}
