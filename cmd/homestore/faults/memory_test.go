package faults

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// forgetPeak has the kernel begin anew to note the most that the process held: see proc(5), clear_refs.
func (c *child) forgetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", c.process.Pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// peakMB is the most memory that it held since.
func (c *child) peakMB(t *testing.T) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	kB, err := strconv.ParseFloat(strings.Fields(after + " -")[0], 64)
	if err != nil {
		t.Fatalf("the peak of process %d: %v", c.process.Pid, err)
	}
	return kB / 1024
}

// descriptors is how many files and connections it has open.
func (c *child) descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", c.process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
