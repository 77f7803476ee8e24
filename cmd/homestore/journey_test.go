package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"homestore/api/contracttest"
)

// running is a Homestore of a test on a PostgreSQL in memory, with ports of its own.
type running struct {
	cfg  Config
	log  *lockedBuffer
	stop func() error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func runHomestore(t *testing.T) running {
	t.Helper()
	db, err := throwawayDatabase(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.stop() }) // after the one that stops what runs on it
	return runHomestoreOn(t, db)
}

func runHomestoreOn(t *testing.T, db *database, settings ...func(*Config)) running {
	t.Helper()
	cfg, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Addr, cfg.LocalAddr, cfg.PrivateAddr = t.TempDir(), freeAddress(t), freeAddress(t), freeAddress(t)
	cfg.PublicURL = "http://" + cfg.Addr
	for _, set := range settings {
		set(&cfg)
	}
	r := running{cfg: cfg, log: &lockedBuffer{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		ended <- serveOn(ctx, cfg, db, slog.New(slog.NewJSONHandler(r.log, nil)), io.Discard, true, true)
	}()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = r.stop() })
	until(t, "the API is ready", func() bool {
		resp, err := http.Get(cfg.PublicURL + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return r
}

// until waits for something that another process or goroutine does, a minute at most. It asks seldom enough for the rate
// that one person may ask at.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(150 * time.Millisecond)
	}
}

// The whole journey over a real socket, every answer held against the contract, and nothing of hers in the log.
func TestJourneyPlaysThrough(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zbarimg"); err != nil && os.Getenv("CI") == "" {
		t.Skip("zbarimg is not here; make deps installs it")
	}
	r := runHomestore(t)
	var out strings.Builder
	operations := map[string]bool{}
	err := playJourney(t.Context(), r.cfg.PublicURL, "http://"+r.cfg.LocalAddr, &out, func(req *http.Request, resp *http.Response, body []byte) {
		if req.URL.Host != r.cfg.Addr {
			return // the local FCM is not ours to promise
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		contracttest.Check(t, req, resp)
		operations[req.Method+" "+req.URL.Path] = true
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if len(operations) < 20 {
		t.Errorf("only %d operations were called", len(operations))
	}
	// It can be played again on what is there.
	if err := playJourney(t.Context(), r.cfg.PublicURL, "http://"+r.cfg.LocalAddr, io.Discard, nil); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if err := r.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	for _, hers := range []string{"王小美", "+8869", "demo-phone-", "hs_live_", "Bearer"} {
		if strings.Contains(r.log.String(), hers) {
			t.Errorf("the log holds %q", hers)
		}
	}
}
