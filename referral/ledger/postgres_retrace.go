package ledger

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// keptWithTraces reads of orders their credits and traces. An order from before traces were kept is not among them.
func keptWithTraces(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) ([]keptWithTrace, error) {
	rows, err := db.Query(ctx, `
SELECT c.order_id, c.reason, c.trace
FROM unnest($2::uuid[]) AS w (order_id) CROSS JOIN LATERAL (
  SELECT order_id, reason, trace FROM order_credit WHERE brand_id = $1 AND order_id = w.order_id OFFSET 0
) AS c
WHERE c.trace IS NOT NULL`, brand, orders)
	if err != nil {
		return nil, err
	}
	kept, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k keptWithTrace, err error) {
		err = row.Scan(&k.credit.Order, &k.credit.Reason, &k.trace)
		return k, err
	})
	if err != nil {
		return nil, err
	}
	if rows, err = db.Query(ctx, `
SELECT c.order_id, c.role, c.beneficiary_kind, c.beneficiary_id, c.parcel, c.line_no, c.store_id, c.share_minor, c.reversed_minor, c.volume, c.reason
FROM unnest($2::uuid[]) AS w (order_id) CROSS JOIN LATERAL (
  SELECT order_id, role, beneficiary_kind, beneficiary_id, parcel, line_no, store_id, share_minor, reversed_minor, volume, reason
  FROM credit WHERE brand_id = $1 AND order_id = w.order_id OFFSET 0
) AS c`, brand, orders); err != nil {
		return nil, err
	}
	credits, err := pgx.CollectRows(rows, scanCredit)
	if err != nil {
		return nil, err
	}
	at := make(map[shop.ID]int, len(kept))
	for i, k := range kept {
		at[k.credit.Order] = i
	}
	for _, c := range credits {
		if i, isTraced := at[c.Order]; isTraced {
			kept[i].credit.Credits = append(kept[i].credit.Credits, c)
		}
	}
	return kept, nil
}
