package scan

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAFileStaysUntilItsScansAreStored(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	want := scans(2 * spoolBatch)
	mustAppend(t, s, want...)
	broken := errors.New("the database went away again")
	calls := 0
	err := s.Drain(func([]Scan) ([]Scan, error) {
		if calls++; calls == 2 {
			return nil, broken
		}
		return nil, nil
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if got := drained(t, s); !slices.Equal(got, want) {
		t.Fatalf("%d scans drained after a failure, want all %d again", len(got), len(want))
	}
}

func TestScansThatCannotBeStoredAreSetAsideAndBlockNobody(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	all := scans(5)
	mustAppend(t, s, all...)
	var stored []Scan
	err := s.Drain(func(batch []Scan) ([]Scan, error) {
		stored = append(stored, batch[0], batch[1], batch[4])
		return batch[2:4], nil
	})
	if err != nil || len(stored) != 3 || !s.IsEmpty() {
		t.Fatalf("%v, %d stored, empty %t", err, len(stored), s.IsEmpty())
	}
	aside, _ := filepath.Glob(filepath.Join(s.dir, "*.refused"))
	if len(aside) != 1 {
		t.Fatalf("set aside in %v", aside)
	}
	content, err := os.ReadFile(aside[0])
	if err != nil {
		t.Fatal(err)
	}
	first, rest, err := readRecord(content)
	if err != nil || first != all[2] {
		t.Fatalf("%v, %v", first, err)
	}
	if second, rest, err := readRecord(rest); err != nil || second != all[3] || len(rest) > 0 {
		t.Fatalf("%v, %v, %d bytes more", second, err, len(rest))
	}
	if n := s.counters.Refused.Load(); n != 2 {
		t.Fatalf("%d counted as refused", n)
	}
}
