package scan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Left is what lies in a spool directory and in the places below it, as somebody sees it who holds none of them.
type Left struct {
	WaitingBytes int64
	Since        time.Time // of the file that was written to longest ago; zero: none waits
	SetAside     []string  // files that are not drained any more: torn by a crash, or refused by the database
}

// LookAt looks into a spool directory and changes nothing. One that is not there holds nothing.
func LookAt(dir string) (Left, error) {
	var left Left
	for n := 1; n <= mostPlaces; n++ {
		files, err := filepath.Glob(filepath.Join(place(dir, n), "scan-*.*"))
		if err != nil {
			return Left{}, fmt.Errorf("look at scan spool: %w", err)
		}
		for _, file := range files {
			if err := left.add(file); err != nil {
				return Left{}, fmt.Errorf("look at scan spool: %w", err)
			}
		}
	}
	return left, nil
}

func (l *Left) add(file string) error {
	if ending := filepath.Ext(file); ending == ".torn" || ending == ".refused" {
		l.SetAside = append(l.SetAside, file)
		return nil
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) { // drained this moment
		return nil
	}
	if err != nil || info.Size() == 0 {
		return err
	}
	l.WaitingBytes += info.Size()
	if at := info.ModTime(); l.Since.IsZero() || at.Before(l.Since) {
		l.Since = at
	}
	return nil
}
