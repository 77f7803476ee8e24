package shopper_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

func TestAPausedTagLeadsToTheBrandsSiteWithoutAClickID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct {
		why    string
		change func(*tag.Spec)
		pause  bool
	}{
		{"paused", nil, true},
		{"not yet valid", func(s *tag.Spec) { s.ValidFrom = time.Now().Add(time.Hour) }, false},
		{"over", func(s *tag.Spec) { s.ValidUntil = time.Now().Add(-time.Hour) }, false},
	} {
		made := b.issue(t, tc.change)
		if tc.pause {
			if _, err := b.tags.Pause(t.Context(), b.hq, made.ID); err != nil {
				t.Fatal(err)
			}
		}
		got := b.ask(t, "GET", "/Q/"+string(made.Code), nil)
		if got.StatusCode != 302 || got.Header.Get("Location") != "https://shop.example.test" {
			t.Errorf("%s: %d to %q", tc.why, got.StatusCode, got.Header.Get("Location"))
		}
		for _, cookie := range got.Cookies() {
			if cookie.Name == "hs_click" {
				t.Errorf("%s: a click id was given", tc.why)
			}
		}
	}
}

func TestWithoutADatabaseKnownCodesLeadOnAndOthersGetAFriendlyPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	known, other := b.issue(t, nil), b.issue(t, nil)
	if got := b.ask(t, "GET", "/Q/"+string(known.Code), nil); got.StatusCode != 302 {
		t.Fatal(got.StatusCode)
	}
	b.ask(t, "GET", "/Q/"+string(tag.NewCode()), nil) // the brand's name and site are known from here on
	b.admin(t, `ALTER DATABASE %s ALLOW_CONNECTIONS false`)
	b.admin(t, `DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'; END $$`)

	clicks := map[shop.ID]bool{}
	for range 10 {
		got := b.ask(t, "GET", "/Q/"+string(known.Code), nil)
		to, err := url.Parse(got.Header.Get("Location"))
		if err != nil || got.StatusCode != 302 {
			t.Fatalf("%d, %v", got.StatusCode, err)
		}
		id, err := b.scans.Click(b.Brand, to.Query().Get("hs_click"), time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		clicks[id] = true
	}
	got := b.ask(t, "GET", "/Q/"+string(other.Code), nil, "Accept-Language", "en")
	if got.StatusCode != 503 || got.Header.Get("Retry-After") != "5" || !strings.Contains(got.body, "right back") || !strings.Contains(got.body, `href="https://shop.example.test"`) {
		t.Fatalf("%d, Retry-After %q, %s", got.StatusCode, got.Header.Get("Retry-After"), got.body)
	}

	b.admin(t, `ALTER DATABASE %s ALLOW_CONNECTIONS true`)
	b.untilStored(t, clicks)
	if got := b.ask(t, "GET", "/Q/"+string(other.Code), nil); got.StatusCode != 302 {
		t.Fatalf("%d after the database came back", got.StatusCode)
	}
}

// untilStored returns when every one of the scans is in the database, once.
func (b *bundle) untilStored(t *testing.T, clicks map[shop.ID]bool) {
	t.Helper()
	ids := make([]shop.ID, 0, len(clicks))
	for id := range clicks {
		ids = append(ids, id)
	}
	deadline := time.After(20 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		found := 0
		err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
			scans, err := b.scans.ByClicks(t.Context(), tx, b.Brand, ids)
			found = len(scans)
			return err
		})
		if err == nil && found == len(clicks) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%d of %d scans are stored, %v", found, len(clicks), err)
		case <-look.C:
		}
	}
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
