package period

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// poolsGot is what became payable to each pool, by the month of the order that it comes from, in what is dated after the close
// before and up to a month. Nothing is dated before it is posted, give or take the day by which a clock may be ahead, so the id
// leaves out what was posted before.
func poolsGot(ctx context.Context, tx pgx.Tx, brand team.Brand, from, until time.Time) (map[poolMonth]int64, error) {
	rows, err := tx.Query(ctx, `
WITH entry AS (
  SELECT a.holder_id, a.currency, t.order_id, t.effective_at, CASE WHEN t.credit_account_id = a.id THEN t.amount_minor ELSE -t.amount_minor END AS minor
  FROM account a
  JOIN ledger_transfer t ON t.brand_id = a.brand_id AND (t.credit_account_id = a.id OR t.debit_account_id = a.id)
    AND t.id >= $2 AND t.month >= $3 AND t.month <= $4 AND t.kind NOT IN ('pool', 'state', 'pay')
  WHERE a.brand_id = $1 AND a.kind = 'payable' AND a.holder_kind = 'pool'
)
SELECT date_trunc('month', coalesce(id_time(order_id), effective_at) AT TIME ZONE $5)::date, holder_id, currency::text, sum(minor)::bigint
FROM entry
GROUP BY 1, 2, 3`, brand.ID, shop.FloorID(later(from.AddDate(0, 0, -2), time.UnixMilli(1))), from, until, brand.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("sum what pools got: %w", err)
	}
	return collectPools(rows)
}

// poolsKept is what was known of pools in some months.
func poolsKept(ctx context.Context, tx pgx.Tx, brand shop.BrandID, months []time.Time) (map[poolMonth]int64, error) {
	rows, err := tx.Query(ctx, `
SELECT month, store_id, currency::text, payable_minor FROM pool_month WHERE brand_id = $1 AND month = ANY ($2)`, brand, months)
	if err != nil {
		return nil, fmt.Errorf("read pools: %w", err)
	}
	return collectPools(rows)
}

func collectPools(rows pgx.Rows) (map[poolMonth]int64, error) {
	out := map[poolMonth]int64{}
	var at poolMonth
	var minor int64
	_, err := pgx.ForEachRow(rows, []any{&at.First, &at.Store, &at.Currency, &minor}, func() error {
		out[at] = minor
		return nil
	})
	return out, err
}

// sharesOf are the parts that people have of a pool's month so far.
func sharesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, at poolMonth) (map[shop.ID]int64, error) {
	rows, err := db.Query(ctx, `
SELECT staff_id, share_minor
FROM pool_share
WHERE brand_id = $1 AND month = $2 AND store_id = $3 AND currency = $4`, brand, at.First, at.Store, at.Currency)
	if err != nil {
		return nil, fmt.Errorf("read shares: %w", err)
	}
	return byPerson(rows)
}

func upsertPool(ctx context.Context, tx pgx.Tx, brand shop.BrandID, at poolMonth, payable int64, shares []share, now time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`
INSERT INTO pool_month (brand_id, month, store_id, currency, payable_minor, worked_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT ON CONSTRAINT pool_month_pkey DO UPDATE SET payable_minor = excluded.payable_minor, worked_at = excluded.worked_at`,
		brand, at.First, at.Store, at.Currency, payable, now)
	for _, s := range shares {
		batch.Queue(`
INSERT INTO pool_share (brand_id, month, store_id, currency, staff_id, share_minor, minutes)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT ON CONSTRAINT pool_share_pkey DO UPDATE SET share_minor = excluded.share_minor, minutes = excluded.minutes`,
			brand, at.First, at.Store, at.Currency, s.Staff, s.Minor, s.Minutes)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep the pool: %w", err)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
