package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"homestore/migrations/embedded"
	"homestore/migrations/postgres"
)

// database is the PostgreSQL that a command works with: a given one, or a private one that lives as long as the command.
type database struct {
	ownerURL string
	appURL   string
	scanURL  string
	private  *embedded.Server // nil: a given one, or another process's
}

// openDatabase finds or starts the database and brings its schema up to date.
func openDatabase(ctx context.Context, cfg Config, log *slog.Logger) (*database, error) {
	db, err := findDatabase(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, db.ownerURL); err != nil {
		return nil, errors.Join(err, db.stop())
	}
	return db, nil
}

// findDatabase takes the given database or starts the private one. Where a running `homestore serve` has it already, it is
// used beside that.
func findDatabase(ctx context.Context, cfg Config, log *slog.Logger) (*database, error) {
	if url := string(cfg.DatabaseURL); url != "" {
		return &database{ownerURL: url, appURL: cmp.Or(string(cfg.AppDatabaseURL), url), scanURL: cmp.Or(string(cfg.ScanDatabaseURL), url)}, nil
	}
	server, err := embedded.Start(ctx, embedded.Config{DataDir: cfg.postgresDir(), Log: log})
	if errors.Is(err, embedded.ErrInUse) {
		owner, err := embedded.RunningDSN(cfg.postgresDir(), "postgres")
		return asEachRole(owner), err
	}
	if err != nil {
		return nil, fmt.Errorf("start the private PostgreSQL: %w", err)
	}
	db := asEachRole(server.DSN("postgres"))
	db.private = server
	return db, nil
}

// throwawayDatabase is a private PostgreSQL in memory that is gone with the command: what scenarios are played on.
func throwawayDatabase(ctx context.Context, log *slog.Logger) (*database, error) {
	server, err := embedded.Start(ctx, embedded.Config{Throwaway: true, Log: log})
	if err != nil {
		return nil, fmt.Errorf("start a throwaway PostgreSQL: %w", err)
	}
	db := asEachRole(server.DSN("postgres"))
	db.private = server
	if err := postgres.Migrate(ctx, db.ownerURL); err != nil {
		return nil, errors.Join(err, db.stop())
	}
	return db, nil
}

// asEachRole: a private server trusts its socket, which only its owner reaches, so each role logs in as itself.
func asEachRole(owner string) *database {
	return &database{ownerURL: owner, appURL: owner + " user=" + postgres.RoleApp, scanURL: owner + " user=" + postgres.RoleScan}
}

// databaseStopsWithin is for PostgreSQL's last checkpoint on a slow disk; what it cannot finish it recovers at the next start.
const databaseStopsWithin = 20 * time.Second

// stop ends a private server as PostgreSQL likes it best; a given one is left alone.
func (d *database) stop() error {
	if d.private == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), databaseStopsWithin)
	defer cancel()
	return d.private.Stop(ctx)
}

// gone is closed when a private server has ended by itself; a given one never says so.
func (d *database) gone() <-chan struct{} {
	if d.private == nil {
		return nil
	}
	return d.private.Done()
}
