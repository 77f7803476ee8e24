package delivery

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/notify/push"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 in Taipei

func TestWhenTheWeekIsFull(t *testing.T) {
	t.Parallel()
	lin, a, b, c := shop.NewID(noon), shop.NewID(noon), shop.NewID(noon), shop.NewID(noon)
	for _, tc := range []struct {
		why       string
		got       []shop.ID // purposes that she got messages of
		limit     int
		emergency bool
		want      bool
	}{
		{"nothing yet", nil, 2, false, false},
		{"one of two", []shop.ID{a}, 2, false, false},
		{"two of two", []shop.ID{a, b}, 2, false, true},
		{"two phones got one campaign", []shop.ID{a, a}, 2, false, false},
		{"her second phone gets what her first got", []shop.ID{a, c}, 2, false, false},
		{"an emergency passes", []shop.ID{a, b}, 2, true, false},
		{"a brand that sends no marketing", nil, 0, false, true},
		{"a cap that was lowered meanwhile", []shop.ID{a, b}, 1, false, true},
	} {
		w := week{}
		for _, purpose := range tc.got {
			w.note(lin, purpose)
		}
		if got := w.isFull(lin, c, tc.limit, tc.emergency); got != tc.want {
			t.Errorf("%s: %t", tc.why, got)
		}
		if w.isFull(shop.NewID(noon), c, 1, false) {
			t.Errorf("%s: another customer's week is full", tc.why)
		}
	}
}

func TestWhatMayBeSentWhen(t *testing.T) {
	t.Parallel()
	night := clock(t, "2026-11-22 23:00:00", taipei)
	morning := clock(t, "2026-11-23 09:00:00", taipei)
	evening := clock(t, "2026-11-22 22:00:00", taipei)
	for _, tc := range []struct {
		why    string
		change func(*circumstances)
		want   permit
	}{
		{"by day, until the night", func(*circumstances) {}, permit{from: noon, showBy: evening}},
		{"an offer that ends before the night", func(c *circumstances) { c.offerEnds = noon.Add(time.Hour) }, permit{from: noon, showBy: noon.Add(time.Hour)}},
		{"at night, from the morning on", func(c *circumstances) { c.now = night }, permit{from: morning, showBy: evening.Add(24 * time.Hour)}},
		{"an offer that ends before the morning", func(c *circumstances) { c.now, c.offerEnds = night, morning }, permit{why: QuietHours}},
		{"an offer that ends just after", func(c *circumstances) { c.now, c.offerEnds = night, morning.Add(time.Minute) }, permit{from: morning, showBy: morning.Add(time.Minute)}},
		{"no quiet hours", func(c *circumstances) { c.quiet = quiet{} }, permit{from: noon, showBy: noon.Add(7 * 24 * time.Hour)}},
		{"she lives elsewhere: 04:00 in London", func(c *circumstances) { c.zone = zone(t, london) },
			permit{from: clock(t, "2026-11-22 09:00:00", london), showBy: clock(t, "2026-11-22 22:00:00", london)}},
		{"erased", func(c *circumstances) { c.isKnown, c.hasConsent = false, false }, permit{why: NotOurs}},
		{"no consent", func(c *circumstances) { c.hasConsent = false }, permit{why: NoConsent}},
		{"no phone", func(c *circumstances) { c.hasDevice = false }, permit{why: NoDevice}},
		{"the offer is over", func(c *circumstances) { c.offerRuns = false }, permit{why: OfferOver}},
		{"the week is full", func(c *circumstances) { c.isWeekFull = true }, permit{why: WeeklyCap}},
		{"of all reasons her own decision is named", func(c *circumstances) {
			c.hasConsent, c.hasDevice, c.isWeekFull, c.now = false, false, true, night
		}, permit{why: NoConsent}},
	} {
		c := circumstances{
			now: noon, isKnown: true, offerRuns: true, offerEnds: noon.Add(7 * 24 * time.Hour), hasConsent: true, hasDevice: true,
			quiet: quiet{22 * 60, 9 * 60}, zone: zone(t, taipei),
		}
		tc.change(&c)
		got := c.permit()
		if got.why != tc.want.why || !got.from.Equal(tc.want.from) || !got.showBy.Equal(tc.want.showBy) {
			t.Errorf("%s: %+v, want %+v", tc.why, got, tc.want)
		}
	}
}

func TestWhatBecomesOfAVerdict(t *testing.T) {
	t.Parallel()
	ends := noon.Add(24 * time.Hour)
	first := Delivery{Attempts: 1, TriedAt: noon}
	for _, tc := range []struct {
		why     string
		outcome push.Outcome
		d       Delivery
		ends    time.Time
		want    result
	}{
		{"taken", push.Outcome{Verdict: push.Sent, MessageID: "m"}, first, ends, result{state: Sent, messageID: "m"}},
		{"uninstalled", push.Outcome{Verdict: push.TokenDead, Reason: "UNREGISTERED"}, first, ends, result{state: Dead, why: "UNREGISTERED", deviceDead: true}},
		{"cut off", push.Outcome{Verdict: push.Unknown, Reason: "CONNECTION_CUT"}, first, ends, result{state: Unknown, why: "CONNECTION_CUT"}},
		{"a verdict that nobody knows is parked", push.Outcome{Verdict: "new"}, first, ends, result{state: Unknown}},
		{"our message", push.Outcome{Verdict: push.OurFault, Reason: "INVALID_ARGUMENT"}, first, ends, result{state: Failed, why: "INVALID_ARGUMENT"}},
		{"our credentials: everybody waits for them to be mended", push.Outcome{Verdict: push.OurFault, Reason: "UNAUTHENTICATED"}, first, ends,
			result{state: Later, why: "UNAUTHENTICATED", next: noon.Add(time.Minute), hold: time.Minute}},
		{"away, first time", push.Outcome{Verdict: push.Later, Reason: "UNAVAILABLE", RetryAfter: 10 * time.Second}, first, ends,
			result{state: Later, why: "UNAVAILABLE", next: noon.Add(10 * time.Second)}},
		{"a wait that is too short is not believed", push.Outcome{Verdict: push.Later, RetryAfter: time.Second}, first, ends,
			result{state: Later, next: noon.Add(10 * time.Second)}},
		{"quota: the whole sender rests", push.Outcome{Verdict: push.Later, RetryAfter: 7 * time.Second, HoldAll: true}, first, ends,
			result{state: Later, next: noon.Add(10 * time.Second), hold: 7 * time.Second}},
		{"third attempt", push.Outcome{Verdict: push.Later}, Delivery{Attempts: 3, TriedAt: noon.Add(-time.Minute)}, ends,
			result{state: Later, next: noon.Add(40 * time.Second)}},
		{"just within the hour", push.Outcome{Verdict: push.Later, RetryAfter: time.Minute}, Delivery{Attempts: 1, TriedAt: noon.Add(-59 * time.Minute)}, ends,
			result{state: Later, next: noon.Add(time.Minute)}},
		{"given up after an hour", push.Outcome{Verdict: push.Later, RetryAfter: 61 * time.Second}, Delivery{Attempts: 1, TriedAt: noon.Add(-59 * time.Minute)}, ends,
			result{state: Expired, why: GaveUp}},
		{"the offer would be over", push.Outcome{Verdict: push.Later}, first, noon.Add(10 * time.Second), result{state: Expired, why: OfferOver}},
	} {
		if got := judge(tc.outcome, tc.d, tc.ends, noon, 0); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.why, got, tc.want)
		}
	}
}

func TestRepeatsAreSpreadAndNeverBelowTenSeconds(t *testing.T) {
	t.Parallel()
	for attempts := range 40 {
		least, most := backoff(attempts, 0, 0), backoff(attempts, 0, 0.999)
		if least < firstWait || most > longestWait*3/2 || most < least*14/10 {
			t.Errorf("attempt %d waits from %s to %s", attempts, least, most)
		}
	}
	if wait := backoff(1, time.Hour, 0); wait != time.Hour {
		t.Errorf("asked to wait an hour, waits %s", wait)
	}
}
