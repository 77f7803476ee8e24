package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// settle makes an existing cluster ready for a new server: the server of an owner that was killed is ended and waited
// for, what it left is mended, and the files are given to the identity of today.
func (h home) settle(ctx context.Context, id identity) error {
	file := filepath.Join(h.cluster(), "postmaster.pid")
	for {
		b, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			return id.own(h.cluster())
		}
		if err != nil {
			return fmt.Errorf("read postmaster.pid: %w", err)
		}
		first, rest, _ := bytes.Cut(b, []byte("\n"))
		pid, err := strconv.Atoi(string(bytes.TrimSpace(first)))
		if err != nil || pid <= 0 || !isServerOf(pid, h.cluster()) {
			if err := disown(file, rest); err != nil {
				return err
			}
			return id.own(h.cluster())
		}
		_ = syscall.Kill(pid, syscall.SIGINT) // nobody holds our lock, so nobody needs this server
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the server of a killed owner, process %d: %w", pid, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// disown puts our own pid into a stale postmaster.pid. Its number may be in use again by some other program, and
// PostgreSQL would then refuse to start; its parent's number it knows to be no server. The file is not simply removed,
// because its other lines let PostgreSQL see whether children of the dead server still use the shared memory.
func disown(file string, rest []byte) error {
	mended := append([]byte(strconv.Itoa(os.Getpid())+"\n"), rest...)
	if err := os.WriteFile(file, mended, 0o600); err != nil {
		return fmt.Errorf("mend postmaster.pid: %w", err)
	}
	return nil
}
