package whatif

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/target"
)

func TestWholeMonthsBeginAndEndInTheDays(t *testing.T) {
	t.Parallel()
	tests := []struct{ from, to, want string }{
		{"2026-03-01", "2026-03-31", "[2026-03]"},
		{"2026-03-02", "2026-03-31", "[]"},
		{"2026-03-01", "2026-03-30", "[]"},
		{"2026-01-31", "2026-04-01", "[2026-02 2026-03]"},
		{"2025-12-01", "2026-01-31", "[2025-12 2026-01]"},
		{"2026-01-02", "2026-02-28", "[2026-02]"},
		{"2026-03-05", "2026-03-05", "[]"},
	}
	for _, tt := range tests {
		names := []string{}
		for _, first := range wholeMonths(day(tt.from), day(tt.to)) {
			names = append(names, first.Format("2006-01"))
		}
		if got := fmt.Sprint(names); got != tt.want {
			t.Errorf("%s to %s: %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}

// monthsOf are what the months of an outcome give, by the written name of who has it.
func monthsOf(out Outcome) (before, after map[string]int64) {
	before, after = map[string]int64{}, map[string]int64{}
	for _, book := range out.Books {
		for _, t := range book.Totals {
			before[written(t)] += t.MonthsBefore
			after[written(t)] += t.MonthsAfter
		}
	}
	isNothing := func(_ string, minor int64) bool { return minor == 0 }
	maps.DeleteFunc(before, isNothing)
	maps.DeleteFunc(after, isNothing)
	return before, after
}

// due is what the close of a month of the brand finds due beyond its orders.
func (b *bundle) due(first time.Time) map[string]int64 {
	b.t.Helper()
	b.is(first.AddDate(0, 1, 2))
	if err := period.New(b.pool, b.clock, b.book).Close(b.t.Context(), shop.System(b.Brand), first); err != nil {
		b.t.Fatal(err)
	}
	names := map[shop.ID]string{b.S1: "S1", b.S2: "S2", b.Web: "WEB", b.Amy: "amy", b.Ben: "ben"}
	sums := map[string]int64{}
	b.in(func(tx pgx.Tx) error {
		rows, err := tx.Query(b.t.Context(), `SELECT holder_kind, holder_id, sum(due_minor)::bigint FROM true_up WHERE brand_id = $1 GROUP BY 1, 2 HAVING sum(due_minor) <> 0`, b.Brand)
		if err != nil {
			return err
		}
		var to attribution.Beneficiary
		var minor int64
		_, err = pgx.ForEachRow(rows, []any{&to.Kind, &to.ID, &minor}, func() error {
			sums[string(to.Kind)+":"+names[to.ID]] = minor
			return nil
		})
		return err
	})
	return sums
}

var march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// A month that is not whole in the range has no volume that a tier could look at.
func TestReplaySaysWhatWholeMonthsWouldHaveBrought(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00:00")
	b.apply(b.web("o1", b.buyers[1], 210000)) // net 200,000: Amy has 4,000, her store 6,000, the web team 2,000
	b.apply(b.web("o2", b.buyers[2], 21000))  // net 20,000: Ben has 400, his store 600, the web team 200
	if err := target.New(b.pool, b.clock).Set(t.Context(), shop.System(b.Brand), target.Target{Month: march, Holder: attribution.StaffOf(b.Amy), Minor: 100000}); err != nil {
		t.Fatal(err)
	}
	const draft = `{"version": 2, "first_day": "2030-01-01", "rules": [{"role": "home_staff", "rate_bp": 200}, {"role": "online_team", "rate_bp": 100}],
		"tiers": [{"role": "home_staff", "kind": "marginal", "steps": [{"from_minor": 150000, "extra_bp": 100}]}],
		"targets": [{"role": "home_staff", "steps": [{"from_bp": 10000, "bonus_minor": 70}]}], "month_min_minor": {"home_staff": 900}, "month_cap_minor": {"online_team": 1500}}`
	out := b.replay(draft, "2026-03-01", "2026-03-31")
	before, after := monthsOf(out)
	if want := map[string]int64{"staff:amy": 500 + 70, "staff:ben": 500, "store:WEB": -700}; len(before) != 0 || !maps.Equal(after, want) {
		t.Errorf("before %v, after %v, want %v", before, after, want)
	}
	book := out.Books[0]
	if len(out.Months) != 1 || !out.Months[0].Equal(march) || book.After != 6600 || book.MonthsAfter != 370 || book.WholeChange() != 6600+370-13200 {
		t.Errorf("got %+v", out)
	}
	if w := book.Winners; len(w) != 2 || written(w[0]) != "staff:amy" || w[0].WholeChange() != 570 || w[0].Change() != 0 || written(w[1]) != "staff:ben" {
		t.Errorf("winners %+v", w)
	}
	if _, after := monthsOf(b.replay(draft, "2026-03-01", "2026-03-30")); len(after) != 0 {
		t.Errorf("of a part of a month: %v", after)
	}
}

// What a dispute gave to somebody is hers under any plan.
func TestReplayFollowsWhatWasDecided(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00:00")
	id := b.apply(b.web("o1", b.buyers[1], 21000)).Order
	b.at("2026-03-02 12:00:00")
	b.in(func(tx pgx.Tx) error {
		orders, err := order.Lock(t.Context(), tx, b.Brand, []shop.ID{id})
		if err != nil {
			return err
		}
		d := attribution.Decision{ID: shop.NewID(b.clock()), Role: plan.HomeStaff, To: attribution.StaffOf(b.Ben), Store: b.S2, At: b.clock()}
		return b.book.Decide(t.Context(), tx, b.Brand, orders, []attribution.Decision{d}, b.clock())
	})
	_, after := sumsOf(b.replay(generous, "2026-03-01", "2026-03-31"))
	if want := map[string]int64{"store:S1": 600, "staff:ben": 800, "store:WEB": 200}; !maps.Equal(after, want) {
		t.Errorf("after %v, want %v", after, want)
	}
}

// Who has left by now, has: what she had pending is the pool's where the draft says so.
func TestReplayFollowsWhoHasLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00:00")
	b.apply(b.web("o1", b.buyers[1], 21000))
	b.at("2026-03-05 12:00:00")
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE staff SET left_at = $3, left_on = '2026-03-05' WHERE brand_id = $1 AND id = $2`, b.Brand, b.Amy, b.clock())
		return err
	})
	const draft = `{"version": 2, "first_day": "2030-01-01", "leaver": "pool", "rules": [{"role": "home_staff", "rate_bp": 400}]}`
	_, after := sumsOf(b.replay(draft, "2026-03-01", "2026-03-31"))
	if want := map[string]int64{"pool:S1": 800}; !maps.Equal(after, want) {
		t.Errorf("after %v, want %v", after, want)
	}
}
