package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"homestore/migrations"
	"homestore/migrations/postgres"
	"homestore/referral/period"
	"homestore/referral/scan"
)

const (
	// tooLong is for what nobody has looked at: workers do within seconds.
	tooLong = 5 * time.Minute
	// tooFar is how much the clocks of program and database may differ: ids carry the program's time, leases the database's.
	tooFar = 5 * time.Second
	// tooFull is what a spool needs to hold a long outage.
	tooFull = 1 << 30
)

func lookAtSpool(_ context.Context, e *examination) error {
	dir := e.cfg.spoolDir()
	left, err := scan.LookAt(dir)
	if err != nil {
		return err
	}
	if left.WaitingBytes > 0 && e.now.Sub(left.Since) > tooLong {
		e.find("start `homestore serve` with this data directory: it stores them as soon as the database answers",
			"%d bytes of scans wait in the spool since %s", left.WaitingBytes, left.Since.UTC().Format(time.RFC3339))
	}
	for _, file := range left.SetAside {
		if strings.HasSuffix(file, ".torn") {
			e.find("nothing that was answered is in it; keep it if you want to know what the crash tore, else remove it", "a crash tore %s", file)
			continue
		}
		e.find("find out why (a brand that is gone, a clock that was wrong), then remove it", "the database refused the scans in %s", file)
	}
	return lookAtDisk(e, dir)
}

// lookAtDisk asks for the nearest directory that is there: before the first start the spool's is not.
func lookAtDisk(e *examination, dir string) error {
	var disk syscall.Statfs_t
	err := syscall.Statfs(dir, &disk)
	for ; errors.Is(err, fs.ErrNotExist) && dir != path.Dir(dir); err = syscall.Statfs(dir, &disk) {
		dir = path.Dir(dir)
	}
	if err != nil {
		return fmt.Errorf("ask for free space in %s: %w", dir, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < tooFull {
		e.find("make room on this disk, or set HOMESTORE_DATA_DIR to another", "%d MB are free in %s, where scans wait while the database is away", free>>20, dir)
	}
	return nil
}

func lookForDatabase(ctx context.Context, e *examination) error {
	err := e.pool.Ping(ctx)
	if postgres.IsDown(err) {
		e.find("start it, or mend HOMESTORE_DATABASE_URL", "the database does not answer")
	}
	return nil // what else is wrong is for migrations to say: a role that is not there, above all
}

func lookAtMigrations(ctx context.Context, e *examination) error {
	err := e.pool.IsCurrent(ctx)
	if errors.Is(err, postgres.ErrBehind) {
		e.find("run `homestore migrate`", "the database lacks migrations of this program")
		return nil
	}
	if err != nil {
		return err
	}
	last, err := lastMigration(ctx, e.pool.Raw())
	if err != nil {
		return err
	}
	ours, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return err
	}
	known := 0
	for _, name := range ours {
		n, err := strconv.Atoi(strings.SplitN(name, "_", 2)[0])
		if err != nil {
			return err
		}
		known = max(known, n)
	}
	if last > known {
		e.find("deploy the program that migrated it, or a later one", "the database has migration %d, and this program knows %d only", last, known)
	}
	return nil
}

func lookAtSettings(ctx context.Context, e *examination) error {
	asked := time.Now()
	s, err := readSettings(ctx, e.pool.Raw())
	if err != nil {
		return err
	}
	if s.Version < 150000 {
		e.find("upgrade it", "PostgreSQL is of version %d, and 15 is needed", s.Version/10000)
	}
	for _, off := range s.Off {
		e.find("switch it on: without it a power cut loses what was acknowledged", "%s is off", off)
	}
	for _, lacking := range s.Lacking {
		e.find("run `homestore migrate` as a role that may make it", "%s is lacking", lacking)
	}
	// The answer was given between the two: half of that time is not the clock's.
	if d := s.Now.Sub(asked.Add(time.Since(asked) / 2)).Abs(); d > tooFar {
		e.find("let both machines follow a time server", "the clocks of program and database differ by %s", d.Round(time.Second))
	}
	return nil
}

func lookAtPartitions(ctx context.Context, e *examination) error {
	missing, err := missingPartitions(ctx, e.pool.Raw(), []time.Time{e.now.UTC(), nextMonth(e.now)})
	if err != nil {
		return err
	}
	for _, table := range missing {
		e.find("run `homestore migrate`, and see that a process works: `homestore serve` without --api-only makes them ahead",
			"%s has no partition for this month or the next", table)
	}
	return nil
}

func nextMonth(at time.Time) time.Time {
	y, m, _ := at.UTC().Date()
	return time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
}

// lookAtQueue is quiet about a queue that nobody works on while nothing waits in it.
func lookAtQueue(ctx context.Context, e *examination) error {
	q, err := readQueue(ctx, e.pool.Raw())
	if err != nil {
		return err
	}
	if q.Waiting > 0 && q.OldestWait > tooLong {
		e.find("see that a process works: `homestore serve` without --api-only", "%d jobs wait, the oldest for %s", q.Waiting, q.OldestWait.Round(time.Second))
	}
	if q.LeaderGone > tooLong {
		e.find("start `homestore serve` without --api-only: nothing of the timetable is done", "who kept the timetable is gone for %s", q.LeaderGone.Round(time.Second))
	}
	if q.Idle > tooLong {
		e.find("read in the log of `homestore serve` what became of its jobs", "nothing of the timetable was done for %s", q.Idle.Round(time.Second))
	}
	for _, d := range q.Discarded {
		e.find("read why in the log, mend the cause; what is done again and again comes again by itself", "%d jobs %s were given up in the last day", d.Jobs, d.Kind)
	}
	return nil
}

// lookAtSchema asks what is the same for every brand.
func lookAtSchema(ctx context.Context, e *examination) error {
	for _, rule := range period.Invariants {
		if rule.OfSchema {
			if err := askOf(ctx, e.pool.Raw(), 0, rule, e.find); err != nil {
				return err
			}
		}
	}
	return nil
}
