package faults

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// spooled are the files of the spool with an ending: in "spool" scans wait for the database, "refused" it did not want. They
// are looked for as the process sees them, which may have a disk of its own there.
func (h *homestore) spooled(t *testing.T, ending string) []string {
	t.Helper()
	var files []string
	for _, place := range []string{"scan-*.", "*/scan-*."} {
		root := fmt.Sprintf("/proc/%d/root", h.process.process.Pid)
		found, err := filepath.Glob(filepath.Join(root, h.dir, "spool", place+ending))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// untilDrained returns when the spool is empty, half a minute at most.
func (h *homestore) untilDrained(t *testing.T) {
	t.Helper()
	h.untilReady(t)
	late := time.After(30 * time.Second)
	for len(h.spooled(t, "spool")) > 0 {
		select {
		case <-late:
			t.Fatalf("scans are in the spool still:\n%s", h.logTail(t))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// mustBeStored sends the crowd home and compares what it wrote down with what is stored, once the spool is empty: every click
// id that was given out is one scan there, no scan is there twice, and nothing is there that nobody asked for. So many scans
// were made by others.
func (c *crowd) mustBeStored(t *testing.T, others int) {
	t.Helper()
	c.depart()
	c.h.untilDrained(t)
	rows, err := c.h.db.connect(t).Query(t.Context(), `SELECT id, device FROM scan`)
	if err != nil {
		t.Fatal(err)
	}
	stored, devices, n := map[shop.ID]int{}, map[string]int{}, 0
	var id [16]byte
	var device []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &device}, func() error {
		n++
		stored[id]++
		devices[string(device)]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, times := range c.clicks {
		if stored[id] != 1 || times != 1 {
			t.Errorf("scan %s was given out %d times and is stored %d times", id, times, stored[id])
		}
	}
	if len(devices) != n {
		t.Errorf("%d scans of %d phones that scanned once each", n, len(devices))
	}
	atMost := c.answered + others
	for ended, times := range c.otherwise {
		if ended != notReached {
			atMost += times
		}
	}
	if n > atMost {
		t.Errorf("%d scans are stored, %d requests reached the server", n, atMost)
	}
	if refused := c.h.spooled(t, "refused"); len(refused) > 0 {
		t.Errorf("the database refused scans: %v", refused)
	}
	if c.slowest > slowestAnswer {
		t.Errorf("somebody waited %v", c.slowest)
	}
	t.Logf("%s; stored: all %d answered and %d of the others; %.0f MB resident", c.tally(), len(c.clicks), n-len(c.clicks)-others, c.h.process.residentMB(t))
}
