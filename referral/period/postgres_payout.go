package period

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// unpaidOf are a month's statements with what was paid of each.
func unpaidOf(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) ([]unpaid, error) {
	statements, err := Statements(ctx, db, brand, month)
	if err != nil {
		return nil, err
	}
	payouts, err := Payouts(ctx, db, brand, month)
	if err != nil {
		return nil, err
	}
	tries, paid := map[holder]int{}, map[holder]int64{}
	for _, p := range payouts {
		who := holder{p.To, p.Currency}
		tries[who]++
		if p.Outcome == Paid {
			paid[who] += p.Minor
		}
	}
	all := make([]unpaid, len(statements))
	for i, st := range statements {
		who := holder{st.To, st.Currency}
		all[i] = unpaid{st, paid[who], tries[who]}
	}
	return all, nil
}

// Payouts are all tries to pay the statements of a month, as they were recorded.
func Payouts(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) ([]Payout, error) {
	rows, err := db.Query(ctx, `
SELECT month, holder_kind, holder_id, currency::text, payout_no, outcome, minor, reference, note, recorded_by, recorded_at
FROM payout
WHERE brand_id = $1 AND month = $2
ORDER BY recorded_at, holder_kind DESC, holder_id, currency, payout_no`, brand, month)
	if err != nil {
		return nil, fmt.Errorf("read payouts: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Payout, error) {
		var p Payout
		err := row.Scan(&p.Month, &p.To.Kind, &p.To.ID, &p.Currency, &p.No, &p.Outcome, &p.Minor, &p.Reference, &p.Note, &p.RecordedBy, &p.RecordedAt)
		return p, err
	})
}

func insertPayouts(ctx context.Context, tx pgx.Tx, brand shop.BrandID, all []Payout) error {
	batch := &pgx.Batch{}
	for _, p := range all {
		batch.Queue(`
INSERT INTO payout (brand_id, month, holder_kind, holder_id, currency, payout_no, outcome, minor, reference, note, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			brand, p.Month, p.To.Kind, p.To.ID, p.Currency, p.No, p.Outcome, p.Minor, p.Reference, p.Note, p.RecordedBy, p.RecordedAt)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep payouts: %w", err)
	}
	return nil
}

// paidInFull says whether the month in which something became payable is closed, and whose statements of it are paid in full.
func paidInFull(ctx context.Context, db postgres.DB, brand shop.BrandID, vested time.Time) (closed bool, paid map[holder]bool, err error) {
	var month *time.Time
	err = db.QueryRow(ctx, `SELECT min(month) FROM closed_month WHERE brand_id = $1 AND month >= $2`, brand, vested).Scan(&month)
	if err != nil || month == nil {
		return false, nil, err
	}
	statements, err := unpaidOf(ctx, db, brand, *month)
	paid = map[holder]bool{}
	for _, u := range statements {
		paid[holder{u.To, u.Currency}] = u.Stated > 0 && u.left() == 0
	}
	return true, paid, err
}
