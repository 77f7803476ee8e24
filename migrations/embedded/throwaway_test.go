package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestThrowawayDirectoryGoesWithItsServer(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	s := start(t, Config{Throwaway: true})
	dir := s.DataDir()
	stop(t, s)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

func TestLeftoverOfAKilledOwnerIsRemovedAtTheNextStart(t *testing.T) {
	t.Parallel()
	needPostgreSQL(t)
	living := start(t, Config{Throwaway: true})
	o := startOwner(t, "")
	o.kill9(t)
	start(t, Config{Throwaway: true})
	if _, err := os.Stat(filepath.Join(o.dir, "cluster")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s of a dead owner is left: %v", o.dir, err)
	}
	connect(t, living) // another's directory is not touched
}

func TestDurableServerNeedsADirectory(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Config{}); err == nil {
		t.Error("a durable server without a directory was started")
	}
}
