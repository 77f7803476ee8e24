package embedded

import (
	"bufio"
	"context"
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
