package delivery

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func clock(t *testing.T, s, zoneName string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone(t, zoneName))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const (
	taipei = "Asia/Taipei"
	london = "Europe/London"       // 2026: forward at 01:00 on 29 March, back at 02:00 on 25 October
	apia   = "Pacific/Apia"        // had no 30 December 2011
	lord   = "Australia/Lord_Howe" // half an hour of summer time
)

func TestQuietHoursEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, from, until, zone, at, over string
	}{
		{"midday is not quiet", "22:00", "09:00", taipei, "2026-11-22 12:00:00", "2026-11-22 12:00:00"},
		{"the last second before", "22:00", "09:00", taipei, "2026-11-22 21:59:59", "2026-11-22 21:59:59"},
		{"the first second", "22:00", "09:00", taipei, "2026-11-22 22:00:00", "2026-11-23 09:00:00"},
		{"a second before midnight", "22:00", "09:00", taipei, "2026-11-22 23:59:59", "2026-11-23 09:00:00"},
		{"midnight", "22:00", "09:00", taipei, "2026-11-23 00:00:00", "2026-11-23 09:00:00"},
		{"the last second", "22:00", "09:00", taipei, "2026-11-23 08:59:59", "2026-11-23 09:00:00"},
		{"nine o'clock is not quiet", "22:00", "09:00", taipei, "2026-11-23 09:00:00", "2026-11-23 09:00:00"},
		{"over the end of a year", "22:00", "09:00", taipei, "2026-12-31 23:00:00", "2027-01-01 09:00:00"},
		{"within one day", "13:00", "14:00", taipei, "2026-11-22 13:30:00", "2026-11-22 14:00:00"},
		{"within one day, outside", "13:00", "14:00", taipei, "2026-11-22 14:00:00", "2026-11-22 14:00:00"},
		{"until midnight", "20:00", "00:00", taipei, "2026-11-22 23:30:00", "2026-11-23 00:00:00"},
		{"from midnight", "00:00", "09:00", taipei, "2026-11-22 00:00:00", "2026-11-22 09:00:00"},
		{"no quiet hours at all", "09:00", "09:00", taipei, "2026-11-22 09:00:00", "2026-11-22 09:00:00"},
		{"the night is an hour shorter in spring", "22:00", "09:00", london, "2026-03-28 23:00:00", "2026-03-29 09:00:00"},
		{"and longer in autumn", "22:00", "09:00", london, "2026-10-24 23:00:00", "2026-10-25 09:00:00"},
		{"the clocks jump over the end", "22:00", "01:30", london, "2026-03-29 00:30:00", "2026-03-29 02:00:00"},
		{"half an hour of summer time", "22:00", "02:15", lord, "2026-10-04 01:00:00", "2026-10-04 02:30:00"},
		{"a day that never was", "22:00", "09:00", apia, "2011-12-29 23:00:00", "2011-12-31 09:00:00"},
	} {
		q, err := newQuiet(tc.from, tc.until)
		if err != nil {
			t.Fatal(err)
		}
		got := q.over(clock(t, tc.at, tc.zone), zone(t, tc.zone))
		if want := clock(t, tc.over, tc.zone); !got.Equal(want) {
			t.Errorf("%s: over at %s, want %s", tc.why, got, want)
		}
	}
}

func TestQuietHoursBeginWhereTheyShould(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, from, until, zone, at, begins string
	}{
		{"this evening", "22:00", "09:00", taipei, "2026-11-22 12:00:00", "2026-11-22 22:00:00"},
		{"a second before", "22:00", "09:00", taipei, "2026-11-22 21:59:59", "2026-11-22 22:00:00"},
		{"once begun, tomorrow", "22:00", "09:00", taipei, "2026-11-22 22:00:00", "2026-11-23 22:00:00"},
		{"at midnight", "00:00", "09:00", taipei, "2026-11-22 12:00:00", "2026-11-23 00:00:00"},
		{"the clocks jump over the beginning", "01:30", "09:00", london, "2026-03-28 23:00:00", "2026-03-29 02:00:00"},
	} {
		q, err := newQuiet(tc.from, tc.until)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := q.begins(clock(t, tc.at, tc.zone), zone(t, tc.zone)), clock(t, tc.begins, tc.zone); !got.Equal(want) {
			t.Errorf("%s: begins at %s, want %s", tc.why, got, want)
		}
	}
	if never := (quiet{540, 540}).begins(clock(t, "2026-11-22 12:00:00", taipei), time.UTC); !never.IsZero() {
		t.Errorf("no quiet hours begin at %s", never)
	}
}

// Whatever the night and the zone: what over names is not quiet, and everything before it was.
func TestNothingIsSentInQuietHoursOfAnyZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{taipei, london, lord, "America/St_Johns"} {
		z := zone(t, name)
		for _, q := range []quiet{{1320, 540}, {0, 90}, {90, 120}, {1430, 10}} {
			for at := time.Date(2026, 3, 1, 0, 0, 0, 0, z); at.Year() == 2026; at = at.Add(47 * time.Minute) {
				over := q.over(at, z)
				if q.covers(over, z) || q.covers(at, z) != over.After(at) {
					t.Fatalf("%s %v: at %s over at %s", name, q, at, over)
				}
				if over.After(at) && !q.covers(over.Add(-time.Second), z) {
					t.Fatalf("%s %v: at %s waits until %s for nothing", name, q, at, over)
				}
			}
		}
	}
}
