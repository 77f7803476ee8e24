package period

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// countFindings counts what may want seeing to before a month, from an instant until another, is closed.
func countFindings(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month, from, until time.Time) ([]Finding, error) {
	rows, err := tx.Query(ctx, `
SELECT code, count::int FROM (
  SELECT $6, (SELECT count(*) FROM waiting_fact WHERE brand_id = $1)
  UNION ALL
  SELECT $7, (SELECT count(*) FROM inbox WHERE brand_id = $1 AND state = 'set_aside')
  UNION ALL
  SELECT $8, (SELECT count(*) FROM pool_month p WHERE p.brand_id = $1 AND p.month = $2 AND p.payable_minor <> 0
    AND NOT EXISTS (SELECT FROM pool_share s WHERE s.brand_id = p.brand_id AND s.month = p.month AND s.store_id = p.store_id AND s.currency = p.currency))
  UNION ALL
  SELECT $9, (SELECT count(*) FROM adjustment a LEFT JOIN adjustment_decision d ON d.brand_id = a.brand_id AND d.adjustment_id = a.id
    WHERE a.brand_id = $1 AND d.adjustment_id IS NULL AND a.asked_at < $5)
  UNION ALL
  SELECT $10, (SELECT count(*) FROM order_credit WHERE brand_id = $1 AND order_id >= $3 AND order_id < $4 AND vested_at IS NULL)
) AS found (code, count)
WHERE count > 0`, brand, month, shop.FloorID(from), shop.FloorID(until), until,
		FactsWaiting, MessagesSetAside, PoolsWithoutHours, AdjustmentsWaiting, NotPayableYet)
	if err != nil {
		return nil, fmt.Errorf("look what waits: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Finding])
}
