package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"homestore/migrations/postgres"
)

// poolSize lets sixteen goroutines of a racing test wait for few connections: that is how production looks.
const poolSize = 8

// New returns a pool of this test's own migrated database, as the application's role. The pool is closed and the database
// dropped when the test ends. A second New in the same test opens the same database.
func New(t testing.TB) *postgres.Pool {
	t.Helper()
	owner, _ := DSNs(t)
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: owner, OwnerURL: owner, MaxConnections: poolSize})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// DSNs names this test's own migrated database (the same that New opens) as the owner of its schema and as the
// application's role.
func DSNs(t testing.TB) (owner, app string) {
	t.Helper()
	owner = databaseOf(t, migrated())
	return owner, withSetting(owner, "role", postgres.RoleApp)
}

var (
	databases  sync.Map // testing.TB → owner's DSN
	madeHere   atomic.Int64
	processTag = fmt.Sprintf("%d_%s", os.Getpid(), time.Now().UTC().Format("150405")) // process numbers are used again
)

// databaseOf clones the template for a test, once, and drops the clone at its end.
func databaseOf(t testing.TB, from template) (ownerURL string) {
	t.Helper()
	if known, ok := databases.Load(t); ok {
		return known.(string)
	}
	admin := needServer(t)
	if err := from.ensure(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("homestore_test_%s_%d", processTag, madeHere.Add(1))
	if err := createDatabase(t.Context(), admin, name, from.name); err != nil {
		t.Fatal(err)
	}
	ownerURL = withSetting(admin, "dbname", name)
	databases.Store(t, ownerURL)
	t.Cleanup(func() {
		databases.Delete(t)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own context has ended
		defer cancel()
		if err := dropDatabase(ctx, admin, name); err != nil {
			t.Error(err)
		}
	})
	return ownerURL
}

// withSetting changes one setting of a DSN, in either of the forms that PostgreSQL knows.
func withSetting(dsn, key, value string) string {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " " + key + "='" + value + "'" // the last of a key counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn // pgx will say what is wrong with it
	}
	query := u.Query()
	if key == "dbname" {
		u.Path = "/" + value
		query.Del("dbname")
	} else {
		query.Set(key, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
