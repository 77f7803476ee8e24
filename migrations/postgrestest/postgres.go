package postgrestest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/jackc/pgx/v5"

	"homestore/migrations"
	"homestore/migrations/postgres"
)

// template is a database to clone. Its name says what is in it.
type template struct {
	name  string
	build func(ctx context.Context, ownerURL string) error
}

// migrated is the template with all migrations of this program.
var migrated = sync.OnceValue(func() template {
	return template{name: templateName(migrations.Files), build: postgres.Migrate}
})

// templateName changes with every byte and every file name of the migrations.
func templateName(files fs.FS) string {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		panic(err) // the files are inside the program
	}
	return fmt.Sprintf("homestore_template_%x", sum.Sum(nil)[:8])
}

// ensured holds the names of templates that this process has seen ready.
var ensured sync.Map

// ensure makes the template when it is not there. Test binaries take turns, whatever template they want: building one also
// makes roles, which belong to the whole server.
func (tpl template) ensure(ctx context.Context, adminURL string) error {
	if _, ok := ensured.Load(tpl.name); ok {
		return nil
	}
	admin, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer admin.Close(context.WithoutCancel(ctx)) // and with it the lock
	if _, err := admin.Exec(ctx, `SELECT pg_advisory_lock(hashtext('homestore test templates'))`); err != nil {
		return fmt.Errorf("wait for the template: %w", err)
	}
	ready, err := tpl.ready(ctx, admin)
	if err == nil && !ready {
		err = tpl.make(ctx, admin, adminURL)
	}
	if err != nil {
		return fmt.Errorf("make template %s: %w", tpl.name, err)
	}
	ensured.Store(tpl.name, true)
	return nil
}

func (tpl template) ready(ctx context.Context, admin *pgx.Conn) (ready bool, err error) {
	err = admin.QueryRow(ctx, `SELECT datistemplate FROM pg_database WHERE datname = $1`, tpl.name).Scan(&ready)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return ready, err
}

func (tpl template) make(ctx context.Context, admin *pgx.Conn, adminURL string) error {
	// A builder that was killed has left half a template.
	if _, err := admin.Exec(ctx, `DROP DATABASE IF EXISTS `+quoted(tpl.name)+` WITH (FORCE)`); err != nil {
		return err
	}
	if _, err := admin.Exec(ctx, `CREATE DATABASE `+quoted(tpl.name)+` TEMPLATE template0`); err != nil {
		return err
	}
	if err := tpl.build(ctx, withSetting(adminURL, "dbname", tpl.name)); err != nil {
		return err
	}
	// Marked last, so that half a template is never cloned; closed, because a template with a visitor cannot be cloned.
	_, err := admin.Exec(ctx, `ALTER DATABASE `+quoted(tpl.name)+` WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`)
	return err
}

func createDatabase(ctx context.Context, adminURL, name, from string) error {
	admin, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer admin.Close(context.WithoutCancel(ctx))
	// file_copy copies whole files; the default writes every page to the log first (15 ms against 70).
	if _, err := admin.Exec(ctx, `CREATE DATABASE `+quoted(name)+` TEMPLATE `+quoted(from)+` STRATEGY file_copy`); err != nil {
		return fmt.Errorf("clone %s: %w", from, err)
	}
	return nil
}

func dropDatabase(ctx context.Context, adminURL, name string) error {
	admin, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer admin.Close(context.WithoutCancel(ctx))
	// FORCE: a test that forgot to close a connection still leaves nothing.
	if _, err := admin.Exec(ctx, `DROP DATABASE IF EXISTS `+quoted(name)+` WITH (FORCE)`); err != nil {
		return fmt.Errorf("drop %s: %w", name, err)
	}
	return nil
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
