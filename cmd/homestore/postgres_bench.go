package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"homestore/clienteling/shop"
)

// What bench measures against: tables of the same columns, keys, indexes and checks in a schema of their own, but not
// partitioned, without foreign keys and row-level security. They are written as the owner.

// setting is one of PostgreSQL's.
type setting struct {
	Name  string
	Value string
}

func durabilityOf(ctx context.Context, ownerURL string) ([]setting, error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
		SELECT name, setting FROM pg_settings
		WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method') ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[setting])
}

// makePlainTables makes, anew, the plain ones of Homestore's tables.
func makePlainTables(ctx context.Context, ownerURL string, tables ...string) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("make plain tables: %w", err)
	}
	defer conn.Close(ctx)
	statements := []string{`CREATE SCHEMA IF NOT EXISTS bench`}
	for _, t := range tables {
		statements = append(statements, `DROP TABLE IF EXISTS bench.`+t, `CREATE TABLE bench.`+t+` (LIKE public.`+t+` INCLUDING ALL EXCLUDING GENERATED)`,
			`DROP TABLE IF EXISTS bench.`+t+`_bare`, `CREATE TABLE bench.`+t+`_bare (LIKE public.`+t+`)`)
	}
	if _, err := conn.Exec(ctx, strings.Join(statements, `;`)); err != nil {
		return fmt.Errorf("make plain tables: %w", err)
	}
	return nil
}

// insertPlainScan stores one scan, in a transaction of its own.
func insertPlainScan(ctx context.Context, pool *pgxpool.Pool) error {
	id := shop.NewID(time.Now())
	_, err := pool.Exec(ctx, `
		INSERT INTO bench.scan (brand_id, id, tag_id, tag_code, store_id, staff_id, placement, kind, device, customer_id, scanned_at)
		VALUES (1, $1, $1, 'AAAAAAAAAA', $1, NULL, 'shelf', 'person', $2, NULL, $3)`, id, id[:], id.Time())
	return err
}

func scansStored(ctx context.Context, ownerURL string) (n int64, err error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return 0, fmt.Errorf("count scans: %w", err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM scan`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count scans: %w", err)
	}
	return n, nil
}

// creditTables are those to which an order adds rows, with the column that names it.
var creditTables = []struct{ name, order string }{
	{"fact_key", "subject_id"}, {"sales_order", "id"}, {"order_line", "order_id"}, {"order_scan", "order_id"},
	{"order_credit", "order_id"}, {"credit", "order_id"}, {"ledger_transfer", "order_id"},
}

// plainRow is one row and where it goes.
type plainRow struct {
	sql    string
	values []any
}

// rowsOf reads what Homestore wrote for orders, each with its INSERT into the plain table, order by order as a program would
// write them.
func rowsOf(ctx context.Context, conn *pgx.Conn, orders []shop.ID) ([]plainRow, error) {
	first := shop.FloorID(orders[0].Time().Add(-time.Hour))
	var out []plainRow
	for _, t := range creditTables {
		// All columns, since the plain table is LIKE this one.
		rows, err := conn.Query(ctx, `SELECT * FROM `+t.name+` WHERE `+t.order+` = ANY ($1) AND `+t.order+` >= $2`, orders, first)
		if err != nil {
			return nil, fmt.Errorf("read rows of %s: %w", t.name, err)
		}
		sql := ""
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				return nil, fmt.Errorf("read rows of %s: %w", t.name, err)
			}
			if sql == "" {
				sql = insertAll(t.name, len(values))
			}
			if out = append(out, plainRow{sql, asArguments(values)}); err != nil {
				return nil, err
			}
		}
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("read rows of %s: %w", t.name, err)
		}
	}
	return out, nil
}

func insertAll(table string, columns int) string {
	places := make([]string, columns)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return `INSERT INTO bench.` + table + ` VALUES (` + strings.Join(places, ", ") + `)`
}

// asArguments turns values as pgx reads them into such as it writes.
func asArguments(values []any) []any {
	for i, v := range values {
		switch v := v.(type) {
		case map[string]any, string, nil:
		case []any:
			values[i] = listOf(v)
		default:
			_ = v
		}
		if m, ok := values[i].(map[string]any); ok {
			text, _ := json.Marshal(m) // it was read from JSON
			values[i] = string(text)
		}
	}
	return values
}

// listOf is a uuid[] or a jsonb array.
func listOf(list []any) any {
	ids := make([][16]byte, 0, len(list))
	for _, v := range list {
		id, ok := v.([16]byte)
		if !ok {
			text, _ := json.Marshal(list)
			return string(text)
		}
		ids = append(ids, id)
	}
	return ids
}

// insertPlainly sends rows in one batch, one INSERT a row, and commits.
func insertPlainly(ctx context.Context, conn *pgx.Conn, rows []plainRow) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, r := range rows {
			batch.Queue(r.sql, r.values...)
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("insert plainly: %w", err)
		}
		return nil
	})
}

// importTables are those that an import of orders writes.
var importTables = []string{
	"customer", "identity", "customer_profile", "fact_key", "sales_order", "order_line", "refund", "order_credit",
}

// copyOut reads all rows of a brand as COPY writes them, by table.
func copyOut(ctx context.Context, conn *pgx.Conn, brand shop.BrandID) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, table := range importTables {
		var b bytes.Buffer
		_, err := conn.PgConn().CopyTo(ctx, &b, fmt.Sprintf(`COPY (SELECT * FROM %s WHERE brand_id = %d) TO STDOUT (FORMAT binary)`, table, brand))
		if err != nil {
			return nil, fmt.Errorf("copy %s out: %w", table, err)
		}
		out[table] = b.Bytes()
	}
	return out, nil
}

// copyPlainly writes them into the plain tables and commits.
func copyPlainly(ctx context.Context, conn *pgx.Conn, rows map[string][]byte, suffix string) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, table := range importTables {
			_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(rows[table]), `COPY bench.`+table+suffix+` FROM STDIN (FORMAT binary)`)
			if err != nil {
				return fmt.Errorf("copy %s in: %w", table, err)
			}
		}
		return nil
	})
}

// connectPlainly is one connection as the owner, who sees the rows of all brands.
func connectPlainly(ctx context.Context, ownerURL string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return nil, errors.New("the bench's database cannot be reached")
	}
	return conn, nil
}
