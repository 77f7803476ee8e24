package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// What doctor asks of PostgreSQL's catalogue, of the queue, and across the tables of a brand's set-up, as a report does.

func lastMigration(ctx context.Context, db postgres.DB) (int, error) {
	var last int
	err := db.QueryRow(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("read the last migration: %w", err)
	}
	return last, nil
}

// settings are what the promises of the program stand on.
type settings struct {
	Version int
	Off     []string
	Lacking []string
	Now     time.Time
}

func readSettings(ctx context.Context, db postgres.DB) (settings, error) {
	var s settings
	err := db.QueryRow(ctx, `
SELECT current_setting('server_version_num')::int,
  array(SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name),
  array(SELECT 'the extension btree_gist' WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist')
    UNION ALL
    SELECT 'the role ' || r FROM unnest(ARRAY['homestore_app', 'homestore_scan']) AS r WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r)),
  clock_timestamp()`).Scan(&s.Version, &s.Off, &s.Lacking, &s.Now)
	if err != nil {
		return settings{}, fmt.Errorf("read the settings: %w", err)
	}
	return s, nil
}

// missingPartitions are the partitioned tables that lack the partition of one of the instants, by the names that
// make_partition gives.
func missingPartitions(ctx context.Context, db postgres.DB, at []time.Time) ([]string, error) {
	rows, err := db.Query(ctx, `
SELECT DISTINCT p.relname::text
FROM pg_class p CROSS JOIN unnest($1::timestamptz[]) AS needed (at)
WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = p.oid
    AND c.relname IN (p.relname || to_char(needed.at AT TIME ZONE 'UTC', '_YYYY'), p.relname || to_char(needed.at AT TIME ZONE 'UTC', '_YYYYMM')))
ORDER BY 1`, at)
	if err != nil {
		return nil, fmt.Errorf("look for partitions: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// queueState is how the queue is doing.
type queueState struct {
	Waiting    int
	OldestWait time.Duration
	LeaderGone time.Duration // since a leader's term ended that nobody took over; zero: there is one, or nobody works at all
	Idle       time.Duration // since a chore was done, or since there is a leader, who puts some into the queue each minute
	Discarded  []givenUp
}

// givenUp counts jobs of a kind that will not be tried again.
type givenUp struct {
	Kind string
	Jobs int
}

func readQueue(ctx context.Context, db postgres.DB) (queueState, error) {
	var q queueState
	var wait, gone, idle float64
	err := db.QueryRow(ctx, `
SELECT (SELECT count(*) FROM river_job WHERE state = 'available' AND scheduled_at < now()),
  (SELECT coalesce(extract(epoch FROM now() - min(scheduled_at)), 0)::float8 FROM river_job WHERE state = 'available' AND scheduled_at < now()),
  (SELECT coalesce(extract(epoch FROM now() - max(expires_at)), 0)::float8 FROM river_leader),
  (SELECT coalesce(extract(epoch FROM now() - greatest(max(elected_at), (SELECT max(finalized_at) FROM river_job WHERE kind = 'chore' AND state = 'completed'))), 0)::float8
    FROM river_leader WHERE expires_at > now())`).Scan(&q.Waiting, &wait, &gone, &idle)
	if err != nil {
		return queueState{}, fmt.Errorf("look at the queue: %w", err)
	}
	q.OldestWait, q.LeaderGone = time.Duration(wait*float64(time.Second)), time.Duration(max(gone, 0)*float64(time.Second))
	q.Idle = time.Duration(idle * float64(time.Second))
	// A chore that failed or was killed is no finding once its next turn was done.
	rows, err := db.Query(ctx, `
SELECT CASE j.kind WHEN 'chore' THEN 'chore ' || (j.args ->> 'name') ELSE j.kind END AS kind, count(*)
FROM river_job j
WHERE j.state = 'discarded' AND j.finalized_at > now() - interval '1 day'
  AND NOT (j.kind = 'chore' AND EXISTS (SELECT FROM river_job d
    WHERE d.kind = 'chore' AND d.args ->> 'name' = j.args ->> 'name' AND d.state = 'completed' AND d.finalized_at > j.finalized_at))
GROUP BY 1
ORDER BY 1`)
	if err != nil {
		return queueState{}, fmt.Errorf("look at the queue: %w", err)
	}
	q.Discarded, err = pgx.CollectRows(rows, pgx.RowToStructByPos[givenUp])
	return q, err
}

// setUp is what a brand lacks. Each is a list of names to look for.
type setUp struct {
	StrayHosts    []string // that live tags lead to, of themselves, by a template or by a rule, and the brand does not allow
	HeadOffice    int      // people who may sign in for the whole brand
	EmptyStores   []string // open ones where nobody works today
	DeadPlatforms []string // connected platforms whose messages nobody could check or place
}

func readSetUp(ctx context.Context, tx pgx.Tx, brand shop.BrandID, today time.Time) (setUp, error) {
	var s setUp
	err := tx.QueryRow(ctx, `
SELECT
  array(SELECT DISTINCT h.host FROM tag t JOIN brand b ON b.brand_id = t.brand_id
    LEFT JOIN tag_template p ON p.brand_id = $1 AND p.name = t.template
    CROSS JOIN LATERAL (
      SELECT coalesce(p.address, t.destination) AS address
      UNION ALL
      SELECT coalesce(q.address, r ->> 'destination') FROM jsonb_array_elements(t.rules) AS r
      LEFT JOIN tag_template q ON q.brand_id = $1 AND q.name = r ->> 'template') AS a
    CROSS JOIN LATERAL (SELECT lower(substring(a.address FROM '^[a-z]+://([^/?#]+)')) AS host) AS h
    WHERE t.brand_id = $1 AND t.state = 'live' AND h.host IS NOT NULL AND h.host <> ALL (b.allowed_hosts) ORDER BY 1),
  (SELECT count(*) FROM staff WHERE brand_id = $1 AND brand_role = 'hq' AND password_hash IS NOT NULL AND revoked_at IS NULL AND (left_on IS NULL OR left_on >= $2)),
  array(SELECT s.code FROM store s
    WHERE s.brand_id = $1 AND s.kind IN ('shop', 'counter', 'popup') AND s.opened_on <= $2 AND (s.closed_on IS NULL OR s.closed_on >= $2)
      AND NOT EXISTS (SELECT FROM assignment a WHERE a.brand_id = $1 AND a.store_id = s.id AND a.days @> $2::date) ORDER BY 1),
  array(SELECT k.name FROM integration_key k LEFT JOIN store s ON s.brand_id = $1 AND s.id = k.store_id
    WHERE k.brand_id = $1 AND k.platform <> 'api' AND k.revoked_at IS NULL AND (k.webhook_secret IS NULL OR s.id IS NULL OR s.closed_on < $2
      OR NOT EXISTS (SELECT FROM integration_directory d WHERE d.brand_id = $1 AND d.key_id = k.id)) ORDER BY 1)`,
		brand, today).Scan(&s.StrayHosts, &s.HeadOffice, &s.EmptyStores, &s.DeadPlatforms)
	if err != nil {
		return setUp{}, fmt.Errorf("look at the set-up: %w", err)
	}
	return s, nil
}
