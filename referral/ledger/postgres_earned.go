package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

// Earned is what somebody has of several orders in one currency, net of what was taken back.
type Earned struct {
	To       attribution.Beneficiary
	Currency shop.Currency
	Minor    int64
}

// EarnedOf sums the credits, of sales and of parcels, of all orders placed in a span, as the rules say now. The span is repeated
// on both tables, or each partition of the second would be asked.
func EarnedOf(ctx context.Context, db postgres.DB, brand shop.BrandID, in order.Span) ([]Earned, error) {
	rows, err := db.Query(ctx, `
SELECT c.beneficiary_kind, c.beneficiary_id, o.currency, sum(c.share_minor - c.reversed_minor)::bigint
FROM credit c JOIN sales_order o ON o.brand_id = c.brand_id AND o.id = c.order_id AND o.id >= $2 AND o.id < $3
WHERE c.brand_id = $1 AND c.order_id >= $2 AND c.order_id < $3
GROUP BY c.beneficiary_kind, c.beneficiary_id, o.currency`, brand, in.From, in.Until)
	if err != nil {
		return nil, fmt.Errorf("sum what was earned: %w", err)
	}
	earned, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Earned, err error) {
		err = row.Scan(&e.To.Kind, &e.To.ID, &e.Currency, &e.Minor)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("sum what was earned: %w", err)
	}
	return earned, nil
}
