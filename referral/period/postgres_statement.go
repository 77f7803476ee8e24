package period

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// window sums the roll-up of each account's days after the close before (from; zero: all) up to the month's end, and of the month
// itself. Each account's days are looked up by its key: what a close costs follows the accounts and days, not the history.
func window(ctx context.Context, tx pgx.Tx, brand shop.BrandID, from, month time.Time) (map[holder]sums, error) {
	rows, err := tx.Query(ctx, `
SELECT a.holder_kind, a.holder_id, a.currency::text, a.kind, d.*
FROM account a
CROSS JOIN LATERAL (
  SELECT coalesce(sum(credit_minor - debit_minor) FILTER (WHERE day < $3), 0)::bigint AS before,
    coalesce(sum(credit_minor - debit_minor) FILTER (WHERE day >= $3), 0)::bigint AS within,
    coalesce(sum(credit_minor - debit_minor) FILTER (WHERE day >= $3 AND kind NOT IN ('vest', 'state', 'pay')), 0)::bigint AS movement
  FROM account_day
  WHERE brand_id = $1 AND account_id = a.id AND day >= $2 AND day < $4
) AS d
WHERE a.brand_id = $1 AND a.kind IN ('pending', 'payable') AND a.holder_kind <> 'brand'`, brand, from, month, month.AddDate(0, 1, 0))
	if err != nil {
		return nil, fmt.Errorf("sum the accounts: %w", err)
	}
	out := map[holder]sums{}
	var who holder
	var kind ledger.AccountKind
	var before, within, movement int64
	_, err = pgx.ForEachRow(rows, []any{&who.To.Kind, &who.To.ID, &who.Currency, &kind, &before, &within, &movement}, func() error {
		s := out[who]
		if kind == ledger.Pending {
			s.PendingBefore, s.Pending = before, within
		} else {
			s.PayableBefore, s.Payable = before, within
		}
		s.Movement += movement
		out[who] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sum the accounts: %w", err)
	}
	return out, nil
}

const statementColumns = `id, month, holder_kind, holder_id, currency::text, pending_opening_minor, opening_minor, movement_minor, pending_closing_minor,
  stated_minor, carried_minor`

func scanStatement(row pgx.CollectableRow) (Statement, error) {
	var s Statement
	err := row.Scan(&s.ID, &s.Month, &s.To.Kind, &s.To.ID, &s.Currency, &s.PendingOpening, &s.Opening, &s.Movement, &s.PendingClosing, &s.Stated, &s.Carried)
	return s, err
}

// Statements are those of a month, stores before people before pools.
func Statements(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) ([]Statement, error) {
	rows, err := db.Query(ctx, `
SELECT `+statementColumns+`
FROM statement
WHERE brand_id = $1 AND month = $2
ORDER BY holder_kind DESC, holder_id, currency`, brand, month)
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	all, err := pgx.CollectRows(rows, scanStatement)
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	return all, nil
}

// StatementsOf are somebody's, the last month first.
func StatementsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary) ([]Statement, error) {
	rows, err := db.Query(ctx, `
SELECT `+statementColumns+`
FROM statement
WHERE brand_id = $1 AND holder_id = $2 AND holder_kind = $3
ORDER BY month DESC, currency`, brand, to.ID, to.Kind)
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	return pgx.CollectRows(rows, scanStatement)
}

// StatementByID is one of the brand's, or shop.ErrNotFound.
func StatementByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Statement, error) {
	rows, err := db.Query(ctx, `SELECT `+statementColumns+` FROM statement WHERE brand_id = $1 AND id = $2`, brand, id)
	if err != nil {
		return Statement{}, fmt.Errorf("read statement: %w", err)
	}
	st, err := pgx.CollectExactlyOneRow(rows, scanStatement)
	if errors.Is(err, pgx.ErrNoRows) {
		return st, shop.ErrNotFound
	}
	return st, err
}

func insertStatements(ctx context.Context, tx pgx.Tx, brand shop.BrandID, all []Statement) error {
	batch := &pgx.Batch{}
	for _, s := range all {
		batch.Queue(`
INSERT INTO statement (brand_id, id, month, holder_kind, holder_id, currency, pending_opening_minor, opening_minor, movement_minor, pending_closing_minor,
  stated_minor, carried_minor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, brand, s.ID, s.Month, s.To.Kind, s.To.ID, s.Currency, s.PendingOpening, s.Opening, s.Movement,
			s.PendingClosing, s.Stated, s.Carried)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write statements: %w", err)
	}
	return nil
}

// Period is a closed month with its statements made.
type Period struct {
	Month    time.Time
	Since    time.Time // first day that it took in; zero: all before
	ClosedBy string
	MadeAt   time.Time
	Head     ledger.Head // of the chain of seals when all of the month was sealed; no seals: not yet
}

const selectPeriod = `
SELECT p.month, p.since, p.closed_by, p.made_at, coalesce(s.seals, 0), coalesce(s.hash, ''), coalesce(s.sealed_at, p.made_at)
FROM period p LEFT JOIN period_seal s ON s.brand_id = p.brand_id AND s.month = p.month
WHERE p.brand_id = $1`

func scanPeriod(row pgx.CollectableRow) (Period, error) {
	var p Period
	var since *time.Time
	var hash []byte
	err := row.Scan(&p.Month, &since, &p.ClosedBy, &p.MadeAt, &p.Head.Seals, &hash, &p.Head.SealedAt)
	if since != nil {
		p.Since = *since
	}
	copy(p.Head.Hash[:], hash)
	return p, err
}

// Periods are the closed months, the last first.
func Periods(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Period, error) {
	rows, err := db.Query(ctx, selectPeriod+` ORDER BY p.month DESC`, brand)
	if err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	return pgx.CollectRows(rows, scanPeriod)
}

// PeriodOf is the closing of one month; ErrOpen when it has no statements.
func PeriodOf(ctx context.Context, db postgres.DB, brand shop.BrandID, month time.Time) (Period, error) {
	rows, err := db.Query(ctx, selectPeriod+` AND p.month = $2`, brand, month)
	if err != nil {
		return Period{}, fmt.Errorf("read period: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPeriod)
	if errors.Is(err, pgx.ErrNoRows) {
		return Period{}, ErrOpen
	}
	return p, err
}

func insertPeriod(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p Period) error {
	var since *time.Time
	if !p.Since.IsZero() {
		since = &p.Since
	}
	_, err := tx.Exec(ctx, `
INSERT INTO period (brand_id, month, since, closed_by, made_at) VALUES ($1, $2, $3, $4, $5)`, brand, p.Month, since, p.ClosedBy, p.MadeAt)
	return err
}

func insertPeriodSeal(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time, head ledger.Head) error {
	_, err := tx.Exec(ctx, `
INSERT INTO period_seal (brand_id, month, seals, hash, sealed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ON CONSTRAINT period_seal_pkey DO NOTHING`, brand, month, head.Seals, head.Hash[:], head.SealedAt)
	return err
}

// unmade are the closed months of which the statements were left unmade or unsealed, the first first.
func unmade(ctx context.Context, tx pgx.Tx, brand shop.BrandID) ([]closing, error) {
	rows, err := tx.Query(ctx, `
SELECT c.month, c.closed_by
FROM closed_month c
LEFT JOIN period p ON p.brand_id = c.brand_id AND p.month = c.month
LEFT JOIN period_seal s ON s.brand_id = c.brand_id AND s.month = c.month
WHERE c.brand_id = $1 AND c.makes_statements AND (p.month IS NULL OR s.month IS NULL)
ORDER BY c.month`, brand)
	if err != nil {
		return nil, fmt.Errorf("find unfinished closes: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[closing])
}

// closedBefore is the last month that was closed with statements before one; zero: none.
func closedBefore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time) (time.Time, error) {
	var before *time.Time
	err := tx.QueryRow(ctx, `SELECT max(month) FROM closed_month WHERE brand_id = $1 AND makes_statements AND month < $2`, brand, month).Scan(&before)
	if before == nil {
		return time.Time{}, err
	}
	return *before, err
}

// lockClosing lets one close of a brand work at a time.
func lockClosing(ctx context.Context, tx pgx.Tx, brand shop.BrandID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('homestore closing'), $1)`, brand)
	return err
}
