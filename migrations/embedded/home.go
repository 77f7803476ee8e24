package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrInUse says that another process owns the data directory.
var ErrInUse = errors.New("the data directory is in use by another process")

// home is a data directory that this process owns until close.
type home struct {
	dir    string
	socket string
	lock   *os.File
	ours   bool // made by Start, removed by close
}

func (h home) cluster() string { return filepath.Join(h.dir, "cluster") }
func (h home) log() string     { return filepath.Join(h.dir, "server.log") }

// longestSocketDir leaves room for "/.s.PGSQL.5432.lock" in the 103 bytes that macOS has for a socket's path (Linux: 107).
const longestSocketDir = 80

// openHome makes the directory and takes its lock. The kernel drops the lock with the process: kill -9 leaves none behind.
func openHome(config Config) (home, error) {
	if config.DataDir == "" {
		if !config.Throwaway {
			return home{}, errors.New("start PostgreSQL: a durable server needs a DataDir")
		}
		return throwawayHome()
	}
	dir, err := filepath.Abs(config.DataDir)
	if err != nil {
		return home{}, fmt.Errorf("find the data directory: %w", err)
	}
	// The server's uid walks through this directory to its cluster, and reads nothing else in it.
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return home{}, fmt.Errorf("make the data directory: %w", err)
	}
	return lockHome(dir)
}

func lockHome(dir string) (home, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return home{}, fmt.Errorf("open the lock of the data directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return home{}, fmt.Errorf("%s: %w", dir, ErrInUse)
		}
		return home{}, fmt.Errorf("lock the data directory: %w", err)
	}
	return home{dir: dir, socket: socketOf(dir), lock: lock}, nil
}

// socketOf is where the server of a data directory listens.
func socketOf(dir string) string {
	socket := filepath.Join(dir, "socket")
	if len(socket) <= longestSocketDir {
		return socket
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join("/tmp", fmt.Sprintf("homestore-%d-%x", os.Geteuid(), sum[:8]))
}

func (h home) close() {
	_ = os.RemoveAll(h.socket)
	if h.ours {
		_ = os.RemoveAll(h.dir)
	}
	// By name, not only by closing: a child that is being forked at this moment holds a copy of the descriptor until its exec.
	_ = syscall.Flock(int(h.lock.Fd()), syscall.LOCK_UN)
	h.lock.Close()
}

// major is the PostgreSQL major version that made the cluster, 0 when there is none yet.
func (h home) major() (int, error) {
	b, err := os.ReadFile(filepath.Join(h.cluster(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	return major, nil
}

// create runs initdb beside the final place and renames: a kill half-way leaves no half cluster.
func (h home) create(ctx context.Context, bin binaries, id identity, throwaway bool) error {
	half := h.cluster() + ".new"
	if err := os.RemoveAll(half); err != nil {
		return fmt.Errorf("remove half a cluster: %w", err)
	}
	if err := os.Mkdir(half, 0o700); err != nil {
		return fmt.Errorf("make the cluster's directory: %w", err)
	}
	if err := id.own(half); err != nil {
		return err
	}
	// C.UTF-8 sorts by code point and needs no locale package. Plain C would break lower() and ILIKE for É and every
	// trigram search for 林小姐.
	args := []string{"-D", half, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
		"--auth-local=trust", "--auth-host=reject", "--no-instructions"}
	if bin.major >= 17 {
		args = append(args, "--locale-provider=builtin")
	}
	if throwaway {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, bin.path("initdb"), args...)
	cmd.Env, cmd.Dir = cleanEnvironment(), "/"
	if out, err := id.run(cmd); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	if err := os.Rename(half, h.cluster()); err != nil {
		return fmt.Errorf("put the new cluster in its place: %w", err)
	}
	return nil
}

// makeSocketDir makes the directory anew, so that no lock file of a dead server is in it.
func (h home) makeSocketDir(id identity) error {
	// Under /tmp the name can be taken by somebody else: then the sticky bit refuses the removal, and Mkdir fails.
	if err := os.RemoveAll(h.socket); err != nil {
		return fmt.Errorf("clear the socket directory: %w", err)
	}
	if err := os.Mkdir(h.socket, 0o700); err != nil {
		return fmt.Errorf("make the socket directory: %w", err)
	}
	return id.own(h.socket)
}

// logTail is the end of the server's log, for an error that a person reads.
func (h home) logTail() string {
	const enough = 2000
	b, err := os.ReadFile(h.log())
	if err != nil {
		return err.Error()
	}
	if len(b) > enough {
		b = b[len(b)-enough:]
	}
	return string(bytes.TrimSpace(b))
}

// quoteDSN writes a value of a keyword/value connection string.
func quoteDSN(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}
