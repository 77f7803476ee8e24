package faults

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// homestore is one installation: a database, a data directory, and addresses that stay its own from process to process.
type homestore struct {
	db      *database
	binary  string
	address string // of the API
	local   string // of the local FCM and issuer
	private string // of metrics and profiles
	dir     string // HOMESTORE_DATA_DIR
	logFile string
	extra   []string // NAME=value
	serve   []string // the command, and
	attr    *syscall.SysProcAttr
	process *child // the last that was started
}

// install prepares a Homestore with the demo brand on a database: `homestore migrate`, `homestore seed`. Settings are
// NAME=value, for all of its processes.
func install(t *testing.T, db *database, settings ...string) *homestore {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	h := &homestore{
		db: db, binary: path, address: freeAddress(t), local: freeAddress(t), private: freeAddress(t), dir: filepath.Join(dir, "data"),
		logFile: filepath.Join(dir, "homestore.log"), extra: settings, serve: []string{path, "serve"}, attr: dyingWithUs(),
	}
	h.command(t, "migrate")
	h.command(t, "seed")
	return h
}

// freeAddress is an address of this machine that nobody listens on. It is below the ports that the system gives to clients:
// else, while a server is down, one who dials it may be given its own port to call from.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10000+mathrand.IntN(20000))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// environment is what its processes see. The client of these tests stands behind a proxy that is believed, so that it can be
// many phones.
func (h *homestore) environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "HOMESTORE_") {
			env = append(env, v)
		}
	}
	env = append(env, "HOMESTORE_DATABASE_URL="+h.db.url(), "HOMESTORE_ADDR="+h.address, "HOMESTORE_LOCAL_ADDR="+h.local,
		"HOMESTORE_PRIVATE_ADDR="+h.private, "HOMESTORE_DATA_DIR="+h.dir, "HOMESTORE_TRUSTED_PROXIES=127.0.0.1")
	return append(env, h.extra...)
}

// command runs a subcommand to its end and returns what it printed.
func (h *homestore) command(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.binary, args...)
	cmd.Env = h.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("homestore %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// start starts `homestore serve` and returns once it is ready.
func (h *homestore) start(t *testing.T) {
	t.Helper()
	var err error
	if h.process, err = startChildAs(h.attr, h.environment(), h.logFile, h.serve...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.process.kill)
	h.untilReady(t)
}

// untilReady waits for /readyz, half a minute at most.
func (h *homestore) untilReady(t *testing.T) {
	t.Helper()
	late := time.After(30 * time.Second)
	for !h.isReady(t) {
		select {
		case <-h.process.done:
			t.Fatalf("homestore serve ended by itself: %v\n%s", h.process.exit, h.logTail(t))
		case <-late:
			t.Fatalf("homestore is not ready within half a minute:\n%s", h.logTail(t))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (h *homestore) isReady(t *testing.T) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url("/readyz"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (h *homestore) url(path string) string { return "http://" + h.address + path }

// kill is SIGKILL. The next start is on the same addresses and directories.
func (h *homestore) kill() { h.process.kill() }

// log is all that its processes have written: JSON lines, after what serve prints for people.
func (h *homestore) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(h.logFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (h *homestore) logTail(t *testing.T) string {
	t.Helper()
	log := h.log(t)
	return log[max(0, len(log)-4000):]
}

// metric is the figure of a metric without labels, as its process tells it now.
func (h *homestore) metric(t *testing.T, name string) int {
	t.Helper()
	resp, err := http.Get("http://" + h.private + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\n"+name+" ")
	value, _, _ := strings.Cut(after, "\n")
	figure, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatalf("the metric %s: %v", name, err)
	}
	return int(figure)
}

// codes are those of the demo brand's tags.
func (h *homestore) codes(t *testing.T) []string {
	t.Helper()
	rows, err := h.db.connect(t).Query(t.Context(), `SELECT code FROM tag_directory ORDER BY code`)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(codes) == 0 {
		t.Fatalf("the demo brand has no tags: %v", err)
	}
	return codes
}

// signInHQ is the bearer token of the demo brand's headquarters.
func (h *homestore) signInHQ(t *testing.T) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{
		"brand": "clearday", "email": "hq@clearday.example", "password": "clear-day-demo-hq", "device_secret": rand.Text() + rand.Text(), // as in seed.json
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(h.url("/v1/sign-in/manager"), "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var in struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&in); err != nil || in.AccessToken == "" {
		t.Fatalf("sign in: %d, %v", resp.StatusCode, err)
	}
	return in.AccessToken
}
