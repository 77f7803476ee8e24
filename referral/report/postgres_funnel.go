package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/comparison"
)

// keyColumn is a display's key in a dimension, as text; empty: none. $2 is the dimension.
const keyColumn = `CASE $2::text
  WHEN 'tag' THEN nullif(f.tag_id, ` + noID + `)::text WHEN 'store' THEN nullif(f.store_id, ` + noID + `)::text WHEN 'staff' THEN nullif(f.staff_id, ` + noID + `)::text
  WHEN 'placement' THEN f.placement WHEN 'product' THEN t.sku WHEN 'batch' THEN t.batch END`

// funnelRows reads one row more than a report may have, so that it is known whether it is too long.
func funnelRows(ctx context.Context, db postgres.DB, brand team.Brand, q Question, stores []shop.ID) ([]FunnelRow, error) {
	from, until := q.in(brand.Zone())
	rows, err := db.Query(ctx, `
SELECT coalesce(`+keyColumn+`, '') AS key,
  CASE $3::text WHEN 'hour' THEN f.hour WHEN 'day' THEN date_trunc('day', f.hour, $4) END AS starts,
  sum(f.scans)::bigint, sum(f.sessions)::bigint, sum(f.joins)::bigint, sum(f.bindings)::bigint, sum(f.orders)::bigint, sum(f.foreign_orders)::bigint,
  sum(f.net_minor)::bigint, sum(f.returned_minor)::bigint, sum(f.credit_minor)::bigint, sum(f.own_credit_minor)::bigint
FROM funnel_hour f
LEFT JOIN tag t ON t.brand_id = f.brand_id AND t.id = f.tag_id
WHERE f.brand_id = $1 AND f.hour >= $5 AND f.hour < $6 AND ($7::uuid[] IS NULL OR f.store_id = ANY ($7))
GROUP BY 1, 2
ORDER BY 2, sum(f.net_minor) DESC, sum(f.sessions) DESC, 1
LIMIT $8`, brand.ID, q.By, q.Each, brand.TimeZone, from, until, stores, mostRows+1)
	if err != nil {
		return nil, fmt.Errorf("add up the funnel: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (FunnelRow, error) {
		var r FunnelRow
		var key string
		var starts *time.Time
		f := &r.Figures
		err := row.Scan(&key, &starts, &f.Scans, &f.Sessions, &f.Joins, &f.Bindings, &f.Orders, &f.ForeignOrders, &f.Net, &f.Returned, &f.Credit, &f.OwnCredit)
		if err != nil {
			return r, err
		}
		r.Starts = timeOrZero(starts)
		r.Key, err = keyOf(q.By, key)
		return r, err
	})
}

// keyOf reads a key as keyColumn wrote it.
func keyOf(by Dimension, text string) (Key, error) {
	switch by {
	case ByTag, ByStore, ByStaff:
		if text == "" {
			return Key{}, nil
		}
		id, err := shop.ParseID(text)
		return Key{ID: id}, err
	}
	return Key{Code: text}, nil
}

func tagNames(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]Name, error) {
	rows, err := db.Query(ctx, `SELECT id, code, label FROM tag WHERE brand_id = $1 AND id = ANY ($2)`, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read tags' names: %w", err)
	}
	return collectNames(rows)
}

// groupsOf are the sessions of both sides, by the keys as they were asked for.
func groupsOf(ctx context.Context, db postgres.DB, brand team.Brand, p Pair, stores []shop.ID) (map[string]comparison.Group, error) {
	from, until := p.in(brand.Zone())
	rows, err := db.Query(ctx, `
SELECT `+keyColumn+` AS key, sum(f.sessions)::bigint, sum(f.buying_sessions)::bigint, sum(f.session_minor)::bigint, sum(f.session_squares)::float8
FROM funnel_hour f
LEFT JOIN tag t ON t.brand_id = f.brand_id AND t.id = f.tag_id
WHERE f.brand_id = $1 AND f.hour >= $3 AND f.hour < $4 AND f.part = 'scan' AND ($5::uuid[] IS NULL OR f.store_id = ANY ($5))
  AND `+keyColumn+` = ANY ($6)
GROUP BY 1`, brand.ID, p.By, from, until, stores, []string{p.A, p.B})
	if err != nil {
		return nil, fmt.Errorf("add up both sides: %w", err)
	}
	groups := map[string]comparison.Group{}
	var key string
	var g comparison.Group
	_, err = pgx.ForEachRow(rows, []any{&key, &g.Sessions, &g.Buying, &g.Minor, &g.Squares}, func() error {
		groups[key] = g
		return nil
	})
	return groups, err
}
