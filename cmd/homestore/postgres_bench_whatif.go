package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// replayedTables are those of which a replay reads rows by their order, with the column that names it.
var replayedTables = []struct{ name, order string }{
	{"sales_order", "id"}, {"order_line", "order_id"}, {"order_edit", "order_id"}, {"refund", "order_id"}, {"fulfilment", "order_id"},
	{"price_adjustment", "order_id"}, {"order_scan", "order_id"}, {"credit", "order_id"},
}

// readPlainPage reads the rows of the next 2,000 orders and drops them. It returns the last of these; zero when there was none.
func readPlainPage(ctx context.Context, conn *pgx.Conn, brand shop.BrandID, after shop.ID) (last shop.ID, err error) {
	if after.IsZero() {
		after = shop.ID{15: 1}
	}
	err = conn.QueryRow(ctx, `
		SELECT id FROM (SELECT id FROM sales_order WHERE brand_id = $1 AND id > $2 ORDER BY id LIMIT 2000) AS page ORDER BY id DESC LIMIT 1`, brand, after).Scan(&last)
	if errors.Is(err, pgx.ErrNoRows) {
		return shop.ID{}, nil
	}
	if err != nil {
		return shop.ID{}, fmt.Errorf("find a page: %w", err)
	}
	for _, t := range replayedTables {
		rows, err := conn.Query(ctx, `SELECT * FROM `+t.name+` WHERE brand_id = $1 AND `+t.order+` > $2 AND `+t.order+` <= $3`, brand, after, last)
		if err != nil {
			return shop.ID{}, fmt.Errorf("read rows of %s: %w", t.name, err)
		}
		for rows.Next() { //nolint:revive // a row is dropped as it comes
		}
		if rows.Err() != nil {
			return shop.ID{}, fmt.Errorf("read rows of %s: %w", t.name, rows.Err())
		}
	}
	return last, nil
}
