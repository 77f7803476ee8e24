package order

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Span is a time range as the ids of the orders placed in it: From is in it, Until is not.
type Span struct{ From, Until shop.ID }

// Count is how many orders were placed in the span.
func Count(ctx context.Context, db postgres.DB, brand shop.BrandID, in Span) (n int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM sales_order WHERE brand_id = $1 AND id >= $2 AND id < $3`, brand, in.From, in.Until).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count orders: %w", err)
	}
	return n, nil
}

// Page reads the first orders of the span, at most so many, in the sequence in which they were placed, and what of the span
// comes after them: nothing when next.From is zero. It is for those who go through everything: neighbours are read along the
// keys, for a fraction of what it costs to look each of them up (see LoadMany).
func Page(ctx context.Context, db postgres.DB, brand shop.BrandID, in Span, limit int) (orders []Order, next Span, err error) {
	rows, err := db.Query(ctx, `
		SELECT id FROM sales_order WHERE brand_id = $1 AND id >= $2 AND id < $3 ORDER BY id LIMIT $4`, brand, in.From, in.Until, limit)
	if err != nil {
		return nil, Span{}, fmt.Errorf("find a page of orders: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[shop.ID])
	if err != nil || len(ids) == 0 {
		return nil, Span{}, err
	}
	last := ids[len(ids)-1]
	found := make(map[shop.ID]*kept, len(ids))
	if err := readKept(ctx, db, brand, found, "", along, brand, ids[0], last); err != nil {
		return nil, Span{}, err
	}
	orders = make([]Order, 0, len(found))
	for _, k := range found {
		orders = append(orders, k.whole())
	}
	slices.SortFunc(orders, func(a, b Order) int { return compareID(a.ID, b.ID) })
	if len(ids) == limit {
		next = Span{From: following(last), Until: in.Until}
	}
	return orders, next, nil
}

// along turns a look-up of one order into a walk from the first of them to the last, in the sequence of the keys.
func along(sql, _ string) string { return walks.Replace(sql) }

var walks = strings.NewReplacer(
	" order_id = w.order_id AND", "", " id = w.order_id AND", "", " BETWEEN $3 AND $4", " BETWEEN $2 AND $3",
	" ORDER BY ", " ORDER BY order_id, ", " OFFSET 0", "")

// following is the next id there could be.
func following(id shop.ID) shop.ID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]++; id[i] != 0 {
			break
		}
	}
	return id
}
