package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// missingPartition is an insert for which no partition was there, with what PostgreSQL does not say under row-level
// security: when the row lies.
type missingPartition struct {
	error
	at time.Time
}

func (m missingPartition) Unwrap() error { return m.error }

// RowAt is what an insert into a partitioned table returns its error through when the row's time may be any (imports bring
// 2010): if the error is that no partition takes the row, the pool makes the partitions of that time and runs the act again.
// Every other error, and nil, comes back unchanged.
func RowAt(at time.Time, err error) error {
	if LacksPartition(err) {
		return missingPartition{err, at}
	}
	return err
}

// LacksPartition says whether nothing is wrong with a row but that no partition takes it yet. PostgreSQL has no code of its own for
// that, and says its message in the server's language: the routine that raised it is what does not change.
func LacksPartition(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "23514" && pg.Routine == "ExecFindPartition"
}

// MakePartitionsAhead makes, for every partitioned table, the partitions of the month before now up to two months after.
func MakePartitionsAhead(ctx context.Context, ownerURL string, now time.Time) error {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return MakePartitions(ctx, ownerURL, first.AddDate(0, -1, 0), first.AddDate(0, 2, 0))
}

// MakePartitions makes, as the owner of the schema, the partitions of every partitioned table for the months from one
// instant to another, both included. What is there stays as it is.
func MakePartitions(ctx context.Context, ownerURL string, from, to time.Time) error {
	conn, err := connectOwner(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT relname::text FROM pg_class WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace ORDER BY relname`)
	if err != nil {
		return fmt.Errorf("list partitioned tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list partitioned tables: %w", err)
	}
	from, to = from.UTC(), to.UTC()
	for month := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); !month.After(to); month = month.AddDate(0, 1, 0) {
		for _, table := range tables {
			if err := makePartition(ctx, conn, table, month); err != nil {
				return err
			}
		}
	}
	return nil
}

// makePartition makes one table's month or year. Attaching waits for writers in flight, so it asks for the lock half a
// second at a time and lets them pass between.
func makePartition(ctx context.Context, conn *pgx.Conn, table string, at time.Time) error {
	for {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			// Two processes that miss the same partition make it one after the other; the second finds it.
			_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('homestore partitions'))`)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `CALL make_partition($1, $2)`, table, at)
			return err
		})
		pg, ok := errors.AsType[*pgconn.PgError](err)
		switch {
		case err == nil:
			return nil
		case ok && pg.Code == "55P03": // lock_not_available
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		default:
			return fmt.Errorf("make partition of %s for %s: %w", table, at.Format("2006-01"), err)
		}
	}
}

func connectOwner(ctx context.Context, ownerURL string) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return nil, errors.New("HOMESTORE_DATABASE_URL cannot be read: it is postgres://user:password@host/database, or host=… user=… dbname=…")
	}
	c.RuntimeParams["lock_timeout"] = "500ms"
	c.RuntimeParams["timezone"] = "UTC"
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect as owner: %w", err)
	}
	return conn, nil
}

// Analyze has the planner look at every table, as the owner: what a large import ends with.
func Analyze(ctx context.Context, ownerURL string) error {
	conn, err := connectOwner(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}
