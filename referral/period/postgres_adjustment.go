package period

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const selectAdjustment = `
SELECT a.id, a.holder_kind, a.holder_id, a.currency::text, a.minor, a.belongs_to, a.reason, a.asked_by, a.asked_at,
  coalesce(d.outcome, ''), coalesce(d.note, ''), coalesce(d.decided_by, ''), d.decided_at
FROM adjustment a LEFT JOIN adjustment_decision d ON d.brand_id = a.brand_id AND d.adjustment_id = a.id
WHERE a.brand_id = $1`

func scanAdjustment(row pgx.CollectableRow) (Adjustment, error) {
	var a Adjustment
	var belongs, decided *time.Time
	err := row.Scan(&a.ID, &a.To.Kind, &a.To.ID, &a.Currency, &a.Minor, &belongs, &a.Reason, &a.AskedBy, &a.AskedAt, &a.Outcome, &a.Note, &a.DecidedBy, &decided)
	if belongs != nil {
		a.BelongsTo = *belongs
	}
	if decided != nil {
		a.DecidedAt = *decided
	}
	return a, err
}

// Adjustments are those of a brand, the last first; onlyWaiting: of which nobody has decided.
func Adjustments(ctx context.Context, db postgres.DB, brand shop.BrandID, onlyWaiting bool, page shop.Page) ([]Adjustment, error) {
	rows, err := db.Query(ctx, selectAdjustment+` AND ($2::uuid IS NULL OR a.id < $2) AND (NOT $3 OR d.outcome IS NULL)
ORDER BY a.id DESC
LIMIT $4`, brand, page.After, onlyWaiting, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("read adjustments: %w", err)
	}
	return pgx.CollectRows(rows, scanAdjustment)
}

// adjustmentByID needs no lock: of two who decide at the same moment the database refuses the second.
func adjustmentByID(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Adjustment, error) {
	rows, err := tx.Query(ctx, selectAdjustment+` AND a.id = $2`, brand, id)
	if err != nil {
		return Adjustment{}, fmt.Errorf("read adjustment: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAdjustment)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, shop.ErrNotFound
	}
	return a, err
}

// insertAdjustment says whether it was asked for only now.
func insertAdjustment(ctx context.Context, tx pgx.Tx, brand shop.BrandID, a Adjustment) (isNew bool, err error) {
	var belongs *time.Time
	if !a.BelongsTo.IsZero() {
		belongs = &a.BelongsTo
	}
	done, err := tx.Exec(ctx, `
INSERT INTO adjustment (brand_id, id, holder_kind, holder_id, currency, minor, belongs_to, reason, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ON CONSTRAINT adjustment_pkey DO NOTHING`, brand, a.ID, a.To.Kind, a.To.ID, a.Currency, a.Minor, belongs, a.Reason, a.AskedBy, a.AskedAt)
	return done.RowsAffected() == 1, err
}

func insertDecision(ctx context.Context, tx pgx.Tx, brand shop.BrandID, a Adjustment) error {
	_, err := tx.Exec(ctx, `
INSERT INTO adjustment_decision (brand_id, adjustment_id, outcome, note, decided_by, decided_at)
VALUES ($1, $2, $3, $4, $5, $6)`, brand, a.ID, a.Outcome, a.Note, a.DecidedBy, a.DecidedAt)
	return err
}
