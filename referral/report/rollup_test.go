package report_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/report"
	"homestore/referral/tag"
)

func at(text string) time.Time {
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return instant
}

// hours are the sessions of the shelf by the hour in which they began.
func (s *shelf) hours(first, last string) map[string]int64 {
	s.t.Helper()
	got := map[string]int64{}
	for _, r := range s.funnel(report.ByTag, report.ByHour, first, last).Rows {
		got[r.Starts.UTC().Format("15:04")] += r.Sessions
	}
	return got
}

// A scan that comes late from the spool may join two sessions, also over the end of an hour; which hours are looked at is not
// which hours were new.
func TestALateScanIsRolledUpLikeAnyOther(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	shelf := s.tag(s.S1, shop.ID{}, tag.Shelf, "", "")
	s.late(shelf, 1, at("2026-03-29T10:45:00Z"))
	s.late(shelf, 1, at("2026-03-29T11:20:00Z"))
	s.rolled()
	if got := s.hours("2026-03-29", "2026-03-29"); got["10:00"] != 1 || got["11:00"] != 1 {
		t.Fatalf("35 minutes apart they are two sessions: %v", got)
	}
	s.late(shelf, 1, at("2026-03-29T10:58:00Z"))
	if n := s.rolled(); n != 3 {
		t.Errorf("%d hours were worked out, want its own and both beside it", n)
	}
	if got := s.hours("2026-03-29", "2026-03-29"); got["10:00"] != 1 || got["11:00"] != 0 {
		t.Errorf("with one between they are one: %v", got)
	}
	// Looking back less far than it lies finds it only later.
	s.late(shelf, 2, at("2026-03-29T10:59:00Z"))
	if n, err := s.RollUp(t.Context(), s.Brand, at("2026-03-29T12:00:00Z")); n != 0 || err != nil {
		t.Errorf("%d hours, %v", n, err)
	}
	if n := s.rolled(); n == 0 {
		t.Error("the look at everything has missed it")
	}
}

func TestScansThatHaveExpiredStayCounted(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	shelf := s.tag(s.S1, shop.ID{}, tag.Shelf, "", "")
	click := s.scan(shelf, 1, phone)
	name := s.buys(s.joins(click), 10, "TWD", click)
	s.rolled()
	before := s.funnel(report.ByTag, report.Whole, "2026-03-01", "2026-04-30").Total
	err := s.pool.Brand(t.Context(), s.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM scan WHERE brand_id = $1`, s.Brand)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.AddDate(0, 0, 5)
	s.apply(order.WasRefunded{Order: name, ExternalID: "r", At: s.now, Lines: []order.RefundedLine{{Line: "1", Quantity: 5}}})
	s.rolled()
	after := s.funnel(report.ByTag, report.Whole, "2026-03-01", "2026-04-30").Total
	if after.Scans != 1 || after.Sessions != 1 || after.Orders != 1 || after.Net != before.Net-after.Returned || after.Returned == 0 || after.Credit >= before.Credit {
		t.Errorf("%+v, then %+v", before, after)
	}
}

// What a binding changes of the past, its orders follow.
func TestAnOrderFollowsABindingThatIsFoundOutLater(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	shelf := s.tag(s.S1, s.Amy, tag.Window, "", "")
	click := s.scan(shelf, 1, phone)
	who := s.person()
	s.now = s.now.Add(time.Minute)
	s.buys(who, 1, "TWD") // she has not joined, and the order names no click
	s.rolled()
	if f := s.funnel(report.ByTag, report.Whole, "2026-03-29", "2026-03-30"); !hasNobody(f) {
		t.Errorf("nobody has won her yet: %+v", f.Rows)
	}
	s.now = s.now.Add(time.Hour)
	s.join(who, click)
	s.rolled()
	f := s.funnel(report.ByStaff, report.Whole, "2026-03-29", "2026-03-30")
	if len(f.Rows) != 1 || f.Rows[0].Key.Code != "amy" || f.Rows[0].Orders != 1 || f.Rows[0].Joins != 1 {
		t.Errorf("the scan was before the order: %+v", f.Rows)
	}
}

func hasNobody(f report.Funnel) bool {
	for _, r := range f.Rows {
		if r.Key.IsNobody() && r.Orders > 0 {
			return true
		}
	}
	return false
}

// However many roll up at the same moment, and however facts come between, what is kept is what the facts add up to.
func TestManyRollUpAtOnce(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	shelf := s.tag(s.S1, shop.ID{}, tag.Shelf, "SOFA", "A")
	who := s.joins(s.scan(shelf, 1, phone))
	for n := range 12 { // hours that all of them find due
		s.late(shelf, 100, s.now.Add(-time.Duration(n)*time.Hour))
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for range 4 {
				if _, err := s.RollUp(t.Context(), s.Brand, time.Time{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range 20 {
		s.buys(who, int64(n+1), "TWD")
		s.scan(shelf, n, phone)
	}
	all.Wait()
	s.rolled()
	got := s.funnel(report.ByProduct, report.Whole, "2026-03-28", "2026-03-31").Rows
	if len(got) != 1 || got[0].Figures != s.recomputed(report.ByProduct)["SOFA"] || got[0].Orders != 20 || got[0].Scans != 33 {
		t.Errorf("%+v", got)
	}
}

func TestDaysAndHoursAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why, zone   string
		first, last string
		scans       []string
		days        map[string]int64 // by the instant at which they begin
	}{
		{"the month ends at Taipei's midnight", "Asia/Taipei", "2026-03-31", "2026-03-31",
			[]string{"2026-03-30T15:59:59Z", "2026-03-30T16:00:00Z", "2026-03-31T15:59:59.999Z", "2026-03-31T16:00:00Z"},
			map[string]int64{"2026-03-30T16:00:00Z": 2}},
		{"a day of 23 hours in London", "Europe/London", "2026-03-29", "2026-03-30",
			[]string{"2026-03-28T23:59:00Z", "2026-03-29T00:00:00Z", "2026-03-29T22:59:00Z", "2026-03-29T23:00:00Z", "2026-03-30T23:00:00Z"},
			map[string]int64{"2026-03-29T00:00:00Z": 2, "2026-03-29T23:00:00Z": 1}},
		{"a day of 25 hours in London", "Europe/London", "2026-10-25", "2026-10-25",
			[]string{"2026-10-24T22:59:00Z", "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T23:59:00Z", "2026-10-26T00:00:00Z"},
			map[string]int64{"2026-10-24T23:00:00Z": 4}},
		{"a zone that is half an hour off", "Asia/Kolkata", "2026-04-01", "2026-04-01",
			[]string{"2026-03-31T18:29:00Z", "2026-03-31T18:30:00Z", "2026-04-01T18:29:00Z", "2026-04-01T18:30:00Z"},
			map[string]int64{"2026-03-31T18:30:00Z": 2}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			s := setupShelf(t)
			s.now = at("2026-11-01T00:00:00Z")
			err := s.pool.Global(t.Context(), func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE brand SET time_zone = $2 WHERE brand_id = $1`, s.Brand, tt.zone)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			shelf := s.tag(s.S1, shop.ID{}, tag.Shelf, "", "")
			for device, scanned := range tt.scans {
				s.late(shelf, byte(device), at(scanned))
			}
			s.rolled()
			days := s.funnel(report.ByTag, report.ByDay, tt.first, tt.last)
			got := map[string]int64{}
			for _, r := range days.Rows {
				got[r.Starts.UTC().Format(time.RFC3339)] = r.Scans
			}
			if len(got) != len(tt.days) {
				t.Errorf("%v, want %v", got, tt.days)
			}
			for starts, want := range tt.days {
				if got[starts] != want {
					t.Errorf("%v, want %v", got, tt.days)
				}
			}
			hours := s.funnel(report.ByTag, report.ByHour, tt.first, tt.last)
			if hours.Total != days.Total || len(hours.Rows) != int(hours.Total.Scans) {
				t.Errorf("each scan has an hour of its own: %+v", hours.Rows)
			}
		})
	}
}

// A session that began in the hour before its click pays; one of which the click came more than an hour after it began does not,
// nor does an order of more than 30 days later.
func TestASessionIsPaidByOrdersOnItsScans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why    string
		scans  []time.Duration // after 10:50; she orders with the last one's click
		orders time.Duration   // after the last scan
		buying int64
	}{
		{"the next hour", []time.Duration{0, 20 * time.Minute}, time.Minute, 1},
		{"a long session", []time.Duration{0, 25 * time.Minute, 50 * time.Minute, 65 * time.Minute}, time.Minute, 0},
		{"a day before it is too late", []time.Duration{0}, 29 * 24 * time.Hour, 1},
		{"too late", []time.Duration{0}, 30*24*time.Hour + 30*time.Minute, 0},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			s := setupShelf(t)
			shelf := s.tag(s.S1, shop.ID{}, tag.Shelf, "", "")
			began := at("2026-03-29T10:50:00Z")
			var click string
			for _, after := range tt.scans {
				s.now = began.Add(after)
				click = s.scan(shelf, 1, phone)
			}
			who := s.joins(click)
			s.rolled()
			s.now = s.now.Add(tt.orders)
			s.buys(who, 1, "TWD")
			s.rolled()
			c, err := s.Compare(t.Context(), s.hq, report.Pair{Days: report.Days{First: day("2026-03-29"), Last: day("2026-03-29")}, By: report.ByPlacement, A: "shelf", B: "window"})
			if err != nil || c.GroupA.Sessions != 1 || c.GroupA.Buying != tt.buying || c.GroupA.Minor != 999*tt.buying {
				t.Errorf("%+v, %v", c.GroupA, err)
			}
		})
	}
}

// Who cancels has bought nothing, and has not come back.
func TestACancelledOrderIsNoReturn(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	who := s.joins(s.scan(s.tag(s.S1, shop.ID{}, tag.Shelf, "", ""), 1, phone))
	s.now = s.now.AddDate(0, 0, 2)
	name := s.buys(who, 1, "TWD")
	for i, want := range []int64{1, 0} {
		s.rolled()
		if _, err := s.RollUpWeeks(t.Context(), s.Brand); err != nil {
			t.Fatal(err)
		}
		weeks, err := s.Adoption(t.Context(), s.hq, report.Days{First: day("2026-03-31"), Last: day("2026-03-31")}, shop.ID{})
		var back int64
		for _, w := range weeks {
			back += w.CameBack
		}
		if err != nil || back != want {
			t.Errorf("%d came back, want %d: %v", back, want, err)
		}
		if i == 0 {
			s.apply(order.WasCancelled{Order: name, At: s.now})
		}
	}
}
