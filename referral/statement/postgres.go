package statement

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
)

// forgiven is what the cap on what refunds take gave somebody back in a month.
func forgiven(ctx context.Context, db postgres.DB, brand shop.BrandID, account shop.ID, month time.Time) (int64, error) {
	var minor int64
	err := db.QueryRow(ctx, `
SELECT coalesce(sum(credit_minor - debit_minor), 0)::bigint
FROM account_day
WHERE brand_id = $1 AND account_id = $2 AND day >= $3 AND day < $4 AND kind = $5`, brand, account, month, month.AddDate(0, 1, 0), ledger.ClawbackCap).Scan(&minor)
	return minor, err
}

// sale is what a line says of its order.
type sale struct {
	name   string
	vested time.Time // the month in which its credits became payable; zero: they had not
}

func salesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID]sale, error) {
	rows, err := db.Query(ctx, `
SELECT w.id, o.external_id, c.vested_month
FROM unnest($2::uuid[]) AS w (id)
CROSS JOIN LATERAL (SELECT external_id FROM sales_order WHERE brand_id = $1 AND id = w.id) AS o
CROSS JOIN LATERAL (SELECT vested_month FROM order_credit WHERE brand_id = $1 AND order_id = w.id) AS c`, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	all := make(map[shop.ID]sale, len(orders))
	var id shop.ID
	var s sale
	var vested *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &s.name, &vested}, func() error {
		s.vested = time.Time{}
		if vested != nil {
			s.vested = *vested
		}
		all[id] = s
		return nil
	})
	return all, err
}

// told is what an adjustment says of itself.
type told struct {
	reason  string
	belongs time.Time // zero: to no other month
}

// adjustmentsOf are those behind transfers, by the facts on which these stand.
func adjustmentsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, facts []string) (map[string]told, error) {
	rows, err := db.Query(ctx, `
SELECT w.fact, a.reason, a.belongs_to
FROM unnest($2::text[]) AS w (fact)
JOIN adjustment a ON a.brand_id = $1 AND a.id = substr(w.fact, length('adjust:') + 1)::uuid`, brand, facts)
	if err != nil {
		return nil, fmt.Errorf("read adjustments: %w", err)
	}
	all := make(map[string]told, len(facts))
	var fact string
	var t told
	var belongs *time.Time
	_, err = pgx.ForEachRow(rows, []any{&fact, &t.reason, &belongs}, func() error {
		t.belongs = time.Time{}
		if belongs != nil {
			t.belongs = *belongs
		}
		all[fact] = t
		return nil
	})
	return all, err
}
