package notice

import (
	"testing"
	"time"
)

func TestDayAndNightEndByThemselves(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Asia/Taipei", 8*60*60)
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	for _, c := range []struct {
		at      string
		isNight bool
		until   string
	}{
		{"2026-03-01 08:00:00", false, "2026-03-01 22:00:00"},
		{"2026-03-01 21:59:59", false, "2026-03-01 22:00:00"},
		{"2026-03-01 22:00:00", true, "2026-03-02 08:00:00"},
		{"2026-03-02 00:00:00", true, "2026-03-02 08:00:00"},
		{"2026-03-02 07:59:59", true, "2026-03-02 08:00:00"},
		{"2026-12-31 23:00:00", true, "2027-01-01 08:00:00"},
	} {
		if isNight, until := hours(at(c.at), zone); isNight != c.isNight || !until.Equal(at(c.until)) {
			t.Errorf("%s: night %v until %s", c.at, isNight, until)
		}
	}
}
