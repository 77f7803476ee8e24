package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// rowsOf sums the roll-up of each account's days in the month. What vests, is stated or paid only moves between two accounts of
// one holder and is left out.
func rowsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, holders []shop.ID, first time.Time) ([]Row, error) {
	rows, err := tx.Query(ctx, `
SELECT a.holder_kind, a.holder_id, coalesce(s.code, p.employee_no, ''), coalesce(s.name ->> b.language, s.name ->> 'zh-TW', p.name, ''),
  d.role, a.currency,
  sum(d.credit_minor - d.debit_minor) FILTER (WHERE d.kind = 'credit')::bigint,
  sum(d.credit_minor - d.debit_minor) FILTER (WHERE d.kind = 'correction')::bigint,
  sum(d.debit_minor - d.credit_minor) FILTER (WHERE d.kind = 'refund')::bigint,
  sum(d.credit_minor - d.debit_minor) FILTER (WHERE d.kind IN ('tier', 'target', 'month_min', 'month_cap', 'clawback_cap'))::bigint,
  sum(d.credit_minor - d.debit_minor) FILTER (WHERE d.kind = 'pool')::bigint,
  sum(d.credit_minor - d.debit_minor) FILTER (WHERE d.kind = 'adjust')::bigint,
  sum(d.credit_minor - d.debit_minor)::bigint,
  sum(d.entries)::bigint
FROM account a
JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id AND d.day >= $2 AND d.day < $3 AND d.kind NOT IN ('vest', 'state', 'pay')
JOIN brand b ON b.brand_id = a.brand_id
LEFT JOIN store s ON s.brand_id = a.brand_id AND s.id = a.holder_id AND a.holder_kind IN ('store', 'pool')
LEFT JOIN staff p ON p.brand_id = a.brand_id AND p.id = a.holder_id AND a.holder_kind = 'staff'
WHERE a.brand_id = $1 AND a.holder_kind <> 'brand' AND ($4::uuid[] IS NULL OR a.holder_id = ANY ($4))
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY a.holder_kind DESC, 3, d.role, a.currency`, brand, first, first.AddDate(0, 1, 0), holders)
	if err != nil {
		return nil, fmt.Errorf("sum the month: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Row, error) {
		var r Row
		var credited, corrected, refunded, trueUps, divided, adjusted *int64
		err := row.Scan(&r.To.Kind, &r.To.ID, &r.Code, &r.Name, &r.Role, &r.Currency, &credited, &corrected, &refunded, &trueUps, &divided, &adjusted, &r.Net, &r.Entries)
		r.Credited, r.Corrected, r.Refunded = orZero(credited), orZero(corrected), orZero(refunded)
		r.TrueUps, r.Divided, r.Adjusted = orZero(trueUps), orZero(divided), orZero(adjusted)
		return r, err
	})
}

// costOf is the other side of the book: what left the brand's expense account in the month.
func costOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, first time.Time, cost map[shop.Currency]int64) error {
	rows, err := tx.Query(ctx, `
SELECT a.currency, sum(d.debit_minor - d.credit_minor)::bigint
FROM account a
JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id AND d.day >= $2 AND d.day < $3
WHERE a.brand_id = $1 AND a.kind = 'expense'
GROUP BY a.currency`, brand, first, first.AddDate(0, 1, 0))
	if err != nil {
		return fmt.Errorf("sum the cost: %w", err)
	}
	var currency shop.Currency
	var minor int64
	_, err = pgx.ForEachRow(rows, []any{&currency, &minor}, func() error {
		cost[currency] = minor
		return nil
	})
	return err
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
