package plan

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func day(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestVersionInForce(t *testing.T) {
	t.Parallel()
	plans := []Plan{{Version: 1, FirstDay: day("2024-01-01")}, {Version: 3, FirstDay: day("2026-01-01")}, {Version: 2, FirstDay: day("2026-01-01")}, {Version: 4, FirstDay: day("2026-07-01")}}
	tests := []struct {
		why, day string
		version  int
		ok       bool
	}{
		{"before the first", "2023-12-31", 0, false},
		{"its first day counts", "2024-01-01", 1, true},
		{"the last day of a version", "2025-12-31", 1, true},
		{"two begin on one day: the higher", "2026-01-01", 3, true},
		{"the last version stays", "2031-01-01", 4, true},
	}
	for _, tt := range tests {
		for range 2 {
			p, ok := InForce(plans, day(tt.day))
			if p.Version != tt.version || ok != tt.ok {
				t.Errorf("%s: version %d %v, want %d %v", tt.why, p.Version, ok, tt.version, tt.ok)
			}
			plans = slices.Clone(plans)
			slices.Reverse(plans)
		}
	}
}

func TestDayOfAnInstantIsTheBrandsDay(t *testing.T) {
	t.Parallel()
	taipei := time.FixedZone("Asia/Taipei", 8*60*60)
	at := time.Date(2026, 3, 1, 16, 30, 0, 0, time.UTC)
	if got := DayOf(at, taipei).String(); got != "2026-03-02" {
		t.Errorf("16:30 UTC is %s in Taipei", got)
	}
}

func TestPlanBeginsAfterToday(t *testing.T) {
	t.Parallel()
	p := Plan{FirstDay: day("2026-03-02")}
	for today, want := range map[string]error{"2026-03-01": nil, "2026-03-02": ErrNotForward, "2026-03-03": ErrNotForward} {
		if err := p.forward(day(today)); !errors.Is(err, want) {
			t.Errorf("on %s: %v, want %v", today, err, want)
		}
	}
}
