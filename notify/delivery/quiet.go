package delivery

import (
	"fmt"
	"time"
)

// quiet is the part of each day in which no marketing is shown, by the clock of her time zone. From 22:00 until 09:00 it
// spans midnight. Its first minute is quiet, the minute at which it ends is not.
type quiet struct{ from, until int } // minutes after midnight; equal: there are no quiet hours

// newQuiet reads a policy's HH:MM.
func newQuiet(from, until string) (quiet, error) {
	f, err := time.Parse("15:04", from)
	if err != nil {
		return quiet{}, fmt.Errorf("quiet hours: %w", err)
	}
	u, err := time.Parse("15:04", until)
	if err != nil {
		return quiet{}, fmt.Errorf("quiet hours: %w", err)
	}
	return quiet{f.Hour()*60 + f.Minute(), u.Hour()*60 + u.Minute()}, nil
}

// covers says whether the instant is quiet in the zone.
func (q quiet) covers(at time.Time, zone *time.Location) bool {
	local := at.In(zone)
	minute := local.Hour()*60 + local.Minute()
	if q.from <= q.until {
		return q.from <= minute && minute < q.until
	}
	return minute >= q.from || minute < q.until
}

// over is the first instant from at on that is not quiet: at itself, when it is not.
func (q quiet) over(at time.Time, zone *time.Location) time.Time {
	if !q.covers(at, zone) {
		return at
	}
	return firstMinute(nextAt(q.until, at, zone), at, func(t time.Time) bool { return !q.covers(t, zone) })
}

// begins is when it becomes quiet next, after at; zero when it never does.
func (q quiet) begins(at time.Time, zone *time.Location) time.Time {
	if q.from == q.until {
		return time.Time{}
	}
	return firstMinute(nextAt(q.from, at, zone), at, func(t time.Time) bool { return q.covers(t, zone) })
}

// firstMinute is where it becomes so. Where clocks jump over the minute that was asked for, nextAt names one as far before
// or after the jump as the jump is long, at most an hour.
func firstMinute(near, after time.Time, isSo func(time.Time) bool) time.Time {
	for !isSo(near) {
		near = near.Add(time.Minute)
	}
	for before := near.Add(-time.Minute); before.After(after) && isSo(before); before = near.Add(-time.Minute) {
		near = before
	}
	return near
}

// nextAt is the next instant after at, at which the zone's clocks show so many minutes after midnight.
func nextAt(minute int, at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	for day := local.Day(); ; day++ {
		t := time.Date(local.Year(), local.Month(), day, minute/60, minute%60, 0, 0, zone)
		if t.After(at) {
			return t
		}
	}
}
