package plan

import (
	"errors"
	"strings"
	"time"
)

// Day is a calendar day in the brand's time zone, written YYYY-MM-DD. Inside it is midnight UTC of that date.
type Day struct{ time.Time }

// DayOf is the calendar day of an instant in a zone.
func DayOf(at time.Time, zone *time.Location) Day {
	y, m, d := at.In(zone).Date()
	return Day{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// errNoDay does not quote what was written: it is told to callers, and what stands in a wrong place may be anything.
var errNoDay = errors.New("a day is a text YYYY-MM-DD")

// ParseDay reads YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, errNoDay
	}
	return Day{t}, nil
}

func (d Day) String() string { return d.Format(time.DateOnly) }

// After says whether the day is later than the other.
func (d Day) After(other Day) bool { return d.Time.After(other.Time) }

// MarshalJSON writes "YYYY-MM-DD"; without it the embedded time would write an instant.
func (d Day) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// UnmarshalJSON reads "YYYY-MM-DD".
func (d *Day) UnmarshalJSON(b []byte) error {
	text, isText := strings.CutPrefix(string(b), `"`)
	if !isText {
		return errNoDay
	}
	day, err := ParseDay(strings.TrimSuffix(text, `"`))
	if err != nil {
		return err
	}
	*d = day
	return nil
}

// MarshalText and UnmarshalText are those of JSON without the quotes.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Day) UnmarshalText(b []byte) error {
	day, err := ParseDay(string(b))
	if err == nil {
		*d = day
	}
	return err
}
