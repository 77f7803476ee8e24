package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func aScan() Scan {
	at := time.Now()
	return Scan{
		ID: shop.NewID(at), Brand: 7, Tag: shop.NewID(at), Code: "7K3QXMTWBA2D9", Store: shop.NewID(at), Staff: shop.NewID(at),
		Placement: "shelf", Kind: Person, Device: Device(shop.NewID(at)),
	}
}

func scans(n int) []Scan {
	all := make([]Scan, n)
	for i := range all {
		all[i] = aScan()
	}
	return all
}

func openSpool(t *testing.T, dir string) *Spool {
	t.Helper()
	s, err := OpenSpool(dir, &Counters{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustAppend(t *testing.T, s *Spool, scans ...Scan) {
	t.Helper()
	if err := s.Append(scans...); err != nil {
		t.Fatal(err)
	}
}

func drained(t *testing.T, s *Spool) []Scan {
	t.Helper()
	var got []Scan
	err := s.Drain(func(batch []Scan) ([]Scan, error) {
		got = append(got, batch...)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWhatWasSpooledIsDrainedOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	want := scans(1234)
	mustAppend(t, s, want[:1000]...)
	mustAppend(t, s, want[1000:]...)
	if got := drained(t, s); !slices.Equal(got, want) {
		t.Fatalf("%d scans drained, want the %d spooled", len(got), len(want))
	}
	if got := drained(t, s); len(got) > 0 || !s.IsEmpty() {
		t.Fatalf("%d scans drained again, empty %t", len(got), s.IsEmpty())
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "scan-*")); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestASpoolThatAnotherProcessLeftIsDrained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := scans(3)
	killed := openSpool(t, dir)
	mustAppend(t, killed, want...)
	killed.Close()
	next := openSpool(t, dir)
	if next.IsEmpty() {
		t.Fatal("the next process believes that there is nothing to drain")
	}
	more := aScan()
	mustAppend(t, next, more)
	if got := drained(t, next); !slices.Equal(got, append(want, more)) {
		t.Fatalf("drained %d scans", len(got))
	}
}

// A process that is killed within a write leaves any part of the last group: each possible cut, and rubbish where the disk
// had allocated but not written, must cost exactly the scans that nobody was told were stored.
func TestATornTailOfAKilledProcessCostsNothingThatWasPromised(t *testing.T) {
	t.Parallel()
	promised, torn := scans(2), appendRecord(nil, aScan())
	var whole []byte
	for _, s := range promised {
		whole = appendRecord(whole, s)
	}
	tails := [][]byte{make([]byte, 4096), bytes.Repeat([]byte{0xFF}, 100), binary.LittleEndian.AppendUint32(nil, 1<<31)}
	for cut := 1; cut < len(torn); cut++ {
		tails = append(tails, torn[:cut])
	}
	flipped := bytes.Clone(torn)
	flipped[20] ^= 1
	tails = append(tails, flipped)
	for _, tail := range tails {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "scan-000000004.spool"), append(bytes.Clone(whole), tail...), 0o600); err != nil {
			t.Fatal(err)
		}
		s := openSpool(t, dir)
		after := aScan()
		mustAppend(t, s, after) // goes on in another file
		if got := drained(t, s); !slices.Equal(got, append(slices.Clone(promised), after)) {
			t.Fatalf("a tail of %d bytes: %d scans drained, want 3", len(tail), len(got))
		}
		if !s.IsEmpty() || s.counters.Torn.Load() != 1 {
			t.Fatalf("a tail of %d bytes: empty %t, %d torn", len(tail), s.IsEmpty(), s.counters.Torn.Load())
		}
		s.Close()
	}
	t.Logf("%d torn tails", len(tails))
}

func TestWhatWasSetAsideIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	aside := filepath.Join(dir, "scan-000000007.torn")
	if err := os.WriteFile(aside, []byte("for the operator"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openSpool(t, dir)
	mustAppend(t, s, aScan())
	if name := filepath.Base(s.active.Name()); name != "scan-000000008.spool" {
		t.Fatalf("goes on with %s", name)
	}
}

func TestAFullSpoolRefusesAndTakesAgainAfterItWasDrained(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	s.maxBytes = 10 * int64(len(appendRecord(nil, aScan())))
	want := scans(10)
	mustAppend(t, s, want...)
	if err := s.Append(aScan()); !errors.Is(err, errSpoolFull) {
		t.Fatalf("one more than fits: %v", err)
	}
	if got := drained(t, s); !slices.Equal(got, want) {
		t.Fatalf("%d drained", len(got))
	}
	mustAppend(t, s, aScan())
}

func TestAFailedWriteLeavesNothingHalfWritten(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	first, third := aScan(), aScan()
	mustAppend(t, s, first)
	readOnly, err := os.Open(s.active.Name()) // every write to it fails, as on a disk that broke
	if err != nil {
		t.Fatal(err)
	}
	s.active.Close()
	s.active = readOnly
	if err := s.Append(aScan()); err == nil {
		t.Fatal("a scan was taken that cannot be written")
	}
	mustAppend(t, s, third)
	if got := drained(t, s); !slices.Equal(got, []Scan{first, third}) {
		t.Fatalf("%d scans drained, want the two that were taken", len(got))
	}
}

func TestFailedWritesLeaveNoFilesBehind(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	for range 3 {
		if err := s.openNext(); err != nil {
			t.Fatal(err)
		}
		s.active.Close() // every write to it fails, as on a full disk
		if err := s.Append(aScan()); err == nil {
			t.Fatal("a scan was taken that cannot be written")
		}
	}
	if left, err := s.files(); err != nil || len(left) > 0 || !s.IsEmpty() {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}

func TestTheSpoolRotatesAndIsDrainedWhileItIsWritten(t *testing.T) {
	t.Parallel()
	s := openSpool(t, t.TempDir())
	s.fileBytes = 2000
	const writers, each = 16, 50
	var mu sync.Mutex
	promised, got := map[shop.ID]bool{}, map[shop.ID]int{}
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				scan := aScan()
				if err := s.Append(scan); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				promised[scan.ID] = true
				mu.Unlock()
			}
		})
	}
	stop := make(chan struct{})
	var drainer sync.WaitGroup
	take := func() {
		if err := s.Drain(func(batch []Scan) ([]Scan, error) {
			for _, scan := range batch {
				got[scan.ID]++
			}
			return nil, nil
		}); err != nil {
			t.Error(err)
		}
	}
	drainer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				take()
			}
		}
	})
	all.Wait()
	close(stop)
	drainer.Wait()
	take()
	for id := range promised {
		if got[id] != 1 {
			t.Fatalf("%s was drained %d times", id, got[id])
		}
	}
	if len(got) != writers*each {
		t.Fatalf("%d drained", len(got))
	}
}

func TestTwoProcessesNeverShareASpool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openSpool(t, dir)
	if s, err := OpenSpool(dir, &Counters{}); err == nil {
		s.Close()
		t.Fatal("the directory was taken twice")
	}
}
