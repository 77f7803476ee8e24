package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"homestore/migrations"
)

// Migrate brings the schema up to this program's: our migrations, the queue's, the rights of the application on the queue,
// and the partitions around now. It may be run at any time and by several processes at once; one works, the others wait.
func Migrate(ctx context.Context, ownerURL string) error {
	lock, err := connectOwner(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer lock.Close(context.WithoutCancel(ctx))
	// A session lock, freed with the connection: goose and River open connections of their own.
	if _, err := lock.Exec(ctx, `SET lock_timeout = 0; SELECT pg_advisory_lock(hashtext('homestore migrations'))`); err != nil {
		return fmt.Errorf("wait for other migrations: %w", err)
	}
	if err := migrateOurs(ctx, ownerURL); err != nil {
		return err
	}
	if err := migrateQueue(ctx, ownerURL); err != nil {
		return err
	}
	return MakePartitionsAhead(ctx, ownerURL, time.Now())
}

func migrateOurs(ctx context.Context, ownerURL string) error {
	c, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return errors.New("HOMESTORE_DATABASE_URL cannot be read")
	}
	db := stdlib.OpenDB(*c)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithVerbose(false))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "42501" {
			return fmt.Errorf("migrate: %w (the owner of the schema needs the right to make roles: ALTER ROLE … CREATEROLE)", err)
		}
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func migrateQueue(ctx context.Context, ownerURL string) error {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	defer pool.Close()
	queue, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	if _, err := queue.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	_, err = pool.Exec(ctx, `
DO $$
DECLARE t record;
BEGIN
  FOR t IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'river\_%' AND c.relkind IN ('r', 'p', 'S')
  LOOP
    IF t.relkind = 'S' THEN
      EXECUTE format('GRANT USAGE, SELECT, UPDATE ON SEQUENCE %s TO homestore_app', t.name);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO homestore_app', t.name);
    END IF;
  END LOOP;
  GRANT SELECT ON goose_db_version TO homestore_app; -- so that it can say whether the schema is current
END $$`)
	if err != nil {
		return fmt.Errorf("grant the queue and the version table to the application: %w", err)
	}
	return nil
}

// ErrBehind says that the database lacks migrations of this program.
var ErrBehind = errors.New("the database lacks migrations of this program: run `homestore migrate` or `homestore serve` of it first")

// IsCurrent is nil when the database has every migration of this program, which is what readiness asks; ErrBehind when not.
func (p *Pool) IsCurrent(ctx context.Context) error {
	entries, err := migrations.Files.ReadDir(".")
	if err != nil {
		return err
	}
	var applied int
	err = p.pool.QueryRow(ctx, `SELECT count(DISTINCT version_id) FROM goose_db_version WHERE is_applied AND version_id > 0`).Scan(&applied)
	pg, failed := errors.AsType[*pgconn.PgError](err)
	// No such table, or no such role to log in as: never migrated.
	isBlank := failed && (pg.Code == "42P01" || pg.Code == "28000")
	if isBlank || err == nil && applied < len(entries) {
		return ErrBehind
	}
	return err
}
