package scan

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// The spool's own sizes. A file is small enough to be read at once; all of them together are bounded, so that a long outage
// ends in a clear refusal and not in a full disk that takes the whole machine along. 1 GiB is about 5 million scans.
const (
	spoolFileBytes  = 8 << 20
	spoolTotalBytes = 1 << 30
	spoolBatch      = 500 // scans that are drained in one statement
)

var (
	errSpoolFull   = errors.New("the scan spool is full")
	errSpoolClosed = errors.New("the scan spool is closed")
)

// Spool keeps scans on the local disk while the database is away. What Append returned nil for survives kill -9 and a power
// cut, and is handed to Drain until Drain's caller has stored it. A process holds its directory alone.
type Spool struct {
	dir       string
	shared    string // that dir is a place of; empty: it is nobody else's
	counters  *Counters
	fileBytes int64
	maxBytes  int64
	lock      *os.File

	queueing sync.Mutex
	next     *group // who waits for the next fsync

	writing sync.Mutex // held for the files below; a leader writes and syncs for its whole group
	active  *os.File   // nil: the next group opens one
	size    int64      // of active, all of it synced
	total   int64      // of all files
	number  int        // of the file opened last
	closed  bool

	draining sync.Mutex
}

// group is the scans of callers who arrived while another group was being synced: one fsync for all of them.
type group struct {
	records []byte
	scans   int
	done    bool
	err     error
}

// OpenSpool takes the directory, making it if need be, and finds what an earlier process left. It fails when another
// process holds the directory.
func OpenSpool(dir string, counters *Counters) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open scan spool: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open scan spool: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("open scan spool: another process uses %s: %w", dir, err)
	}
	s := &Spool{dir: dir, counters: counters, fileBytes: spoolFileBytes, maxBytes: spoolTotalBytes, lock: lock, next: &group{}}
	if err := s.findWhatIsLeft(); err != nil {
		lock.Close()
		return nil, fmt.Errorf("open scan spool: %w", err)
	}
	return s, nil
}

// findWhatIsLeft counts what an earlier process left, and goes on after its highest number: also those of files that were
// set aside, so that none is ever written over.
func (s *Spool) findWhatIsLeft() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name, ending, _ := strings.Cut(strings.TrimPrefix(entry.Name(), "scan-"), ".")
		number, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		s.number = max(s.number, number)
		if ending != "spool" {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		s.total += info.Size()
	}
	return nil
}

// files are the spool's files, oldest first.
func (s *Spool) files() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "scan-*.spool"))
	if err != nil {
		return nil, fmt.Errorf("list scan spool: %w", err)
	}
	slices.Sort(files)
	return files, nil
}

// Append returns when the scans are on the disk, or says why they are not; then none of them will be drained.
func (s *Spool) Append(scans ...Scan) error {
	s.queueing.Lock()
	g := s.next
	for _, scan := range scans {
		g.records = appendRecord(g.records, scan)
	}
	g.scans += len(scans)
	s.queueing.Unlock()

	s.writing.Lock()
	defer s.writing.Unlock()
	if !g.done { // nobody took this group along while we waited: we lead it
		s.queueing.Lock()
		s.next = &group{}
		s.queueing.Unlock()
		g.err = s.write(g.records)
		g.done = true
		if g.err == nil {
			s.counters.Spooled.Add(int64(g.scans))
		}
	}
	return g.err
}

// write appends and syncs. When that fails half-way the file is cut back to what is known to be whole, and given up: after a
// failed fsync nobody knows what the kernel still holds. The caller holds writing.
func (s *Spool) write(records []byte) error {
	if s.closed {
		return errSpoolClosed
	}
	if s.total+int64(len(records)) > s.maxBytes {
		return errSpoolFull
	}
	if s.active == nil {
		if err := s.openNext(); err != nil {
			return err
		}
	}
	_, err := s.active.WriteAt(records, s.size)
	if err == nil {
		err = s.active.Sync()
	}
	if err != nil {
		err = errors.Join(err, s.active.Truncate(s.size), s.active.Close())
		if s.size == 0 { // else a full disk would fill with empty files as well
			err = errors.Join(err, os.Remove(s.active.Name()))
		}
		s.active = nil
		return fmt.Errorf("write scan spool: %w", err)
	}
	s.size += int64(len(records))
	s.total += int64(len(records))
	if s.size >= s.fileBytes {
		s.finish()
	}
	return nil
}

// openNext begins a file. Files are never continued by another process, so whole records never follow a torn one.
func (s *Spool) openNext() error {
	s.number++
	file, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("scan-%09d.spool", s.number)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open scan spool: %w", err)
	}
	if err := syncDir(s.dir); err != nil {
		file.Close()
		return err
	}
	s.active, s.size = file, 0
	return nil
}

// finish ends the active file: it is synced already.
func (s *Spool) finish() {
	if s.active != nil {
		s.active.Close()
		s.active = nil
	}
}

// syncDir makes a new, renamed or removed name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync scan spool: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync scan spool: %w", err)
	}
	return nil
}

// IsEmpty says whether there is nothing to drain.
func (s *Spool) IsEmpty() bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.total == 0
}

// Close ends the spool. What is in it stays for the next process.
func (s *Spool) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.finish()
	return s.lock.Close() // gives the lock up
}

// base is the name without directory and ending.
func base(file string) string { return strings.TrimSuffix(filepath.Base(file), ".spool") }
