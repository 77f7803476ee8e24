package scan

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
)

// mostPlaces is how many processes may share a spool directory. Two do during a deploy; more only where deploys overlap.
const mostPlaces = 8

// place is where a process has its spool: the directory itself, or a numbered one below it while others hold those before.
func place(dir string, n int) string {
	if n == 1 {
		return dir
	}
	return filepath.Join(dir, strconv.Itoa(n))
}

// TakeSpool opens a spool in the first place of the directory that no living process holds, so that a process can start
// while the one before it still answers. What a process that is gone has left in its place is drained by those that live:
// see DrainLeft.
func TakeSpool(dir string, counters *Counters) (*Spool, error) {
	for n := 1; n <= mostPlaces; n++ {
		s, err := OpenSpool(place(dir, n), counters)
		if err == nil {
			s.shared = dir
		}
		if !isHeld(err) {
			return s, err
		}
	}
	return nil, fmt.Errorf("open scan spool: %d other processes use %s", mostPlaces, dir)
}

// isHeld says whether a spool could not be opened because a living process has it.
func isHeld(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }

// DrainLeft is Drain for the places of processes that are gone.
func (s *Spool) DrainLeft(store func([]Scan) (refused []Scan, err error)) error {
	if s.shared == "" {
		return nil
	}
	var failed error
	for n := 1; n <= mostPlaces; n++ {
		failed = errors.Join(failed, s.drainPlace(place(s.shared, n), store))
	}
	return failed
}

func (s *Spool) drainPlace(dir string, store func([]Scan) ([]Scan, error)) error {
	left, err := filepath.Glob(filepath.Join(dir, "scan-*.spool"))
	if err != nil || len(left) == 0 || dir == s.dir {
		return err
	}
	gone, err := OpenSpool(dir, s.counters)
	if isHeld(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(gone.Drain(store), gone.Close())
}
