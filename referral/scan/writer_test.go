package scan_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/scan"
)

func TestEveryClickIDOf64ScannersIsStoredOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clicks := b.crowd(t, 64, 50, nil)
	b.mustHold(t, clicks)
	if n := b.counters.Stored.Load(); n != int64(len(clicks)) {
		t.Fatalf("%d counted as stored, want %d", n, len(clicks))
	}
}

func TestScansOfADatabaseThatGoesAwayAndComesBackAreStoredOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clicks := b.crowd(t, 64, 60, func(answered func(int)) {
		answered(500)
		b.close(t) // with connections in the middle of a commit
		answered(1500)
		b.open(t)
		answered(2500)
		b.close(t)
		answered(3200)
		b.open(t)
	})
	b.untilDrained(t)
	b.mustHold(t, clicks)
	stored, spooled := b.counters.Stored.Load(), b.counters.Spooled.Load()
	if spooled == 0 || stored == 0 || stored+spooled != int64(len(clicks)) || b.counters.Lost.Load() != 0 {
		t.Fatalf("%d stored at once, %d spooled, %d lost of %d", stored, spooled, b.counters.Lost.Load(), len(clicks))
	}
	t.Logf("%d scans: %d stored at once, %d by way of the spool, 0 lost", len(clicks), stored, spooled)
}

// A table that is locked stands for a database that neither answers nor breaks the connection.
func TestAShopperWaitsABoundedTimeForASilentDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, err := pgx.Connect(t.Context(), b.owner)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	if _, err := owner.Exec(t.Context(), `BEGIN; LOCK TABLE scan IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	first := b.read(t, phone)
	waited := time.Since(begun)
	begun = time.Now()
	second := b.read(t, phone)
	if waited > 4*time.Second || time.Since(begun) > time.Second {
		t.Fatalf("the first waited %v, the second %v", waited, time.Since(begun))
	}
	if n := b.counters.Spooled.Load(); n != 2 {
		t.Fatalf("%d spooled", n)
	}
	if _, err := owner.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	b.untilDrained(t)
	b.mustHold(t, map[shop.ID]bool{first.Scan.ID: true, second.Scan.ID: true})
}

func TestWhatAKilledProcessSpooledIsStoredByTheNext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.close(t)
	promised := map[shop.ID]bool{}
	for range 20 {
		promised[b.read(t, phone).Scan.ID] = true
	}
	b.kill(t)
	files, err := filepath.Glob(filepath.Join(b.dir, "scan-*.spool"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no spool was left: %v", err)
	}
	tail, err := os.OpenFile(files[len(files)-1], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tail.WriteString("\xb0\x00\x00\x00torn in the middle of a wri"); err != nil {
		t.Fatal(err)
	}
	tail.Close()
	b.open(t)
	b.start(t)
	b.untilDrained(t)
	b.mustHold(t, promised)
	if n := b.counters.Torn.Load(); n != 1 {
		t.Fatalf("%d torn files counted", n)
	}
}

func TestAScanThatTheDatabaseRefusesIsSetAside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.read(t, phone).Scan
	alien, next := good, good
	alien.ID, alien.Kind = shop.NewID(time.Now()), "alien"
	next.ID = shop.NewID(time.Now())
	for _, s := range []scan.Scan{alien, next} {
		if err := b.writer.Store(s); err != nil {
			t.Fatal(err)
		}
	}
	b.untilDrained(t)
	b.mustHold(t, map[shop.ID]bool{good.ID: true, next.ID: true})
	if n := b.counters.Refused.Load(); n != 1 {
		t.Fatalf("%d counted as refused", n)
	}
}

func TestAScanOfAMonthWithoutAPartitionGetsOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	then := time.Date(2011, 12, 9, 12, 0, 0, 0, time.UTC)
	b.clock.Store(&then)
	old := b.read(t, phone).Scan
	b.clock.Store(nil)
	b.mustHold(t, map[shop.ID]bool{old.ID: true, b.read(t, phone).Scan.ID: true})
	if n := b.counters.Spooled.Load(); n != 0 {
		t.Fatalf("%d went to the spool", n)
	}
}

func TestAScanThatNobodyKeepsIsNotAnswered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.close(t)
	if err := b.spool.Close(); err != nil {
		t.Fatal(err)
	}
	answer, err := b.service.Record(t.Context(), b.reading(phone))
	if !errors.Is(err, scan.ErrNotKept) || answer.Click != "" || b.counters.Lost.Load() != 1 {
		t.Fatalf("%+v, %v, %d lost", answer, err, b.counters.Lost.Load())
	}
}

func TestClosingStoresWhatWaitsAndSpoolsWhatComesLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	answered := map[shop.ID]bool{}
	for range 200 {
		all.Go(func() {
			a, err := b.service.Record(context.Background(), b.reading(phone))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			answered[a.Scan.ID] = true
			mu.Unlock()
		})
	}
	b.writer.Close()
	all.Wait()
	late := b.read(t, phone)
	answered[late.Scan.ID] = true
	if b.counters.Spooled.Load() == 0 {
		t.Fatal("the late scan is not in the spool")
	}
	if err := b.spool.Close(); err != nil {
		t.Fatal(err)
	}
	b.start(t)
	b.untilDrained(t)
	b.mustHold(t, answered)
}

func TestTheScanRoleMayInsertScansAndNothingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, sql := range []string{
		`SELECT count(*) FROM scan`, `SELECT device FROM scan`, `DELETE FROM scan`, `UPDATE scan SET kind = 'bot'`, `TRUNCATE scan`,
		`SELECT * FROM customer`, `SELECT * FROM tag`, `SELECT * FROM brand`, `INSERT INTO tag_directory VALUES ('X', 1, NULL)`,
		`CREATE TABLE mine (a int)`,
	} {
		if _, err := b.scanPool.Raw().Exec(t.Context(), sql); err == nil {
			t.Errorf("it may %s", sql)
		}
	}
}

func TestScansOfSeveralBrandsShareACommitAndStayApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := postgrestest.Brand(t, b.pool)
	mine := b.read(t, phone).Scan
	theirs := mine
	theirs.Brand, theirs.ID = other.Brand, shop.NewID(time.Now())
	if err := b.writer.Store(theirs); err != nil {
		t.Fatal(err)
	}
	b.mustHold(t, map[shop.ID]bool{mine.ID: true})
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		found, err := b.service.ByClicks(t.Context(), tx, b.Brand, []shop.ID{mine.ID, theirs.ID})
		if err == nil && (len(found) != 1 || found[0].ID != mine.ID) {
			err = fmt.Errorf("one brand sees %d scans", len(found))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
