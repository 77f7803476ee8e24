package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/migrations/embedded"
)

// database is a durable PostgreSQL of one test. It stays on its directory and its socket however often it dies.
type database struct {
	dir    string
	server *embedded.Server
}

// startDatabase makes a cluster and starts its server.
func startDatabase(t *testing.T) *database {
	t.Helper()
	needProc(t)
	d := &database{dir: filepath.Join(t.TempDir(), "postgres")}
	d.start(t)
	t.Cleanup(func() {
		d.signal(t, syscall.SIGCONT)
		d.kill(t)
	})
	return d
}

// start starts it again, with the recovery that it needs, and returns once it answers.
func (d *database) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := embedded.Start(ctx, embedded.Config{DataDir: d.dir})
	if errors.Is(err, embedded.ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skip("SKIP, this test needs PostgreSQL:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.server = server
}

// stop is an orderly shutdown.
func (d *database) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	if err := d.server.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

// kill is SIGKILL for the postmaster and all of its children. What comes next is crash recovery.
func (d *database) kill(t *testing.T) {
	t.Helper()
	d.signal(t, syscall.SIGKILL)
	<-d.server.Done()
	for len(d.processes(t)) > 0 { // a new postmaster refuses to start beside children of the old one
		d.signal(t, syscall.SIGKILL)
		time.Sleep(time.Millisecond)
	}
}

// pause stops all of its processes as they are: it neither answers nor breaks a connection. Until resume.
func (d *database) pause(t *testing.T)  { t.Helper(); d.signal(t, syscall.SIGSTOP) }
func (d *database) resume(t *testing.T) { t.Helper(); d.signal(t, syscall.SIGCONT) }

// signal goes to the postmaster first, so that it forks nobody whom the signal does not reach.
func (d *database) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if master := d.postmaster(); master != 0 {
		_ = syscall.Kill(master, s) // fails only when it has ended
	}
	for _, pid := range d.processes(t) {
		_ = syscall.Kill(pid, s)
	}
}

// postmaster is the server's first process, 0 when it has ended.
func (d *database) postmaster() int {
	select {
	case <-d.server.Done():
		return 0
	default:
	}
	b, err := os.ReadFile(filepath.Join(d.dir, "cluster", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return pid
}

// processes are all that work in the cluster's directory, as every process of its server does.
func (d *database) processes(t *testing.T) []int {
	t.Helper()
	cluster, err := filepath.EvalSymlinks(filepath.Join(d.dir, "cluster"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil && cwd == cluster {
			pids = append(pids, pid)
		}
	}
	return pids
}

// url names the database to Homestore and to pgx, as the owner of the schema.
func (d *database) url() string { return d.server.DSN("postgres") }

// connect is for looking at what is stored.
func (d *database) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
