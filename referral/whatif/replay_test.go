package whatif

import (
	"flag"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/plan"
)

// The same 30 pairs of brands in each run, each with a book of its own; -rapid.checks and -rapid.seed of the command line come after this.
func init() {
	_ = flag.Set("rapid.checks", "30")
	_ = flag.Set("rapid.seed", "1")
}

// Two brands are told the same facts, one pays by some plan and the other by a draft: a replay of the first one's orders under
// the draft says to the last unit what the second one's book does, and says of what they are credited what the first one's does; so too
// of what closing the month finds due.
func TestReplayEqualsABrandThatAlwaysPaidByTheDraft(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	monthsDue := 0
	rapid.Check(t, func(rt *rapid.T) {
		old, draft := drawPlan(rt, "old"), drawPlan(rt, "draft")
		b, other := setupIn(t, pool, old), setupIn(t, pool, draft)
		b.service.page = 2
		tellBoth(rt, b, other)
		b.is(march.AddDate(0, 1, 2))
		out := b.replay(strings.Replace(draft, "2020-01-01", "2030-01-01", 1), "2026-03-01", "2026-03-31")
		before, after := sumsOf(out)
		if want := b.credited(); !maps.Equal(before, want) {
			rt.Fatalf("before %v, its book %v", before, want)
		}
		if want := other.credited(); !maps.Equal(after, want) {
			rt.Fatalf("after %v, the other's book %v\n%s", after, want, draft)
		}
		before, after = monthsOf(out)
		if want := b.due(march); !maps.Equal(before, want) {
			rt.Fatalf("months before %v, its close %v", before, want)
		}
		if want := other.due(march); !maps.Equal(after, want) {
			rt.Fatalf("months after %v, the other's close %v\n%s", after, want, draft)
		}
		monthsDue += len(before) + len(after)
	})
	if monthsDue == 0 {
		t.Error("nothing was due for a month, so this compared nothing of it")
	}
}

func drawPlan(rt *rapid.T, name string) string {
	var rules []string
	for _, role := range plan.Roles {
		if rate := rapid.IntRange(0, 900).Draw(rt, name+" "+string(role)); rate > 200 {
			rules = append(rules, fmt.Sprintf(`{"role": %q, "rate_bp": %d}`, role, rate))
		}
	}
	return fmt.Sprintf(`{"version": 1, "first_day": "2020-01-01", "rules": [%s], "display": {"choice": %q}, "price_adjustment": %q,
		"conflict": {"home_display": %q, "weights": [60, 40], "selling_home": %q}, "clawback_days": %s, "order_cap_minor": %s,
		"hold_days": 7, "clawback_month_cap_minor": 9, "tiers": [{"role": %[8]q, "kind": %[9]q, "steps": [{"from_minor": 2000, "extra_bp": 77}, {"from_minor": 9000, "extra_bp": 133}]}, {"role": %[8]q, "kind": "whole", "steps": [{"from_minor": 3000, "extra_bp": 31}]}],
		"month_min_minor": {%[10]q: 300}, "month_cap_minor": {%[11]q: 400, "pickup_store": 20}}`, strings.Join(rules, ", "),
		rapid.SampledFrom([]string{"last", "first", "even"}).Draw(rt, name+" choice"),
		rapid.SampledFrom([]string{"neutral", "reverse"}).Draw(rt, name+" price adjustment"),
		rapid.SampledFrom([]string{"both", "split", "home", "display"}).Draw(rt, name+" home and display"),
		rapid.SampledFrom([]string{"both", "selling", "home"}).Draw(rt, name+" selling and home"),
		rapid.SampledFrom([]string{"3", "60", "null"}).Draw(rt, name+" clawback"),
		rapid.SampledFrom([]string{"null", "777"}).Draw(rt, name+" cap"),
		rapid.SampledFrom(plan.Roles).Draw(rt, name+" tier"), rapid.SampledFrom([]string{"marginal", "whole"}).Draw(rt, name+" kind of tier"),
		rapid.SampledFrom(plan.Roles).Draw(rt, name+" least"), rapid.SampledFrom(plan.Roles[:8]).Draw(rt, name+" most"))
}

// tellBoth draws some orders and what became of them.
func tellBoth(rt *rapid.T, brands ...*bundle) {
	for n := range rapid.IntRange(1, 5).Draw(rt, "orders") {
		name := fmt.Sprint("o", n)
		at := time.Date(2026, 3, 1+n, 12, 0, 0, 0, taipei).UTC()
		buyer, isTill := rapid.IntRange(0, 2).Draw(rt, "buyer"), rapid.Bool().Draw(rt, "at a till")
		seller, assists := rapid.IntRange(0, 1).Draw(rt, "seller"), rapid.Bool().Draw(rt, "assisted")
		shown := rapid.SliceOfN(rapid.IntRange(0, 1), 0, 2).Draw(rt, "scans")
		var lines []order.Line
		for no := range rapid.IntRange(1, 3).Draw(rt, "lines") {
			lines = append(lines, order.Line{ExternalID: fmt.Sprint(no + 1), SKU: "SOFA", Kind: order.Merchandise, TaxIncluded: true,
				Quantity: rapid.Int64Range(1, 3).Draw(rt, "pieces"), UnitPrice: rapid.Int64Range(1, 9999).Draw(rt, "price")})
		}
		events := drawEvents(rt, name, at, len(lines))
		for _, b := range brands {
			b.is(at)
			f := b.web(name, b.buyers[buyer], 0)
			f.Lines = lines
			if isTill {
				f.Channel, f.Store, f.Staff = order.Till, []shop.ID{b.S1, b.S2}[seller], []shop.ID{b.Amy, b.Ben}[seller]
			}
			if assists {
				f.AssistStore, f.AssistStaff = b.S2, b.Ben
			}
			for i, store := range shown { // never two at one instant: ids, which are drawn, would decide
				f.Clicks = append(f.Clicks, b.scanned([]shop.ID{b.S1, b.S2}[store], at.Add(time.Duration(i)*time.Minute-time.Hour)))
			}
			b.apply(f)
			for _, e := range events {
				b.is(e.at)
				b.apply(e.fact(b))
			}
		}
	}
}

// event is a fact as each brand is told it.
type event struct {
	at   time.Time
	fact func(b *bundle) order.Fact
}

func drawEvents(rt *rapid.T, name string, at time.Time, lines int) (events []event) {
	for n := range rapid.IntRange(0, 3).Draw(rt, "events") {
		id, line := fmt.Sprint(name, "e", n), fmt.Sprint(rapid.IntRange(1, lines).Draw(rt, "line"))
		at = at.Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "hours later")) * time.Hour)
		amount := rapid.Int64Range(1, 2000).Draw(rt, "amount")
		happened := at
		kinds := []func(b *bundle) order.Fact{
			func(*bundle) order.Fact {
				return order.WasRefunded{Order: name, ExternalID: id, At: happened, Lines: []order.RefundedLine{{Line: line, Quantity: 1}}}
			},
			func(*bundle) order.Fact {
				return order.WasRefunded{Order: name, ExternalID: id, At: happened, Amount: amount}
			},
			func(b *bundle) order.Fact {
				return order.WasFulfilled{Order: name, ExternalID: id, Kind: order.Pickup, Store: b.S1, At: happened}
			},
			func(*bundle) order.Fact {
				return order.WasAdjusted{Order: name, ExternalID: id, At: happened, Lines: []order.AdjustedLine{{Line: line, Amount: amount}}}
			},
			func(*bundle) order.Fact { return order.WasCancelled{Order: name, At: happened} },
		}
		events = append(events, event{happened, rapid.SampledFrom(kinds).Draw(rt, "kind")})
	}
	return events
}
