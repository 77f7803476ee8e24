package ledger

import (
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func queueClawbacks(batch *pgx.Batch, brand shop.BrandID, all []Clawback) {
	n := len(all)
	if n == 0 {
		return
	}
	orders, staff, facts, currencies := make([]shop.ID, n), make([]shop.ID, n), make([]string, n), make([]string, n)
	at, minors := make([]time.Time, n), make([]int64, n)
	for i, c := range all {
		orders[i], staff[i], facts[i], currencies[i], at[i], minors[i] = c.Order, c.Staff, c.Fact, string(c.Currency), c.At, c.Minor
	}
	batch.Queue(`
INSERT INTO clawback (brand_id, order_id, staff_id, fact, happened_at, currency, minor)
SELECT $1, c.order_id, c.staff_id, c.fact, c.happened_at, c.currency, c.minor
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[]) AS c (order_id, staff_id, fact, happened_at, currency, minor)`,
		brand, orders, staff, facts, at, currencies, minors)
}
