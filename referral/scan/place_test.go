package scan

import (
	"errors"
	"testing"
)

func takeSpool(t *testing.T, dir string) *Spool {
	t.Helper()
	s, err := TakeSpool(dir, &Counters{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// left drains what processes that are gone have left, as the living one does.
func left(t *testing.T, s *Spool) []Scan {
	t.Helper()
	var got []Scan
	err := s.DrainLeft(func(batch []Scan) ([]Scan, error) {
		got = append(got, batch...)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A deploy while the database is away: the old process spools until it ends, and what it leaves is the new one's to store.
func TestTheNextProcessDrainsWhatTheOneBeforeLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before, next := takeSpool(t, dir), takeSpool(t, dir)
	mustAppend(t, before, scans(5)...)
	mustAppend(t, next, scans(3)...)
	if got := left(t, next); len(got) != 0 {
		t.Fatalf("%d scans of a living process were taken", len(got))
	}
	before.Close()
	if got := left(t, next); len(got) != 5 {
		t.Errorf("%d of 5 scans that were left were drained", len(got))
	}
	if got := left(t, next); len(got) != 0 {
		t.Errorf("%d scans were drained again", len(got))
	}
	if got := drained(t, next); len(got) != 3 {
		t.Errorf("%d of its own 3", len(got))
	}
	if third := takeSpool(t, dir); third.dir != dir {
		t.Errorf("the first place is free again, the third process took %s", third.dir)
	}
}

func TestWhatCannotBeStoredStaysInItsPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before, next := takeSpool(t, dir), takeSpool(t, dir)
	mustAppend(t, before, scans(5)...)
	before.Close()
	isAway := errors.New("the database is away")
	if err := next.DrainLeft(func([]Scan) ([]Scan, error) { return nil, isAway }); !errors.Is(err, isAway) {
		t.Fatal(err)
	}
	if got := left(t, next); len(got) != 5 {
		t.Errorf("%d of 5", len(got))
	}
}

func TestASpoolDirectoryHasAnEndToItsPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range mostPlaces {
		takeSpool(t, dir)
	}
	if s, err := TakeSpool(dir, &Counters{}); err == nil {
		s.Close()
		t.Error("a place more than there are")
	}
}
