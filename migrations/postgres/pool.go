package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"homestore/clienteling/shop"
)

// The two roles that the program itself connects as. The owner of the schema is whoever migrates.
const (
	RoleApp  = "homestore_app"  // reads and writes one brand at a time, changes neither the schema nor the ledger's past
	RoleScan = "homestore_scan" // inserts scans of any brand, may do nothing else
)

// Config says where the database is. URLs are DSNs or connection URIs as libpq writes them.
type Config struct {
	URL            string          // for work; unless it logs in as Role, it must be a member of it
	Role           string          // RoleApp when empty
	OwnerURL       string          // makes partitions that are missing; empty: they are an error
	MaxConnections int32           // 0: pgx's default
	Tracer         pgx.QueryTracer // hears of every statement; nil: nobody does
}

// DB is a pool or a transaction: what a read needs.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Pool is the open database.
type Pool struct {
	pool  *pgxpool.Pool
	owner string
}

// connectWithin leaves a request that has to connect first some of its deadline.
const connectWithin = 3 * time.Second

// Open prepares a pool. It does not wait for the database: a pool of a database that is away opens, and its
// transactions fail with an error of which IsDown is true until it is back.
func Open(ctx context.Context, cfg Config) (*Pool, error) {
	c, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, errors.New("the database URL cannot be read") // not wrapped: pgx repeats the URL, and with it the password
	}
	role := cfg.Role
	if role == "" {
		role = RoleApp
	}
	if c.ConnConfig.User != role {
		c.ConnConfig.RuntimeParams["role"] = role
	}
	c.ConnConfig.RuntimeParams["timezone"] = "UTC"
	c.ConnConfig.ConnectTimeout = connectWithin
	c.ConnConfig.Tracer = cfg.Tracer
	if cfg.MaxConnections > 0 {
		c.MaxConns = cfg.MaxConnections
	}
	c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		registerID(conn.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &Pool{pool: pool, owner: cfg.OwnerURL}, nil
}

// closeWithin is how long Close waits for connections. One that was given up while the database hung is closed by pgx in the
// background, which takes 15 s; several, one pool after the other, would outlast the patience of whoever stops the process.
const closeWithin = 2 * time.Second

// Close closes all connections and waits for those that are in use, closeWithin at most. What is left ends with the process.
func (p *Pool) Close() {
	closed := make(chan struct{})
	go func() {
		p.pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closeWithin):
	}
}

// Raw is the pool itself: for the queue, for LISTEN, and for the writer of scans. No brand is set on it, so row-level
// security shows it no row of any brand.
func (p *Pool) Raw() *pgxpool.Pool { return p.pool }

// Ping says whether the database answers.
func (p *Pool) Ping(ctx context.Context) error { return p.pool.Ping(ctx) }

// Brand runs act in one transaction of one brand and commits it; any error rolls it back and is returned, a violated
// constraint as the refusal that RefuseOn gave it. After a deadlock, a failed serialization or a missing partition (which is
// made) act runs again from the start, so it must not touch anything but tx and what it sets anew.
func (p *Pool) Brand(ctx context.Context, brand shop.BrandID, act func(tx pgx.Tx) error) error {
	return p.run(ctx, pgx.TxOptions{}, setBrand(brand), act)
}

// Read is Brand for reading: the database refuses to write.
func (p *Pool) Read(ctx context.Context, brand shop.BrandID, act func(tx pgx.Tx) error) error {
	return p.run(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, setBrand(brand), act)
}

// Snapshot is Read of one instant: whatever others commit meanwhile, each query of act sees the database as the first one saw
// it. While it runs nothing that is deleted can be cleaned up, so act says how long it may take.
func (p *Pool) Snapshot(ctx context.Context, brand shop.BrandID, act func(tx pgx.Tx) error) error {
	return p.run(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, setBrand(brand), act)
}

// Global runs act in a transaction without a brand: for the reference tables, which alone have rows then.
func (p *Pool) Global(ctx context.Context, act func(tx pgx.Tx) error) error {
	return p.run(ctx, pgx.TxOptions{}, "SET LOCAL app.brand = ''", act)
}

// setBrand is a literal, not set_config(): the latter does not reach the workers of a sharded database.
func setBrand(brand shop.BrandID) string { return fmt.Sprintf("SET LOCAL app.brand = '%d'", brand) }

// An act runs at most this many times: one for a missing partition, the others for deadlocks and failed serializations.
const maxRuns = 5

func (p *Pool) run(ctx context.Context, opt pgx.TxOptions, set string, act func(tx pgx.Tx) error) error {
	for n := 1; ; n++ {
		err := p.once(ctx, opt, set, act)
		if err == nil {
			return nil
		}
		if n == maxRuns || ctx.Err() != nil {
			return refused(err)
		}
		if row, ok := errors.AsType[missingPartition](err); ok && p.owner != "" {
			if err := MakePartitions(ctx, p.owner, row.at, row.at); err != nil {
				return err
			}
			continue
		}
		if !worthAnotherRun(err) {
			return refused(err)
		}
		select {
		case <-ctx.Done():
			return refused(err)
		case <-time.After(time.Duration(rand.IntN(10*n)+1) * time.Millisecond):
		}
	}
}

// once sends BEGIN and SET LOCAL in one round trip, then runs act.
func (p *Pool) once(ctx context.Context, opt pgx.TxOptions, set string, act func(tx pgx.Tx) error) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("acquire connection: %w", err)
	}
	defer conn.Release()
	batch := &pgx.Batch{}
	batch.BeginTx(opt)
	batch.Queue(set)
	begun := conn.SendBatch(ctx, batch)
	tx := begun.Tx()
	// After a commit this does nothing. With a ctx that is over it closes the connection, which ends the transaction, too; a
	// rollback with more time than its caller has would wait for a database that hangs.
	defer func() { _ = tx.Rollback(ctx) }()
	if err := begun.Close(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := act(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
