package report

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

// myPartsOf sums a month by kind and role. What only moves from one state to another adds up to nothing, and is left out.
func myPartsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary, first, today time.Time) (map[shop.Currency][]datedPart, error) {
	rows, err := db.Query(ctx, `
SELECT a.currency, d.kind, d.role, sum(d.credit_minor - d.debit_minor)::bigint,
  coalesce(sum(d.credit_minor - d.debit_minor) FILTER (WHERE d.day = $5), 0)::bigint
FROM account a
JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id AND d.day >= $4 AND d.day < $6
WHERE a.brand_id = $1 AND a.holder_id = $2 AND a.holder_kind = $3
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3`, brand, to.ID, to.Kind, first, today, first.AddDate(0, 1, 0))
	if err != nil {
		return nil, fmt.Errorf("sum her month: %w", err)
	}
	parts := map[shop.Currency][]datedPart{}
	var currency shop.Currency
	var p datedPart
	_, err = pgx.ForEachRow(rows, []any{&currency, &p.Kind, &p.Role, &p.Minor, &p.today}, func() error {
		parts[currency] = append(parts[currency], p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sum her month: %w", err)
	}
	return parts, nil
}

// volumesOf are what the lines count that were placed in a range and that count for somebody's target: each once, whatever the
// number of her roles in it.
func volumesOf(ctx context.Context, db postgres.DB, brand team.Brand, to attribution.Beneficiary, in span) ([]*big.Rat, error) {
	rows, err := db.Query(ctx, `
SELECT DISTINCT ON (c.order_id, c.line_no) c.volume
FROM credit c
JOIN sales_order o ON o.brand_id = c.brand_id AND o.id = c.order_id AND o.id >= $4 AND o.id < $5 AND o.currency = $7
WHERE c.brand_id = $1 AND c.beneficiary_id = $2 AND c.beneficiary_kind = $3 AND c.order_id >= $4 AND c.order_id < $5 AND c.role = ANY ($6)
ORDER BY c.order_id, c.line_no`, brand.ID, to.ID, to.Kind, in.from, in.until, counts[to.Kind], brand.Currency)
	if err != nil {
		return nil, fmt.Errorf("read what she sold: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*big.Rat, error) {
		var text string
		if err := row.Scan(&text); err != nil {
			return nil, err
		}
		return volumeOf(text)
	})
}
