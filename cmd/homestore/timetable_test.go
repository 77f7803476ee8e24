package main

import (
	"io"
	"testing"
)

// Every chore can be done on a fresh installation with a brand, and again right after.
func TestEveryChoreOfTheTimetableCanBeDoneTwice(t *testing.T) {
	t.Parallel()
	h, _ := testHouse(t)
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
