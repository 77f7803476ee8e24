package scan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Drain hands all that is in the spool to store, oldest first, and removes each file once store has committed what was in
// it. store returns the scans that the database refuses for good; they go to a file of their own (*.refused), which nothing
// removes. On any error the file stays, and all of it is handed over again the next time: store must not mind seeing a scan
// twice.
func (s *Spool) Drain(store func([]Scan) (refused []Scan, err error)) error {
	s.draining.Lock()
	defer s.draining.Unlock()
	s.writing.Lock()
	s.finish() // scans that come now go to a new file
	files, err := s.files()
	s.writing.Unlock()
	if err != nil {
		return err
	}
	for _, file := range files {
		if s.isActive(file) {
			return nil
		}
		if err := s.drainFile(file, store); err != nil {
			return fmt.Errorf("drain scan spool: %w", err)
		}
	}
	return nil
}

// Waiting is how many bytes of scans are still to be drained.
func (s *Spool) Waiting() int64 {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.total
}

func (s *Spool) isActive(file string) bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.active != nil && s.active.Name() == file
}

func (s *Spool) drainFile(file string, store func([]Scan) ([]Scan, error)) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	rest := content
	torn := false
	for len(rest) > 0 && !torn {
		batch := make([]Scan, 0, spoolBatch)
		for len(rest) > 0 && len(batch) < spoolBatch {
			scan, after, err := readRecord(rest)
			if err != nil {
				torn = true
				break
			}
			batch, rest = append(batch, scan), after
		}
		if len(batch) == 0 {
			break
		}
		refused, err := store(batch)
		if err != nil {
			return err
		}
		if err := s.setAside(file, refused); err != nil {
			return err
		}
		s.counters.Drained.Add(int64(len(batch) - len(refused)))
	}
	return s.remove(file, int64(len(content)), torn)
}

// remove takes a drained file away. One that ended within a record is kept under another name: it was not promised to
// anybody, since its sync never returned, but if a disk has lied an operator should see what is left.
func (s *Spool) remove(file string, size int64, torn bool) error {
	var err error
	if torn {
		s.counters.Torn.Add(1)
		err = os.Rename(file, filepath.Join(s.dir, base(file)+".torn"))
	} else {
		err = os.Remove(file)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.writing.Lock()
	s.total -= size
	s.writing.Unlock()
	return syncDir(s.dir)
}

// setAside keeps what the database refuses, synced, beside the file it came from.
func (s *Spool) setAside(file string, refused []Scan) error {
	if len(refused) == 0 {
		return nil
	}
	var records []byte
	for _, scan := range refused {
		records = appendRecord(records, scan)
	}
	aside, err := os.OpenFile(filepath.Join(s.dir, base(file)+".refused"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = aside.Write(records)
	if err == nil {
		err = aside.Sync()
	}
	if err := errors.Join(err, aside.Close()); err != nil {
		return err
	}
	s.counters.Refused.Add(int64(len(refused)))
	return syncDir(s.dir)
}
