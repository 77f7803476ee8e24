package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// realUID is the user that the kernel knows the server as.
func realUID(t *testing.T, s *Server) string {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	_, after, _ := strings.Cut(string(status), "\nUid:")
	return strings.Fields(after)[0]
}

func needRoot(t *testing.T) {
	t.Helper()
	needPostgreSQL(t)
	if os.Geteuid() != 0 {
		t.Skip("only root has an identity to give up")
	}
}

func TestServerNeverRunsAsRoot(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	// What t.TempDir gives is closed to other users below; a program's own directory usually is not.
	s := start(t, Config{Throwaway: true})
	if uid := realUID(t, s); uid == "0" {
		t.Errorf("the kernel runs the server as uid %s", uid)
	}
	seen := ask(t, connect(t, s), `SELECT substring(pg_read_file('/proc/self/status') from 'Uid:\s+(\d+)')`)
	if seen == "0" {
		t.Errorf("the server sees itself as uid %s", seen)
	}
}

func TestRootInAClosedDirectoryUsesANamespaceWithoutCapabilities(t *testing.T) {
	t.Parallel()
	needRoot(t)
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{DataDir: filepath.Join(closed, "data"), Throwaway: true})
	conn := connect(t, s)
	if seen := ask(t, conn, `SELECT substring(pg_read_file('/proc/self/status') from 'Uid:\s+(\d+)')`); seen == "0" {
		t.Errorf("the server sees itself as uid %s", seen)
	}
	if caps := ask(t, conn, `SELECT substring(pg_read_file('/proc/self/status') from 'CapEff:\s+(\w+)')`); strings.Trim(caps, "0") != "" {
		t.Errorf("the server has capabilities %s", caps)
	}
}

func TestDataMoveBetweenIdentities(t *testing.T) {
	t.Parallel()
	needRoot(t)
	outer := t.TempDir()
	config := Config{DataDir: filepath.Join(outer, "data"), Throwaway: true}
	for _, mode := range []os.FileMode{0o755, 0o700, 0o755} {
		if err := os.Chmod(outer, mode); err != nil {
			t.Fatal(err)
		}
		s := start(t, config)
		run(t, connect(t, s), `CREATE TABLE IF NOT EXISTS kept ()`)
		stop(t, s)
	}
}

func TestNoIdentityIsRefusedInWords(t *testing.T) {
	t.Parallel()
	needRoot(t)
	nobodyCanRun := binaries{dir: t.TempDir()}
	if _, err := chooseIdentity(t.Context(), nobodyCanRun, t.TempDir()); !errors.Is(err, errRootOnly) {
		t.Errorf("got %v, want errRootOnly", err)
	}
}

func TestProgramOutlivesTheServersOfOtherGoroutines(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	if runtime.GOOS != "linux" {
		t.Skip("only Linux sends a death signal")
	}
	ended := make(chan error)
	id := identity{}
	for range 8 {
		go func() {
			_, err := id.run(exec.Command("/bin/sleep", "1"))
			ended <- err
		}()
	}
	for range 200 { // threads end as they do when a server has ended
		go runtime.LockOSThread()
	}
	for range 8 {
		if err := <-ended; err != nil {
			t.Fatalf("a program was taken along: %v", err)
		}
	}
}
