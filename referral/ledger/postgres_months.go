package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const lastClosed = `SELECT max(month) FROM closed_month WHERE brand_id = $1`

// holdMonths returns the last closed month, zero when none is, and keeps it the last until the transaction ends. The lock
// and the look are two statements in one round trip: the look must not see less than what was committed when the lock came.
func holdMonths(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (time.Time, error) {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT pg_advisory_xact_lock_shared(hashtext('homestore months'), $1)`, brand)
	var month *time.Time
	batch.Queue(lastClosed, brand).QueryRow(func(row pgx.Row) error { return row.Scan(&month) })
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return time.Time{}, fmt.Errorf("hold months: %w", err)
	}
	return orZero(month), nil
}

func lockMonths(ctx context.Context, tx pgx.Tx, brand shop.BrandID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('homestore months'), $1)`, brand)
	return err
}

// closedUntil is the last closed month, zero when none is.
func closedUntil(ctx context.Context, db postgres.DB, brand shop.BrandID) (time.Time, error) {
	var month *time.Time
	err := db.QueryRow(ctx, lastClosed, brand).Scan(&month)
	return orZero(month), err
}

func insertClosedMonth(ctx context.Context, tx pgx.Tx, actor shop.Actor, month, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO closed_month (brand_id, month, closed_at, closed_by)
VALUES ($1, $2, $3, $4)`, actor.Brand, month, now, actor.Pseudonym())
	if err != nil {
		return fmt.Errorf("close month: %w", err)
	}
	return nil
}

// insertClosedTotal counts from the end of the closed month before.
func insertClosedTotal(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time) error {
	_, err := tx.Exec(ctx, `
WITH before AS (
  SELECT coalesce(max(month), '0001-01-01') AS month FROM closed_month WHERE brand_id = $1 AND month < $2
)
INSERT INTO closed_total (brand_id, month, currency, transfers, amount_minor)
SELECT $1, c.month, t.currency, count(*), sum(t.amount_minor)
FROM closed_month c
JOIN ledger_transfer t ON t.brand_id = $1 AND t.month > (SELECT month FROM before) AND t.month <= c.month
WHERE c.brand_id = $1 AND c.month = $2
GROUP BY c.month, t.currency
ON CONFLICT ON CONSTRAINT closed_total_pkey DO NOTHING`, brand, month)
	if err != nil {
		return fmt.Errorf("count month: %w", err)
	}
	return nil
}

func queueLateMonths(batch *pgx.Batch, brand shop.BrandID, months []time.Time) {
	if len(months) > 0 {
		batch.Queue(`INSERT INTO late_month (brand_id, month) SELECT $1, unnest($2::date[])`, brand, months)
	}
}

// NoteLate has the next close work out a month's true-ups anew although it is closed. One that is open needs no note.
func NoteLate(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO late_month (brand_id, month) VALUES ($1, $2)`, brand, month)
	if err != nil {
		return fmt.Errorf("note that %s is late: %w", month.Format("2006-01"), err)
	}
	return nil
}

// TakeLate returns the noted months up to one and forgets them; an abandoned transaction brings them back. Whoever notes one meanwhile
// does not wait, and that note stays: nothing keeps a month from being noted twice.
func TakeLate(ctx context.Context, tx pgx.Tx, brand shop.BrandID, until time.Time) ([]time.Time, error) {
	rows, err := tx.Query(ctx, `
WITH noted AS (DELETE FROM late_month WHERE brand_id = $1 AND month <= $2 RETURNING month)
SELECT DISTINCT month FROM noted ORDER BY month`, brand, until)
	if err != nil {
		return nil, fmt.Errorf("take late months: %w", err)
	}
	months, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return nil, fmt.Errorf("take late months: %w", err)
	}
	return months, nil
}
