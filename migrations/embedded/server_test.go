package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// needPostgreSQL skips at home; where CI is set a missing database is a failure.
func needPostgreSQL(t *testing.T) {
	t.Helper()
	if _, err := machine().find(t.Context(), 0); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no PostgreSQL here:", err)
	}
}

func start(t *testing.T, config Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, s *Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ask(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	var answer string
	if err := conn.QueryRow(t.Context(), query).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func run(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestSecondStartKeepsTheData(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	config := Config{DataDir: t.TempDir()}
	first := start(t, config)
	run(t, connect(t, first), `CREATE TABLE kept AS SELECT '林小姐'::text AS name`)
	stop(t, first)

	second := start(t, config)
	if got := ask(t, connect(t, second), `SELECT name FROM kept`); got != "林小姐" {
		t.Errorf("the second start found %q", got)
	}
}

func TestDefaultServerIsDurableAndThrowawayIsNot(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{DataDir: t.TempDir()}, "on on on"},
		{Config{Throwaway: true}, "off off off"},
	} {
		conn := connect(t, start(t, c.config))
		got := ask(t, conn, `SELECT concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'))`)
		if got != c.want {
			t.Errorf("throwaway %v: fsync, synchronous_commit, full_page_writes = %s, want %s", c.config.Throwaway, got, c.want)
		}
	}
}

func TestServerListensOnTheSocketOnly(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	s := start(t, Config{Throwaway: true})
	conn := connect(t, s)
	if got := ask(t, conn, `SELECT current_setting('listen_addresses')`); got != "" {
		t.Errorf("the server listens on %q", got)
	}
	info, err := os.Stat(s.home.socket)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter the socket's directory: %v", info.Mode())
	}
}

func TestTextKnowsMoreThanASCII(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	conn := connect(t, start(t, Config{Throwaway: true}))
	if got := ask(t, conn, `SELECT lower('É') || ('林É' ILIKE '%é')::text`); got != "étrue" {
		t.Errorf("lower and ILIKE of É: %s", got)
	}
}

func TestCallersEnvironmentDoesNotReachTheServer(t *testing.T) {
	needPostgreSQL(t) // not parallel: it changes the environment
	t.Setenv("PGPORT", "6543")
	t.Setenv("PGDATA", "/nonexistent")
	t.Setenv("PGUSER", "somebody")
	t.Setenv("LC_ALL", "xx_XX.UTF-8")
	conn := connect(t, start(t, Config{DataDir: t.TempDir(), Throwaway: true}))
	if got := ask(t, conn, `SELECT current_user::text`); got != "postgres" {
		t.Errorf("connected as %s", got)
	}
}

func TestHalfAClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "cluster.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	connect(t, start(t, Config{DataDir: dir}))
}

func TestTwoOwnersAreRefused(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	dir := t.TempDir()
	startOwner(t, dir)
	if _, err := Start(t.Context(), Config{DataDir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second owner got %v, want ErrInUse", err)
	}
}

func TestDeepDirectoryGetsAShortSocket(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	dir := filepath.Join(t.TempDir(), strings.Repeat("a long name/", 12), "it's deep")
	s := start(t, Config{DataDir: dir, Throwaway: true})
	connect(t, s)
	if len(s.home.socket) > longestSocketDir {
		t.Errorf("the socket's directory has %d bytes: %s", len(s.home.socket), s.home.socket)
	}
	stop(t, s)
	if _, err := os.Stat(s.home.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's directory is left: %v", err)
	}
}

func TestDoneIsClosedWhenTheServerDies(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	s := start(t, Config{Throwaway: true})
	if err := s.process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told that the server died")
	}
}

func TestStopDoesNotWaitForClients(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	s := start(t, Config{DataDir: t.TempDir()})
	conn := connect(t, s)
	run(t, conn, `BEGIN`)
	run(t, conn, `CREATE TABLE unfinished ()`)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func TestBrokenServerSaysWhy(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	config := Config{DataDir: t.TempDir(), Throwaway: true}
	s := start(t, config)
	stop(t, s)
	settings := filepath.Join(s.home.cluster(), "postgresql.auto.conf")
	if err := os.WriteFile(settings, []byte("no_such_setting = on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), config)
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the error does not carry the server's words: %v", err)
	}
}
