package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ownerEnv makes this test binary a second program that owns a server: its value is the data directory.
const ownerEnv = "EMBEDDED_TEST_OWNER"

func TestMain(m *testing.M) {
	if dir, ok := os.LookupEnv(ownerEnv); ok {
		ownUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func ownUntilKilled(dir string) {
	s, err := Start(context.Background(), Config{DataDir: dir, Throwaway: dir == ""})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("up", s.process.Pid, s.DataDir())
	<-s.Done()
	os.Exit(1)
}

// owner is another process that runs a server.
type owner struct {
	cmd    *exec.Cmd
	server int // process id
	dir    string
}

func startOwner(t *testing.T, dir string) owner {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), ownerEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	o := owner{cmd: cmd}
	if _, err := fmt.Sscanf(line, "up %d %s", &o.server, &o.dir); err != nil {
		t.Fatalf("the other process said %q", line)
	}
	return o
}

func (o owner) kill9(t *testing.T) {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = o.cmd.Wait() // says that it was killed
}

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

func TestStartAfterKill9JustWorks(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	dir := t.TempDir()
	for round := range 3 {
		o := startOwner(t, dir)
		o.kill9(t)
		s := start(t, Config{DataDir: dir}) // at once: the old server may still be shutting down
		run(t, connect(t, s), `CREATE TABLE IF NOT EXISTS round (n int)`)
		run(t, connect(t, s), `INSERT INTO round VALUES (1)`)
		if got := ask(t, connect(t, s), `SELECT count(*)::text FROM round`); got != strconv.Itoa(round+1) {
			t.Errorf("round %d: %s rows", round, got)
		}
		stop(t, s)
	}
}

func TestStartAfterKill9OfTheServerToo(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	dir := t.TempDir()
	o := startOwner(t, dir)
	if err := syscall.Kill(o.server, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	o.kill9(t)
	connect(t, start(t, Config{DataDir: dir}))
}

func TestServerGoesWhenItsOwnerIsKilled(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child that its parent died; elsewhere the next Start ends it")
	}
	o := startOwner(t, t.TempDir())
	o.kill9(t)
	deadline := time.Now().Add(10 * time.Second)
	for isServerOf(o.server, filepath.Join(o.dir, "cluster")) {
		if time.Now().After(deadline) {
			t.Fatal("the server outlives its owner")
		}
		runtime.Gosched()
	}
}

func TestStaleServerNumberOfAnotherProgramIsNoHindrance(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	config := Config{DataDir: t.TempDir()}
	s := start(t, config)
	pidFile := filepath.Join(s.home.cluster(), "postmaster.pid")
	b, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)

	// A program of the server's own user: only of such a one does PostgreSQL believe that it could be a server.
	id, err := chooseIdentity(t.Context(), s.bin, s.home.dir)
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("/bin/sh", "-c", "read wait")
	other.SysProcAttr = id.attributes(syscall.SIGKILL)
	if _, err := other.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	_, rest, _ := strings.Cut(string(b), "\n")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(other.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	connect(t, start(t, config))
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
