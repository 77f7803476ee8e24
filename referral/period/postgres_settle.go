package period

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// firstMonth is that of the earliest order that was credited; zero when there is none.
func firstMonth(ctx context.Context, tx pgx.Tx, brand team.Brand) (time.Time, error) {
	var id shop.ID
	err := tx.QueryRow(ctx, `
SELECT (SELECT order_id FROM order_credit WHERE brand_id = $1 ORDER BY order_id LIMIT 1)`, brand.ID).Scan(&id)
	if err != nil || id.IsZero() {
		return time.Time{}, err
	}
	y, m, _ := id.Time().In(brand.Zone()).Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), nil
}

// basesOf sums the credits of all orders placed from an instant until another, in the brand's currency. Volumes are fractions, of
// which those with one denominator are summed here and the rest by the program: most are whole. A line counts once, however
// many parcels or claims gave a share of it.
func basesOf(ctx context.Context, tx pgx.Tx, brand team.Brand, roles []plan.Role, from, until time.Time) ([]Basis, error) {
	rows, err := tx.Query(ctx, `
WITH line AS (
  SELECT c.role, c.beneficiary_kind AS kind, c.beneficiary_id AS id, c.line_no, c.order_id, min(c.volume) AS volume,
    sum(c.share_minor - c.reversed_minor) AS net
  FROM credit c
  JOIN sales_order o ON o.brand_id = c.brand_id AND o.id = c.order_id AND o.id >= $3 AND o.id < $4 AND o.currency = $5
  WHERE c.brand_id = $1 AND c.role = ANY ($2) AND c.order_id >= $3 AND c.order_id < $4
  GROUP BY 1, 2, 3, 4, 5
)
SELECT role, kind, id, split_part(volume, '/', 2), sum(split_part(volume, '/', 1)::numeric)::text, sum(net)::bigint
FROM line
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4`, brand.ID, roles, shop.FloorID(from), shop.FloorID(until), brand.Currency)
	if err != nil {
		return nil, fmt.Errorf("sum credits: %w", err)
	}
	var all []Basis
	var b Basis
	var denominator, numerator string
	_, err = pgx.ForEachRow(rows, []any{&b.Role, &b.To.Kind, &b.To.ID, &denominator, &numerator, &b.Net}, func() error {
		volume, err := fraction(numerator, denominator)
		if n := len(all); n > 0 && all[n-1].Role == b.Role && all[n-1].To == b.To {
			all[n-1].Net += b.Net
			all[n-1].Volume.Add(all[n-1].Volume, volume)
			return err
		}
		all = append(all, Basis{b.Role, b.To, b.Net, volume})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sum credits: %w", err)
	}
	return all, nil
}

func fraction(numerator, denominator string) (*big.Rat, error) {
	text := numerator
	if denominator != "" {
		text += "/" + denominator
	}
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat), fmt.Errorf("a volume of %q", text)
	}
	return x, nil
}

// clawedIn is what refunds of a time took back of each person's payable credits, of orders placed since an instant.
func clawedIn(ctx context.Context, tx pgx.Tx, brand team.Brand, from, until, placedSince time.Time) (map[shop.ID]int64, error) {
	rows, err := tx.Query(ctx, `
SELECT staff_id, sum(minor)::bigint
FROM clawback
WHERE brand_id = $1 AND happened_at >= $2 AND happened_at < $3 AND currency = $4 AND order_id >= $5
GROUP BY staff_id`, brand.ID, from, until, brand.Currency, shop.FloorID(later(placedSince, time.UnixMilli(1))))
	if err != nil {
		return nil, fmt.Errorf("sum what refunds took: %w", err)
	}
	return byPerson(rows)
}

func byPerson(rows pgx.Rows) (map[shop.ID]int64, error) {
	out := map[shop.ID]int64{}
	var who shop.ID
	var minor int64
	_, err := pgx.ForEachRow(rows, []any{&who, &minor}, func() error {
		out[who] = minor
		return nil
	})
	return out, err
}

// trueUpRow is what a month is due somebody, as it is kept.
type trueUpRow struct {
	Month  time.Time
	Kind   ledger.TransferKind
	Role   plan.Role
	To     attribution.Beneficiary
	Due    int64
	Reason []byte
}

func dueOf(ctx context.Context, tx pgx.Tx, brand team.Brand, month time.Time) (map[dueKey]int64, error) {
	rows, err := tx.Query(ctx, `
SELECT kind, role, holder_kind, holder_id, due_minor
FROM true_up
WHERE brand_id = $1 AND month = $2 AND currency = $3`, brand.ID, month, brand.Currency)
	if err != nil {
		return nil, fmt.Errorf("read what was due: %w", err)
	}
	out := map[dueKey]int64{}
	var k dueKey
	var minor int64
	_, err = pgx.ForEachRow(rows, []any{&k.Kind, &k.Role, &k.To.Kind, &k.To.ID, &minor}, func() error {
		out[k] = minor
		return nil
	})
	return out, err
}

func upsertTrueUps(ctx context.Context, tx pgx.Tx, brand team.Brand, all []trueUpRow, now time.Time) error {
	batch := &pgx.Batch{}
	for _, r := range all {
		batch.Queue(`
INSERT INTO true_up (brand_id, month, kind, role, holder_kind, holder_id, currency, due_minor, reason, worked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ON CONSTRAINT true_up_pkey DO UPDATE SET due_minor = excluded.due_minor, reason = excluded.reason, worked_at = excluded.worked_at`,
			brand.ID, r.Month, r.Kind, r.Role, r.To.Kind, r.To.ID, brand.Currency, r.Due, r.Reason, now)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep what is due: %w", err)
	}
	return nil
}
