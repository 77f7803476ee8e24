package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// reportBook is a brand's book that grows by months.
type reportBook struct {
	conn    *pgx.Conn
	brand   shop.BrandID
	credits int // in it so far
}

// openReportBook makes the accounts of the stores and the people; their credits come from bench.earner by number.
func openReportBook(ctx context.Context, ownerURL string, conn *pgx.Conn, of team.Brand, since time.Time) (*reportBook, error) {
	if err := postgres.MakePartitions(ctx, ownerURL, since, time.Now()); err != nil {
		return nil, err
	}
	_, err := conn.Exec(ctx, fmt.Sprintf(`
		CREATE TABLE bench.earner AS
		SELECT row_number() OVER (ORDER BY kind, id) - 1 AS n, kind, id, md5('account ' || id)::uuid AS account
		FROM (SELECT 'store' AS kind, id FROM store WHERE brand_id = %[1]d UNION ALL SELECT 'staff', id FROM staff WHERE brand_id = %[1]d) AS e;
		ALTER TABLE bench.earner ADD PRIMARY KEY (n);
		INSERT INTO account (brand_id, id, kind, holder_kind, holder_id, currency) SELECT %[1]d, account, 'pending', kind, id, '%[2]s' FROM bench.earner;
		INSERT INTO account (brand_id, id, kind, holder_kind, holder_id, currency) VALUES (%[1]d, md5('expense')::uuid, 'expense', 'brand', NULL, '%[2]s');
		CREATE FUNCTION bench.id_at(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
		$$ SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substring(md5(n::text) FOR 3) || '8' || substring(md5('r' || n) FOR 15))::uuid $$`,
		of.ID, of.Currency))
	if err != nil {
		return nil, fmt.Errorf("open a book: %w", err)
	}
	return &reportBook{conn: conn, brand: of.ID}, nil
}

// grow adds credits to a month, spread over its days and everybody who earns: the rows of the ledger, of the credits, and what
// posting a few hundred orders at a time would have rolled up, each in a slot of its own.
func (b *reportBook) grow(ctx context.Context, month time.Time, credits int) error {
	err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		for _, sql := range append([]string{`SET LOCAL session_replication_role = replica`}, growths(b.brand, month, b.credits, b.credits+credits)...) {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("grow a book: %w", err)
	}
	b.credits += credits
	return nil
}

// settle leaves the book as one that has grown by itself: with statistics, and nothing left to write to disk.
func (b *reportBook) settle(ctx context.Context) error {
	for _, sql := range []string{`VACUUM ANALYZE`, `CHECKPOINT`} {
		if _, err := b.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("settle a book: %w", err)
		}
	}
	return nil
}

// growths are the statements that add the credits numbered after from up to to. A store earns by its customers and as the web
// team, a person by her customers.
func growths(brand shop.BrandID, month time.Time, from, to int) []string {
	drawn := fmt.Sprintf(`
		WITH drawn AS MATERIALIZED (
			SELECT g AS n, e.kind, e.id AS holder, e.account, g / 1000 %% 16 AS slot, 100 + g %% 900 AS minor,
				CASE WHEN e.kind = 'staff' THEN 'home_staff' WHEN g %% 7 < 5 THEN 'home_store' ELSE 'online_team' END AS role,
				bench.id_at('%[3]s'::timestamptz + (g::bigint * 7919 %% 2332800) * interval '1 second', g) AS id
			FROM generate_series(%[1]d + 1, %[2]d) AS g JOIN bench.earner e ON e.n = g::bigint * 104729 %% (SELECT count(*) FROM bench.earner)
		)`, from, to, month.Format(time.RFC3339))
	return []string{
		drawn + fmt.Sprintf(`
		INSERT INTO ledger_transfer (brand_id, id, kind, role, debit_account_id, credit_account_id, amount_minor, currency, order_id, parcel, line_no, fact, reason,
			month, effective_at, posted_at)
		SELECT %d, id, 'credit', role, md5('expense')::uuid, account, minor, 'TWD', id, '', 1, '', '{}', '%s', id_time(id), id_time(id) FROM drawn`,
			brand, month.Format(time.DateOnly)),
		drawn + fmt.Sprintf(`
		INSERT INTO credit (brand_id, order_id, role, beneficiary_kind, beneficiary_id, parcel, line_no, store_id, share_minor, reversed_minor, reason)
		SELECT %d, id, role, kind, holder, '', 1, holder, minor, 0, '{}' FROM drawn`, brand),
		drawn + fmt.Sprintf(`
		INSERT INTO account_day AS held (brand_id, account_id, day, kind, role, slot, debit_minor, credit_minor, entries)
		SELECT %[1]d, account, (id_time(id) AT TIME ZONE 'UTC')::date, 'credit', role, slot, 0, sum(minor), count(*) FROM drawn GROUP BY 2, 3, 5, 6
		UNION ALL
		SELECT %[1]d, md5('expense')::uuid, (id_time(id) AT TIME ZONE 'UTC')::date, 'credit', role, slot, sum(minor), 0, count(*) FROM drawn GROUP BY 3, 5, 6
		ON CONFLICT (brand_id, account_id, day, kind, role, slot) DO UPDATE SET debit_minor = held.debit_minor + excluded.debit_minor,
			credit_minor = held.credit_minor + excluded.credit_minor, entries = held.entries + excluded.entries`, brand),
	}
}
