package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

var errTwice = shop.Refuse(shop.Conflict, "test_twice", "Twice.")

var _ = postgres.RefuseOn("audit_pkey", errTwice)

const insertAudit = `
INSERT INTO audit (brand_id, id, actor, act, detail, recorded_at) VALUES ($1, $2, 'test', 'test', '{}', $3)`

func TestMissingPartitionIsMadeAndTheActRunsAgain(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	old := time.Date(1999, 5, 6, 0, 0, 0, 0, time.UTC)
	runs := 0
	err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
		runs++
		_, err := tx.Exec(t.Context(), insertAudit, f.Brand, shop.NewID(old), old)
		return postgres.RowAt(old, err)
	})
	if err != nil || runs != 2 {
		t.Fatalf("%d runs, %v", runs, err)
	}
}

// The key of a partition has a name of PostgreSQL's own making, which must find the same refusal.
func TestViolatedConstraintBecomesItsRefusal(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	now := time.Now()
	id := shop.NewID(now)
	err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), insertAudit, f.Brand, id, now); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), insertAudit, f.Brand, id, now)
		return err
	})
	if !errors.Is(err, errTwice) {
		t.Fatalf("got %v", err)
	}
}

func TestFailedActLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	now := time.Now()
	stop := errors.New("stop")
	err := pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), insertAudit, f.Brand, shop.NewID(now), now); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	err = pool.Read(t.Context(), f.Brand, func(tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(t.Context(), `SELECT count(*) FROM audit`).Scan(&n)
		if n != 0 {
			t.Errorf("%d rows stayed", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Two acts that lock the same rows the wrong way round: PostgreSQL ends one of them, which runs again and succeeds.
func TestDeadlockNeverReachesTheCaller(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	var both sync.WaitGroup
	both.Add(2)
	lock := func(first, second shop.ID) error {
		once := sync.OnceFunc(func() { both.Done(); both.Wait() })
		return pool.Brand(t.Context(), f.Brand, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SELECT FROM store WHERE brand_id = $1 AND id = $2 FOR UPDATE`, f.Brand, first); err != nil {
				return err
			}
			once() // each has its first row before either asks for its second
			_, err := tx.Exec(t.Context(), `SELECT FROM store WHERE brand_id = $1 AND id = $2 FOR UPDATE`, f.Brand, second)
			return err
		})
	}
	failed := make(chan error, 2)
	go func() { failed <- lock(f.S1, f.S2) }()
	go func() { failed <- lock(f.S2, f.S1) }()
	for range 2 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func TestDatabaseThatIsAwayIsSaidToBe(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: "host=" + t.TempDir() + " user=homestore_app dbname=none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	err = pool.Brand(t.Context(), 1, func(pgx.Tx) error { return nil })
	if !postgres.IsDown(err) {
		t.Fatalf("IsDown is false for %v", err)
	}
	if postgres.IsDown(errTwice) || postgres.IsDown(nil) {
		t.Fatal("a refusal is no outage")
	}
}

func TestDatabaseThatWasNeverMigratedIsBehind(t *testing.T) {
	t.Parallel()
	migrated := postgrestest.New(t)
	if err := migrated.IsCurrent(t.Context()); err != nil {
		t.Errorf("a migrated database: %v", err)
	}
	owner, _ := postgrestest.DSNs(t)
	blank, err := postgres.Open(t.Context(), postgres.Config{URL: owner + " dbname=postgres", Role: "postgres"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(blank.Close)
	if err := blank.IsCurrent(t.Context()); !errors.Is(err, postgres.ErrBehind) {
		t.Errorf("a database without tables: %v", err)
	}
}

// A connection that nobody gives back is what one looks like whose database hangs.
func TestCloseDoesNotWaitForAConnectionThatNeverComesBack(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	conn, err := pool.Raw().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Fatal("Close waits still")
	}
}
