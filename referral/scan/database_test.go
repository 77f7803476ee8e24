package scan_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/scan"
)

// crowd lets people read the tag at the same time and returns the scans that their click ids vouch for. meanwhile runs
// beside them, and they go on until it is over; answered waits until so many have been answered.
func (b *bundle) crowd(t *testing.T, people, each int, meanwhile func(answered func(int))) map[shop.ID]bool {
	t.Helper()
	var mu sync.Mutex
	more := sync.NewCond(&mu)
	clicks := map[shop.ID]bool{}
	var isOver atomic.Bool
	isOver.Store(meanwhile == nil)
	var all sync.WaitGroup
	for range people {
		all.Go(func() {
			for n := 0; n < each || !isOver.Load(); n++ {
				a, err := b.service.Record(context.Background(), b.reading(phone))
				if err != nil {
					t.Error(err)
				}
				id, err := b.service.Click(b.Brand, a.Click, time.Now(), time.Hour)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if clicks[id] {
					t.Errorf("the click id of %s was given twice", id)
				}
				clicks[id] = true
				more.Broadcast()
				mu.Unlock()
			}
		})
	}
	if meanwhile != nil {
		func() {
			defer isOver.Store(true) // also when it fails the test
			meanwhile(func(n int) {
				mu.Lock()
				defer mu.Unlock()
				for len(clicks) < n && !t.Failed() {
					more.Wait()
				}
			})
		}()
	}
	all.Wait()
	return clicks
}

func (b *bundle) start(t *testing.T) {
	t.Helper()
	b.counters = &scan.Counters{}
	var err error
	if b.spool, err = scan.OpenSpool(b.dir, b.counters); err != nil {
		t.Fatal(err)
	}
	b.scanPool, err = postgres.Open(context.Background(), postgres.Config{URL: b.owner, Role: postgres.RoleScan, OwnerURL: b.owner, MaxConnections: 3})
	if err != nil {
		t.Fatal(err)
	}
	b.writer = scan.NewWriter(b.scanPool, b.spool, b.counters, slog.New(slog.NewTextHandler(&b.log, nil)))
	writer, spool, pool := b.writer, b.spool, b.scanPool
	t.Cleanup(func() {
		writer.Close()
		spool.Close()
		pool.Close()
	})
	b.service = scan.New(scan.Parts{Pool: b.pool, Writer: b.writer, Keys: b.keys, Devices: b.devices, Counters: b.counters, Now: func() time.Time { return b.now() }})
}

// logged is what the writers have said.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// kill ends the writer's hold on the spool without letting it store anything more.
func (b *bundle) kill(t *testing.T) {
	t.Helper()
	b.writer.Close() // the database is closed: nothing can be drained by this
	if err := b.spool.Close(); err != nil {
		t.Fatal(err)
	}
}

// close cuts every connection to the test's database and lets nobody in, as a server that was stopped; open ends that.
func (b *bundle) close(t *testing.T) {
	t.Helper()
	b.admin(t, `ALTER DATABASE %s ALLOW_CONNECTIONS false`)
	b.admin(t, `DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'; END $$`)
}

func (b *bundle) open(t *testing.T) {
	t.Helper()
	b.admin(t, `ALTER DATABASE %s ALLOW_CONNECTIONS true`)
}

func (b *bundle) admin(t *testing.T, sql string) {
	t.Helper()
	cfg, err := pgx.ParseConfig(b.owner)
	if err != nil {
		t.Fatal(err)
	}
	name := cfg.Database
	cfg.Database = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), fmt.Sprintf(sql, name)); err != nil {
		t.Fatal(err)
	}
}

// untilDrained returns when the spool is empty.
func (b *bundle) untilDrained(t *testing.T) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !b.spool.IsEmpty() {
		select {
		case <-deadline:
			t.Fatal("the spool is not drained")
		case <-look.C:
		}
	}
}

// mustHold fails unless the brand's scans are exactly these.
func (b *bundle) mustHold(t *testing.T, want map[shop.ID]bool) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), b.owner) // the pools may still hold connections that were cut
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), fmt.Sprintf(`SET app.brand = '%d'`, b.Brand)); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `SELECT id FROM scan WHERE brand_id = $1`, b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d scans are stored, want %d", len(got), len(want))
	}
	for _, id := range got {
		if !want[shop.ID(id)] {
			t.Fatalf("%x is stored and was not promised", id)
		}
	}
}
