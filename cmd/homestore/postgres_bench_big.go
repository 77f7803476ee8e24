package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// copied is what a copy of an order's rows has in place of the original's; n is the number of the copy. Each copy was placed
// a minute before the one before it, and paid, credited and dated as the original.
var copied = map[string]string{
	"fact_key.external_id": "t.external_id || '/' || n", "fact_key.subject_id": "bench.earlier(t.subject_id, n)",
	"sales_order.id": "bench.earlier(t.id, n)", "sales_order.placed_at": "id_time(bench.earlier(t.id, n))",
	"sales_order.external_id":  "t.external_id || '/' || n",
	"ledger_transfer.id":       "bench.earlier(t.id, n)",
	"ledger_transfer.order_id": "bench.earlier(t.order_id, n)", "ledger_transfer.posted_at": "id_time(bench.earlier(t.id, n))",
	"ledger_transfer.reverses_id": "bench.earlier(t.reverses_id, n)",
	"order_line.order_id":         "bench.earlier(t.order_id, n)", "order_scan.order_id": "bench.earlier(t.order_id, n)",
	"order_credit.order_id": "bench.earlier(t.order_id, n)", "credit.order_id": "bench.earlier(t.order_id, n)",
}

// copyBook makes so many copies of all orders of a brand, with everything that an order has in the book, in a minute or three
// where the service would take half an hour. They are the service's own rows with other ids, so their foreign keys hold
// and are not checked again; the invariants of the book are, at the end of the bench.
func copyBook(ctx context.Context, ownerURL string, brand shop.BrandID, copies int) error {
	now := time.Now()
	if err := postgres.MakePartitions(ctx, ownerURL, now.Add(-time.Duration(copies+1)*time.Minute), now); err != nil {
		return err
	}
	conn, err := connectPlainly(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			SET LOCAL session_replication_role = replica;
			CREATE OR REPLACE FUNCTION bench.earlier(id uuid, minutes int) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS
			$$ SELECT encode(substring(int8send(('x' || encode(substring(uuid_send(id) FOR 6), 'hex'))::bit(48)::bigint - minutes * 60000::bigint) FROM 3)
				|| substring(uuid_send(id) FROM 7), 'hex')::uuid $$`)
		if err != nil {
			return err
		}
		for _, t := range creditTables {
			if err := copyRows(ctx, tx, t.name, t.order, brand, copies); err != nil {
				return fmt.Errorf("copy %s: %w", t.name, err)
			}
		}
		_, err = tx.Exec(ctx, `UPDATE account_day SET debit_minor = debit_minor * $2, credit_minor = credit_minor * $2, entries = entries * $2 WHERE brand_id = $1`,
			brand, copies+1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE customer_profile SET orders = orders * $2, spent_minor = spent_minor * $2 WHERE brand_id = $1`, brand, copies+1)
		return err
	})
	if err != nil {
		return fmt.Errorf("copy the book: %w", err)
	}
	// As a book that has grown by itself: with statistics, and nothing left to write to disk.
	for _, sql := range []string{`VACUUM ANALYZE`, `CHECKPOINT`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("copy the book: %w", err)
		}
	}
	return nil
}

func copyRows(ctx context.Context, tx pgx.Tx, table, order string, brand shop.BrandID, copies int) error {
	rows, err := tx.Query(ctx, `
		SELECT attname FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, table)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = cmp.Or(copied[table+"."+c], "t."+c)
	}
	_, err = tx.Exec(ctx, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) SELECT `+strings.Join(values, ", ")+`
		FROM generate_series(1, $2::int) AS n, `+table+` AS t WHERE t.brand_id = $1 AND t.`+order+` IS NOT NULL`, brand, copies)
	return err
}
