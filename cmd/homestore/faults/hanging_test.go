package faults

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/migrations/postgres"
)

// A database that hangs is worse than one that is gone: no connection breaks. Readiness fails all the same, liveness does not, and
// a scrape answers with what is known without the database. Once it goes on, so does Homestore.
func TestReadinessFollowsADatabaseThatHangsWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	db := startDatabase(t)
	private := freeAddress(t)
	h := install(t, db, "HOMESTORE_PRIVATE_ADDR="+private)
	h.start(t)
	if m := scrape(t, private); !strings.Contains(m, `homestore_ready{check="database"} 1`) || !strings.Contains(m, `homestore_inbox_messages{state="received"} 0`) {
		t.Fatalf("before: %s", m)
	}

	db.pause(t)
	hung := time.Now()
	for status := 0; status != http.StatusServiceUnavailable; { // no answer is none
		if status, _ = get(t, h.url("/readyz")); time.Since(hung) > 5*time.Second {
			t.Fatalf("/readyz says %d %s after its database hung", status, time.Since(hung))
		}
	}
	t.Logf("not ready %s after the database hung", time.Since(hung).Round(time.Millisecond))
	if status, _ := get(t, h.url("/livez")); status != http.StatusOK {
		t.Errorf("the process lives, and says %d", status)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) { // figures are told again for some seconds
		began := time.Now()
		m := scrape(t, private)
		if took := time.Since(began); took > 4*time.Second {
			t.Fatalf("a scrape took %s", took)
		}
		if strings.Contains(m, `homestore_ready{check="database"} 0`) && !strings.Contains(m, "homestore_inbox_messages{") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("a scrape does not say that the database is away: %s", m)
		}
	}

	db.resume(t)
	back := time.Now()
	h.untilReady(t)
	if took := time.Since(back); took > 5*time.Second {
		t.Errorf("ready again only after %s", took)
	}
}

// An act that is refused at the very moment its database hangs has only the rollback left to wait for.
func TestNobodyWaitsForTheRollbackOfADatabaseThatHangs(t *testing.T) {
	t.Parallel()
	db := startDatabase(t)
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: db.url(), Role: "postgres"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	refused := errors.New("refused")
	began, timer := time.Now(), (*time.Timer)(nil)
	err = pool.Global(ctx, func(pgx.Tx) error {
		db.pause(t)
		timer = time.AfterFunc(2*slowestAnswer, func() { db.resume(t) }) // the test ends in any case
		return refused
	})
	timer.Stop()
	if took := time.Since(began); !errors.Is(err, refused) || took > slowestAnswer {
		t.Errorf("%v after %s", err, took)
	}
}

func scrape(t *testing.T, private string) string {
	t.Helper()
	status, body := get(t, "http://"+private+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("scrape: %d %s", status, body)
	}
	return body
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
