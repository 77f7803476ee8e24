package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/migrations/postgres"
)

// queueDepth is how many jobs of one kind are in one state.
type queueDepth struct {
	Kind          string
	State         string
	Jobs          int64
	OldestSeconds float64
}

// queueDepths counts the jobs that are not done: River's own table has no brand, and the states make it an index's work. What is
// done stays out, for it is a day's history.
func queueDepths(ctx context.Context, db postgres.DB) ([]queueDepth, error) {
	rows, err := db.Query(ctx, `
		SELECT kind, state::text, count(*),
			greatest(extract(epoch FROM now() - min(CASE state WHEN 'available' THEN scheduled_at WHEN 'running' THEN attempted_at ELSE created_at END)), 0)::float8
		FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled', 'discarded')
		GROUP BY kind, state
		ORDER BY kind, state`)
	if err != nil {
		return nil, fmt.Errorf("count jobs of the queue: %w", err)
	}
	depths, err := pgx.CollectRows(rows, pgx.RowToStructByPos[queueDepth])
	if err != nil {
		return nil, fmt.Errorf("count jobs of the queue: %w", err)
	}
	return depths, nil
}
