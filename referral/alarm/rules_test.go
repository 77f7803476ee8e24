package alarm

import (
	"testing"
	"time"

	"homestore/clienteling/team"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

var (
	monday   = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	defaults = team.DefaultPolicy().Alarms
	taipei   = time.FixedZone("Asia/Taipei", 8*3600)
)

func daysBefore(n int) time.Time { return monday.AddDate(0, 0, -n) }

// usual is a tag that has hung for months, with so many sessions in the hour from 15:00 of each of four weeks.
func usual(perDay int) observed {
	o := observed{placement: tag.Shelf, since: daysBefore(200), unchanged: daysBefore(200), tellsHome: true, today: Figures{Day: monday}}
	for n := 1; n <= usualDays; n++ {
		f := Figures{Day: daysBefore(n)}
		f.Hours[15] = perDay
		o.before = append(o.before, f)
	}
	return o
}

func TestRulesOfSuspicion(t *testing.T) {
	t.Parallel()
	with := func(o observed, change func(*observed)) observed { change(&o); return o }
	seen := func(atStore, elsewhere int) func(*observed) {
		return func(o *observed) { o.today.AtStore, o.today.Elsewhere = atStore, elsewhere }
	}
	at := func(p tag.Placement) func(*observed) { return func(o *observed) { o.placement = p } }
	for _, tc := range []struct {
		why  string
		o    observed
		want []Kind
	}{
		{"nothing at all", usual(0), nil},
		{"its usual", with(usual(30), func(o *observed) { o.today.Hours[15] = 30 }), nil},

		{"nobody for a month", with(usual(0), func(o *observed) { o.isSilent = true }), []Kind{Dead}},
		{"nobody since it was hung up last week", with(usual(0), func(o *observed) { o.isSilent, o.unchanged = true, daysBefore(7) }), nil},
		{"nobody, live for 30 days to the hour", with(usual(0), func(o *observed) { o.isSilent, o.unchanged = true, daysBefore(29) }), []Kind{Dead}},
		{"a card that nobody was shown", with(with(usual(0), at(tag.StaffCard)), func(o *observed) { o.isSilent = true }), nil},

		{"a shelf tag read in another store", with(usual(0), seen(0, 5)), []Kind{Moved}},
		{"four times: too few to say", with(usual(0), seen(0, 4)), nil},
		{"half here, half there", with(usual(0), seen(50, 50)), nil},
		{"nine of ten there", with(usual(0), seen(5, 45)), []Kind{Moved}},
		{"over a week, a little each day", with(with(usual(0), seen(0, 1)), func(o *observed) {
			for i := range 5 {
				o.before[i].Elsewhere = 1
			}
		}), []Kind{Moved}},
		{"what was there eight days ago says nothing of today", with(usual(0), func(o *observed) { o.before[7].Elsewhere = 50 }), nil},
		{"a receipt goes where it likes", with(with(usual(0), at(tag.Receipt)), seen(0, 50)), nil},
		{"a store that told of no network: a few of many", with(with(usual(30), seen(0, 10)), func(o *observed) { o.tellsHome, o.today.Hours[15] = false, 30 }), nil},
		{"a store that told of no network: nearly all", with(with(usual(0), seen(0, 10)), func(o *observed) { o.tellsHome, o.today.Hours[15] = false, 11 }), []Kind{Moved}},

		{"read by ten phones while the shop was shut", with(usual(0), func(o *observed) { o.closed = 10 }), []Kind{Copied}},
		{"by nine", with(usual(0), func(o *observed) { o.closed = 9 }), nil},
		{"a window is read at night", with(with(usual(0), at(tag.Window)), func(o *observed) { o.closed = 500 }), nil},
		{"here and there in the same hours", with(with(usual(0), seen(20, 20)), func(o *observed) { o.both = 3 }), []Kind{Copied}},
		{"a photograph of a busy tag, shown around", with(usual(0), seen(900, 15)), nil},
		{"and in every hour", with(usual(0), func(o *observed) { o.today.AtStore, o.today.Elsewhere, o.both = 900, 15, 11 }), nil},
		{"a copy that is read more than the original has not moved", with(with(usual(0), seen(3, 97)), func(o *observed) { o.both = 3 }), []Kind{Copied}},

		{"twenty where there is usually nobody", with(usual(0), func(o *observed) { o.today.Hours[3] = 20 }), []Kind{Burst}},
		{"nineteen are never a storm", with(usual(0), func(o *observed) { o.today.Hours[3] = 19 }), nil},
		{"twice its usual", with(usual(20), func(o *observed) { o.today.Hours[15] = 40 }), nil},
		{"a busy tag on a busy day", with(usual(300), func(o *observed) { o.today.Hours[15] = 600 }), nil},
		{"a busy tag in a storm", with(usual(300), func(o *observed) { o.today.Hours[15] = 900 }), []Kind{Burst}},
		{"five times its usual", with(usual(20), func(o *observed) { o.today.Hours[15] = 100 }), []Kind{Burst}},
		{"its usual at another hour", with(usual(100), func(o *observed) { o.today.Hours[3] = 100 }), []Kind{Burst}},
		{"a tag of three days has no usual", with(usual(0), func(o *observed) { o.today.Hours[3], o.since = 500, daysBefore(3) }), nil},
		{"one storm before does not make the next one usual", with(usual(5), func(o *observed) { o.before[3].Hours[15], o.today.Hours[15] = 2000, 100 }), []Kind{Burst}},
	} {
		found := tc.o.suspicions(defaults)
		same := len(found) == len(tc.want)
		for i := range found {
			same = same && found[i].kind == tc.want[i]
		}
		if !same {
			t.Errorf("%s: %+v, want %v", tc.why, found, tc.want)
		}
		if off := tc.o.suspicions(team.Alarms{}); len(off) > 0 {
			t.Errorf("%s, with all switched off: %+v", tc.why, off)
		}
	}
}

func TestAStormSaysWhichHourAndWhatIsUsual(t *testing.T) {
	t.Parallel()
	o := usual(20)
	o.today.Hours[15], o.today.Hours[16] = 200, 30
	found := o.suspicions(defaults)
	if len(found) != 1 {
		t.Fatalf("%+v", found)
	}
	// By hand: 2√200.375 − 2√20.375 = 28.311 − 9.028 = 19.28 standard deviations.
	if why := found[0].why; why.Sessions != 200 || *why.Hour != 15 || why.Usual != 20 || why.Deviations != 19.28 {
		t.Errorf("%+v, hour %d", why, *why.Hour)
	}
}

func TestADayIsSummedByTheBrandsClock(t *testing.T) {
	t.Parallel()
	hours := team.Hours{"mon": {{Opens: "11:00", Closes: "22:00"}}}
	slot := func(hour, minute int, s scan.Slot) scan.Slot {
		s.From = time.Date(2026, 11, 16, hour, minute, 0, 0, taipei)
		return s
	}
	var o observed
	o.observe([]scan.Slot{
		slot(3, 0, scan.Slot{Sessions: 4, Devices: 3}),
		slot(10, 30, scan.Slot{Sessions: 1, Devices: 1}), // people are there already
		slot(11, 0, scan.Slot{Sessions: 2, Devices: 2, AtStore: 1, Elsewhere: 1}),
		slot(12, 0, scan.Slot{Sessions: 5, Devices: 5, AtStore: 5}),
		slot(12, 45, scan.Slot{Sessions: 1, Devices: 1, Elsewhere: 1}),
		slot(13, 0, scan.Slot{Sessions: 1, Devices: 1, Elsewhere: 1}),
		slot(22, 15, scan.Slot{Sessions: 1, Devices: 1}), // and still
		slot(23, 0, scan.Slot{Sessions: 7, Devices: 6}),
	}, hours, taipei)
	if h := o.today.Hours; h[3] != 4 || h[12] != 6 || h[23] != 7 || o.today.sessions() != 22 {
		t.Errorf("hours %v", h)
	}
	if o.closed != 9 || o.both != 2 || o.today.AtStore != 6 || o.today.Elsewhere != 3 {
		t.Errorf("%d devices while it was closed, want 9; %d hours in two places, want 2; %+v", o.closed, o.both, o.today)
	}
	var unknown observed
	unknown.observe([]scan.Slot{slot(3, 0, scan.Slot{Devices: 50})}, nil, taipei)
	if unknown.closed != 0 {
		t.Error("nobody knows when it is open, so nobody read it while it was closed")
	}
}

// Reference values by hand, from the formula as it was published.
func TestWilsonsIntervalBeginsWhereItShould(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		part, of int
		want     float64
	}{{0, 0, 0}, {5, 5, 0.5655}, {8, 10, 0.4902}, {0, 10, 0}} {
		if got := wilsonLow(tc.part, tc.of); got < tc.want-0.0005 || got > tc.want+0.0005 {
			t.Errorf("%d of %d: %.4f, want %.4f", tc.part, tc.of, got, tc.want)
		}
	}
}
