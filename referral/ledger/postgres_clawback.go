package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func queueClawbacks(batch *pgx.Batch, brand shop.BrandID, all []Clawback) {
	n := len(all)
	if n == 0 {
		return
	}
	orders, staff, facts, currencies := make([]shop.ID, n), make([]shop.ID, n), make([]string, n), make([]string, n)
	at, minors := make([]time.Time, n), make([]int64, n)
	for i, c := range all {
		orders[i], staff[i], facts[i], currencies[i], at[i], minors[i] = c.Order, c.Staff, c.Fact, string(c.Currency), c.At, c.Minor
	}
	batch.Queue(`
INSERT INTO clawback (brand_id, order_id, staff_id, fact, happened_at, currency, minor)
SELECT $1, c.order_id, c.staff_id, c.fact, c.happened_at, c.currency, c.minor
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[]) AS c (order_id, staff_id, fact, happened_at, currency, minor)`,
		brand, orders, staff, facts, at, currencies, minors)
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

// TakeLate returns the noted months up to one, each as often as it was noted, and forgets them; an abandoned transaction brings them
// back. Whoever notes one meanwhile does not wait, and that note stays: nothing keeps a month from being noted twice.
func TakeLate(ctx context.Context, tx pgx.Tx, brand shop.BrandID, until time.Time) ([]time.Time, error) {
	rows, err := tx.Query(ctx, `DELETE FROM late_month WHERE brand_id = $1 AND month <= $2 RETURNING month`, brand, until)
	if err != nil {
		return nil, fmt.Errorf("take late months: %w", err)
	}
	months, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return nil, fmt.Errorf("take late months: %w", err)
	}
	return months, nil
}
