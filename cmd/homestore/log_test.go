package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnOrdinaryLineIsWrittenSoonAndAWarningAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var file lockedBuffer
		log, end := logTo(&file, slog.LevelInfo)
		defer end()
		log.Debug("too fine")
		log.Info("one")
		if got := file.String(); got != "" {
			t.Errorf("a system call for one line: %s", got)
		}
		time.Sleep(logEvery)
		synctest.Wait()
		if got := file.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"msg":"one"`) {
			t.Errorf("after %s there is %q", logEvery, got)
		}
		log.Info("two")
		log.With("part", "queue").Warn("three")
		if got := file.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, `"msg":"three","part":"queue"`) {
			t.Errorf("with a warning, all before it is written: %q", got)
		}
		log.Info("four")
		end()
		if got := file.String(); strings.Count(got, "\n") != 4 {
			t.Errorf("in the end all is written: %q", got)
		}
	})
}

// Whoever logs an error, and however: nothing of a person is in it. What is no error stays as it was said.
func TestNoErrorInTheLogNamesAPerson(t *testing.T) {
	t.Parallel()
	var file lockedBuffer
	log, end := logTo(&file, slog.LevelInfo)
	quoting := errors.New("cannot read lin@example.test, +886912345678")
	log.Error("a", "error", quoting)
	log.With("why", quoting).Error("b")
	log.Error("c", "err", quoting.Error(), "panic_val", quoting.Error(), "queue", "default")
	end()
	if got := file.String(); strings.Contains(got, "lin@") || strings.Contains(got, "912345678") || strings.Count(got, "cannot read") != 4 || !strings.Contains(got, "default") {
		t.Errorf("the log: %s", got)
	}
}

// fullDisk takes nothing until it has room.
type fullDisk struct {
	hasRoom bool
	lockedBuffer
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if !d.hasRoom {
		return 0, errors.New("no space left on device")
	}
	return d.lockedBuffer.Write(p)
}

func TestTheLogGoesOnAfterAFullDisk(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{}
	log, end := logTo(disk, slog.LevelInfo)
	defer end()
	for range 3 * logBytes / 100 {
		log.Error(strings.Repeat("x", 100))
	}
	disk.hasRoom = true
	log.Error("room again")
	if got := disk.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "room again") {
		t.Errorf("%d bytes: %.200q", len(got), got)
	}
}
