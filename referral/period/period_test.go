package period

import (
	"errors"
	"testing"
	"time"
)

func TestMonthIsClosedWhenItIsOver(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	tests := []struct {
		why          string
		month, today time.Time
		want         error
	}{
		{"its last day is a day of it", day(2026, 3, 1), day(2026, 3, 31), ErrNotOver},
		{"the first day after it", day(2026, 3, 1), day(2026, 4, 1), nil},
		{"a month that lies ahead", day(2027, 3, 1), day(2026, 4, 1), ErrNotOver},
		{"over the end of the year", day(2025, 12, 1), day(2026, 1, 1), nil},
		{"no month begins on the second", day(2026, 3, 2), day(2026, 5, 1), ErrNotMonth},
		{"nor at one in the morning", day(2026, 3, 1).Add(time.Hour), day(2026, 5, 1), ErrNotMonth},
	}
	for _, tt := range tests {
		if err := check(tt.month, tt.today); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.why, err, tt.want)
		}
	}
}
