package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"homestore/migrations/embedded"
)

// URLVariable names the server of a whole test run: the DSN of a user who may make databases and roles.
const URLVariable = "HOMESTORE_TEST_DATABASE_URL"

// maxConnections is for a few test binaries at once, each with a few pools: a connection costs a server little.
const maxConnections = 200

// server starts this process's own server once, or finds the run's.
var server = sync.OnceValues(func() (adminURL string, err error) {
	if url := os.Getenv(URLVariable); url != "" {
		return url, nil
	}
	s, err := StartServer(context.Background())
	if err != nil {
		return "", err
	}
	return s.DSN("postgres"), nil // nobody stops it: it dies with this process
})

// StartServer starts the throwaway server that a test run uses.
func StartServer(ctx context.Context) (*embedded.Server, error) {
	// Long enough to fetch binaries once over a slow line.
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return embedded.Start(ctx, embedded.Config{Throwaway: true, MaxConnections: maxConnections})
}

// needServer returns the admin's DSN, or ends the test: skipped when the machine has no PostgreSQL, failed when CI is set
// or when there is one that does not work.
func needServer(t testing.TB) string {
	t.Helper()
	url, err := server()
	if err != nil {
		giveUp(t, err, os.Getenv("CI") != "")
	}
	return url
}

func giveUp(t testing.TB, err error, inCI bool) {
	t.Helper()
	if errors.Is(err, embedded.ErrNotInstalled) && !inCI {
		t.Skip("SKIP, this test needs PostgreSQL:", err)
	}
	t.Fatal(fmt.Errorf("get a test database: %w", err))
}
