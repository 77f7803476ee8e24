package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"homestore/migrations/embedded"
	"homestore/migrations/postgres"
)

// durableDatabase is a private PostgreSQL as `make run` has it, in a directory on disk.
func durableDatabase(ctx context.Context, dir string, log *slog.Logger) (*database, error) {
	server, err := embedded.Start(ctx, embedded.Config{DataDir: dir, Log: log})
	if err != nil {
		return nil, fmt.Errorf("start a durable PostgreSQL: %w", err)
	}
	db := asEachRole(server.DSN("postgres"))
	db.private = server
	if err := postgres.Migrate(ctx, db.ownerURL); err != nil {
		_ = db.stop()
		return nil, err
	}
	return db, nil
}

// machineOf says what kind of machine this is and what else it does.
func machineOf(dir string) string {
	words := []string{fmt.Sprintf("%d cores, %s, %s/%s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)}
	if out, err := exec.Command("stat", "-f", "-c", "%T", dir).Output(); err == nil {
		words = append(words, "file system "+strings.TrimSpace(string(out)))
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		words = append(words, "load before "+strings.Fields(string(b))[0])
	}
	return strings.Join(words, ", ")
}

// postmaster is the process of the database's server.
func (d *database) postmaster() (int, error) {
	b, err := os.ReadFile(filepath.Join(d.private.DataDir(), "cluster", "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("find the server's process: %w", err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// clockTick is what /proc counts processor time in; 100 a second on every Linux.
const clockTick = 10 * time.Millisecond

// procStat is one process as /proc/PID/stat has it. Without /proc (macOS) all figures of processor time are 0.
type procStat struct {
	parent    int
	own, gone time.Duration // its own, and of its children that have ended
}

func readProc(pid int) (p procStat, ok bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, false
	}
	// The name, in brackets, may hold anything; the numbers come after it.
	_, rest, _ := strings.Cut(string(b[strings.LastIndexByte(string(b), ')'):]), " ")
	f := strings.Fields(rest)
	if len(f) < 15 {
		return p, false
	}
	n := func(i int) time.Duration {
		v, _ := strconv.ParseInt(f[i], 10, 64)
		return time.Duration(v)
	}
	p.parent = int(n(1))
	p.own, p.gone = (n(11)+n(12))*clockTick, (n(13)+n(14))*clockTick
	return p, true
}

// cpuOf is the processor time of a process so far.
func cpuOf(pid int) time.Duration {
	p, _ := readProc(pid)
	return p.own
}

// cpuOfTree is that of a process with its children, also those that have ended.
func cpuOfTree(pid int) time.Duration {
	root, _ := readProc(pid)
	sum := root.own + root.gone
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := readProc(child); ok && p.parent == pid {
			sum += p.own
		}
	}
	return sum
}

// residentMB is how much memory a process holds.
func residentMB(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), "VmRSS:")
	f := strings.Fields(after)
	if len(f) == 0 {
		return 0
	}
	kB, _ := strconv.ParseFloat(f[0], 64)
	return kB / 1024
}

// cpuMeter measures what a server and its database spend while something runs.
type cpuMeter struct {
	server, postmaster int
	sum                benchSpent
}

type benchSpent struct {
	server, database time.Duration
}

// during adds what is spent while do runs.
func (m *cpuMeter) during(do func() error) error {
	server, db := cpuOf(m.server), cpuOfTree(m.postmaster)
	err := do()
	m.sum.server += cpuOf(m.server) - server
	m.sum.database += cpuOfTree(m.postmaster) - db
	return err
}

func (s benchSpent) per(n int) benchCPU {
	if n == 0 {
		return benchCPU{}
	}
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(n) }
	return benchCPU{Server: per(s.server), Database: per(s.database)}
}
