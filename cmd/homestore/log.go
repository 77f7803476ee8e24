package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"homestore/api/problem"
)

// openLog writes JSON lines: to the data directory on the embedded default, whose terminal is for people, else to the standard
// error as containers expect.
func openLog(cfg Config) (*slog.Logger, func(), error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, nil, fmt.Errorf("HOMESTORE_LOG_LEVEL is debug, info, warn or error: %w", err)
	}
	if cfg.DatabaseURL != "" {
		log, flush := logTo(os.Stderr, level)
		return log, flush, nil
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(filepath.Join(cfg.DataDir, "homestore.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	log, flush := logTo(file, level)
	return log, func() { flush(); _ = file.Close() }, nil
}

const (
	// logEvery is how old a line may get before it is written. One system call a line cost a twentieth of a scan.
	logEvery = 200 * time.Millisecond
	// logBytes is some 200 lines: what is written at once when many come.
	logBytes = 64 << 10
)

// logTo logs to w a little later: lines are collected, but a warning or an error is written at once, with all before it. So
// a kill loses what was ordinary in the last moment, never why. The returned function ends it.
func logTo(w io.Writer, level slog.Level) (*slog.Logger, func()) {
	lines := &lateWriter{to: w}
	ended := make(chan struct{})
	go func() {
		every := time.NewTicker(logEvery)
		defer every.Stop()
		for {
			select {
			case <-ended:
				return
			case <-every.C:
				lines.flush()
			}
		}
	}()
	log := slog.New(promptHandler{slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutPeople}), lines})
	return log, sync.OnceFunc(func() {
		close(ended)
		lines.flush()
	})
}

// withoutPeople scrubs every error, whoever logs it and however: libraries quote what they could not read, and the queue logs the
// errors and panics of jobs as text.
func withoutPeople(_ []string, a slog.Attr) slog.Attr {
	if err, is := a.Value.Any().(error); is {
		a.Value = slog.StringValue(problem.Scrub(err))
	} else if a.Value.Kind() == slog.KindString && (strings.HasPrefix(a.Key, "err") || a.Key == "panic_val") {
		a.Value = slog.StringValue(problem.ScrubText(a.Value.String()))
	}
	return a
}

// lateWriter collects lines. What cannot be written, on a full disk, is dropped: answers do not wait for the log.
type lateWriter struct {
	mu    sync.Mutex
	lines []byte
	to    io.Writer
}

func (w *lateWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lines = append(w.lines, line...); len(w.lines) >= logBytes {
		w.write()
	}
	return len(line), nil
}

func (w *lateWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write()
}

func (w *lateWriter) write() {
	if len(w.lines) == 0 {
		return
	}
	_, _ = w.to.Write(w.lines)
	w.lines = w.lines[:0]
}

// promptHandler has what is more than ordinary written at once.
type promptHandler struct {
	slog.Handler

	lines *lateWriter
}

func (h promptHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		h.lines.flush()
	}
	return err
}

func (h promptHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return promptHandler{h.Handler.WithAttrs(attrs), h.lines}
}

func (h promptHandler) WithGroup(name string) slog.Handler {
	return promptHandler{h.Handler.WithGroup(name), h.lines}
}
