package main

import (
	"io"
	"log/slog"
	"testing"
)

// Every chore can be done on a fresh installation with a brand, and again right after.
func TestEveryChoreOfTheTimetableCanBeDoneTwice(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	db, err := throwawayDatabase(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.stop() })
	cfg, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir = t.TempDir()
	h, err := newHouse(t.Context(), cfg, db, "http://127.0.0.1:9/v1", log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.close() })
	if err := h.seedDemo(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if err := h.welcome(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
	for _, c := range h.chores {
		for range 2 {
			if err := c.do(t.Context()); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}
