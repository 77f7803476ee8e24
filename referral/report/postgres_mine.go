package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
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

// monthLines are the lines, placed in a range, by which somebody earns: what of a credit her target asks for.
func monthLines(ctx context.Context, db postgres.DB, brand team.Brand, to attribution.Beneficiary, in span) ([]ledger.Credit, error) {
	rows, err := db.Query(ctx, `
SELECT DISTINCT ON (c.order_id, c.line_no, c.role) c.order_id, c.line_no, c.role, c.volume
FROM credit c
JOIN sales_order o ON o.brand_id = c.brand_id AND o.id = c.order_id AND o.id >= $4 AND o.id < $5 AND o.currency = $6
WHERE c.brand_id = $1 AND c.beneficiary_id = $2 AND c.beneficiary_kind = $3 AND c.order_id >= $4 AND c.order_id < $5
ORDER BY c.order_id, c.line_no, c.role`, brand.ID, to.ID, to.Kind, in.from, in.until, brand.Currency)
	if err != nil {
		return nil, fmt.Errorf("read what she sold: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c ledger.Credit, err error) {
		var text string
		c.To = to
		if err := row.Scan(&c.Order, &c.Line, &c.Role, &text); err != nil {
			return c, err
		}
		c.Volume, err = volumeOf(text)
		return c, err
	})
}
