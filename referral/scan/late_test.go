package scan

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestAbuse14AClickThatComesLateIsMarked(t *testing.T) {
	t.Parallel()
	placed := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		why                     string
		scanned, recorded, told time.Duration // after the order was placed
		want                    Late
	}{
		{"an hour before the order", -time.Hour, 0, 0, InTime},
		{"at the moment of the order", 0, 0, 0, InTime},
		{"a millisecond after it", time.Millisecond, time.Second, time.Second, AfterOrder},
		{"after it, and put in later", time.Hour, time.Second, 48 * time.Hour, AfterOrder},
		{"before it, in the platform's second message", -time.Hour, time.Second, 10 * time.Minute, InTime},
		{"before it, and put in the next day", -time.Hour, time.Second, 24 * time.Hour, AddedLater},
		{"in a file that comes a year later", -time.Hour, 365 * 24 * time.Hour, 365 * 24 * time.Hour, InTime},
	} {
		s := Scan{ID: shop.NewID(placed.Add(tc.scanned))}
		if got := s.LateTo(placed, placed.Add(tc.recorded), placed.Add(tc.told)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.why, got, tc.want)
		}
	}
}
