package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/embedded"
	"homestore/migrations/postgres"
	"homestore/referral/tag"
)

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// get asks a running Homestore, without following redirects, as a person's phone.
func (r running) get(t *testing.T, path, token string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.cfg.PublicURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", phone)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, string(b)}
}

// While the database is away: not ready, the API says when to come again, cached codes keep redirecting, and every click id
// that was given out is a scan that is stored once it is back. Nobody has to restart anything.
func TestDatabaseAwayAndBack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	log := slog.New(slog.DiscardHandler)
	start := func() *embedded.Server {
		server, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := start()
	t.Cleanup(func() { _ = server.Stop(context.WithoutCancel(t.Context())) })
	db := asEachRole(server.DSN("postgres"))
	if err := postgres.Migrate(t.Context(), db.ownerURL); err != nil {
		t.Fatal(err)
	}
	r := runHomestoreOn(t, db)
	seedInto(t, r, db)
	hq := r.signInHQ(t)
	code := "/q/" + r.firstTag(t, hq)
	if a := r.get(t, code, ""); a.status != http.StatusFound {
		t.Fatalf("before: %d", a.status)
	}

	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "readiness fails", func() bool { return r.get(t, "/readyz", "").status == http.StatusServiceUnavailable })
	if a := r.get(t, "/v1/manager/stores", hq); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("the API answers %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
	clicks := scanManyTimes(t, r, code)

	server = start()
	until(t, "readiness is back", func() bool { return r.get(t, "/readyz", "").status == http.StatusOK })
	until(t, "every scan is stored", func() bool { return countScans(t, db, clicks) == len(clicks) })
	if a := r.get(t, "/v1/manager/stores", hq); a.status != http.StatusOK {
		t.Errorf("afterwards the API answers %d: %s", a.status, a.body)
	}
}

// scanManyTimes scans from several phones at once and returns the click ids that they got.
func scanManyTimes(t *testing.T, r running, code string) []string {
	t.Helper()
	var mu sync.Mutex
	var clicks []string
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			a := r.get(t, code, "")
			to, err := url.Parse(a.header.Get("Location"))
			if a.status != http.StatusFound || err != nil {
				t.Errorf("a cached code answers %d: %.200s", a.status, a.body)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			clicks = append(clicks, to.Query().Get(tag.ClickParameter))
		})
	}
	all.Wait()
	return clicks
}

// countScans is how many scans the database has beyond the one from before the outage.
func countScans(t *testing.T, db *database, clicks []string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var all, distinct int
	if err := conn.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT id) FROM scan`).Scan(&all, &distinct); err != nil {
		t.Fatal(err)
	}
	if all != distinct || all-1 > len(clicks) {
		t.Fatalf("%d scans, %d distinct, for %d click ids and one before", all, distinct, len(clicks))
	}
	return all - 1
}

func seedInto(t *testing.T, r running, db *database) {
	t.Helper()
	err := doWithDomain(t.Context(), r.cfg, db, slog.New(slog.DiscardHandler), func(d *domain) error {
		s, err := readSeed()
		if err != nil {
			return err
		}
		_, err = d.seedBrandOf(t.Context(), s, r.cfg.PublicURL)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r running) signInHQ(t *testing.T) (token string) {
	t.Helper()
	s, err := readSeed()
	if err != nil {
		t.Fatal(err)
	}
	j := &journey{seed: s, api: r.cfg.PublicURL, local: "http://" + r.cfg.LocalAddr, out: io.Discard, client: client{http: http.DefaultClient}}
	if err := j.signInHQ(t.Context()); err != nil {
		t.Fatal(err)
	}
	return j.hq
}

func (r running) firstTag(t *testing.T, hq string) (code string) {
	t.Helper()
	var tags struct {
		Items []struct {
			ID   shop.ID `json:"id"`
			Code string  `json:"code"`
		} `json:"items"`
	}
	a := r.get(t, "/v1/manager/tags", hq)
	if err := json.Unmarshal([]byte(a.body), &tags); err != nil || len(tags.Items) == 0 {
		t.Fatalf("no tags: %v %s", err, a.body)
	}
	return tags.Items[0].Code
}
