package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const throwawayPattern = "homestore-postgres-*"

// throwawayHome makes a directory for a server that nobody will miss, and removes those whose owner was killed.
// A test database is some hundred files, so it lies in memory where the machine allows.
func throwawayHome() (home, error) {
	base := memoryDir()
	if base == "" {
		base = os.TempDir()
	}
	return throwawayHomeIn(base)
}

func throwawayHomeIn(base string) (home, error) {
	// One process at a time, so that nobody sweeps a directory between its making and its locking.
	turn, err := os.Open(base)
	if err != nil {
		return home{}, fmt.Errorf("open the place of throwaway servers: %w", err)
	}
	defer turn.Close()
	if err := syscall.Flock(int(turn.Fd()), syscall.LOCK_EX); err != nil {
		return home{}, fmt.Errorf("wait for the place of throwaway servers: %w", err)
	}
	sweep(base)
	dir, err := os.MkdirTemp(base, throwawayPattern)
	if err != nil {
		return home{}, fmt.Errorf("make a throwaway directory: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return home{}, fmt.Errorf("open a throwaway directory to its server: %w", err)
	}
	h, err := lockHome(dir)
	h.ours = true
	return h, err
}

// sweep removes the throwaway directories that no living process holds.
func sweep(base string) {
	left, _ := filepath.Glob(filepath.Join(base, throwawayPattern)) // fails only on a bad pattern
	for _, dir := range left {
		h, err := lockHome(dir)
		if err != nil {
			continue // somebody's, or not ours to judge
		}
		h.ours = true
		h.close()
	}
}
