package binding

import (
	"flag"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"homestore/clienteling/shop"
)

// 200 sequences; -rapid.checks and -rapid.seed of the command line come after this.
func init() { _ = flag.Set("rapid.checks", "200") }

// A customer's life: at most one live binding, no two at one instant, and what was once recorded stays: a later act ends the
// live binding, not before its own instant, and changes nothing else. Only a first scan may say of the past, in which nobody
// held her, who did.
func TestHistoryNeverChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clicks := []shop.ID{}
	for i := range 12 {
		clicks = append(clicks, b.scan([]shop.ID{b.S1, b.S2}[i%2], shop.ID{}, noon.Add(time.Duration(i-6)*days(5))))
	}
	rapid.Check(t, func(r *rapid.T) {
		b := b
		*b.clock = noon
		c := b.customer()
		var before []Binding
		for range rapid.IntRange(1, 8).Draw(r, "acts") {
			*b.clock = b.clock.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 60, 60 * 24 * 40, 60 * 24 * 90}).Draw(r, "minutes")) * time.Minute)
			store := rapid.SampledFrom([]shop.ID{b.S1, b.S2, b.s3}).Draw(r, "store")
			switch rapid.SampledFrom([]string{"join", "claim", "transfer", "choose", "nobody"}).Draw(r, "act") {
			case "join":
				b.join(c, rapid.SliceOfN(rapid.SampledFrom(clicks), 1, 3).Draw(r, "clicks")...)
			case "claim":
				_ = b.claim(Attempt{Customer: c, Store: store, Source: FromTill})
			case "transfer":
				_ = b.transfer(c, store, shop.ID{}, "because")
			case "choose":
				_ = b.choose(c, store)
			case "nobody":
				_ = b.choose(c, shop.ID{})
			}
			after := b.history(c)
			checkHistory(r, before, after, *b.clock)
			before = after
		}
	})
}

func checkHistory(r *rapid.T, before, after []Binding, now time.Time) {
	r.Helper()
	if len(after) < len(before) || len(after) > len(before)+1 {
		r.Fatalf("one act made %d bindings of %d", len(after), len(before))
	}
	var live int
	for i, a := range after {
		if a.IsLive() {
			live++
			a.Until = now.Add(days(10000))
		}
		if a.Until.Before(a.From) {
			r.Fatalf("ends before it begins: %+v", a)
		}
		if a.Source != FromScan && !a.From.Equal(a.RecordedAt) {
			r.Fatalf("only a scan lies before the moment it was recorded: %+v", a)
		}
		if i > 0 && a.From.Before(after[i-1].Until) {
			r.Fatalf("overlap: %+v and %+v", after[i-1], a)
		}
		if i >= len(before) {
			continue
		}
		was, is := before[i], after[i]
		if was.IsLive() {
			if !is.IsLive() && is.Until.Before(now) {
				r.Fatalf("ended in the past: %+v at %s", is, now)
			}
			was.Until, is.Until = time.Time{}, time.Time{}
		}
		if d := cmp.Diff(was, is); d != "" {
			r.Fatalf("the past has changed: %s", d)
		}
	}
	if live > 1 || len(after) > 0 && live == 0 {
		r.Fatalf("%d live bindings", live)
	}
}
