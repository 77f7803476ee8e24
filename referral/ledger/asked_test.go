package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// What the packages after this one ask of the book: period, statement, whatif and the faces.

var march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestARefundIsAnsweredByWhatTheRulesMakeOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	sale := b.web("o1", shop.ID{}, 21000)
	sale.Channel, sale.Store = order.Till, b.S1
	refund := func(name string, amount int64) order.Fact {
		return order.WasRefunded{Order: "o1", ExternalID: name, At: b.clock(), Amount: amount}
	}
	for _, tt := range []struct {
		why, at string
		fact    func() order.Fact
		want    string
	}{
		{"a sale takes nothing back", "2026-03-01 12:00", func() order.Fact { return sale }, ""},
		{"in time", "2026-03-05 12:00", func() order.Fact { return refund("r1", 2100) }, ""},
		{"after sixty days", "2026-05-01 12:00", func() order.Fact { return refund("r2", 2100) }, "clawback_expired"},
		{"more than was left", "2026-05-02 12:00", func() order.Fact { return refund("r3", 21000) }, "surplus"},
	} {
		b.at(tt.at)
		fact := tt.fact()
		result := b.apply(fact)
		b.in(func(tx pgx.Tx) error {
			got, err := b.book.Answer(t.Context(), tx, b.Brand, fact, result)
			if got != tt.want {
				t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
			}
			return err
		})
	}
}

func TestWhatOrdersWouldGiveUnderAnotherPlanIsAskedInATransactionThatOnlyReads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	placed := b.apply(b.web("o1", shop.ID{}, 21000))
	draft := plan.Plan{Version: 9, FirstDay: plan.DayOf(b.clock().AddDate(1, 0, 0), taipei)}
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		orders, err := order.LoadMany(t.Context(), tx, b.Brand, []shop.ID{placed.Order})
		if err != nil {
			return err
		}
		if in, err := b.book.InputsUnder(t.Context(), tx, b.Brand, draft, orders, b.clock()); err != nil || len(in) != 1 || in[0].Plan.Version != 9 {
			t.Errorf("under a plan that begins next year: %+v, %v", in, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasEarnedFromASpanOfOrdersIsNetOfWhatCameBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, day := range []string{"2026-03-01 12:00", "2026-03-02 12:00", "2026-03-03 12:00"} {
		b.at(day)
		b.apply(b.web(day, shop.ID{}, 21000))
	}
	b.apply(order.WasRefunded{Order: "2026-03-02 12:00", ExternalID: "r1", At: b.clock(), Amount: 10500})
	in := order.Span{From: shop.FloorID(b.at("2026-03-02 00:00")), Until: shop.FloorID(b.at("2026-03-03 00:00"))}
	b.in(func(tx pgx.Tx) error {
		got, err := ledger.EarnedOf(t.Context(), tx, b.Brand, in)
		want := []ledger.Earned{{To: attribution.StoreOf(b.Web), Currency: "TWD", Minor: 100}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestMovementsOfAMonthComePageByPageFromItsFirstMinuteOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, at := range []string{"2026-02-28 23:59", "2026-03-01 00:00", "2026-03-31 23:59", "2026-04-01 00:00"} {
		b.at(at)
		b.apply(b.web(at, shop.ID{}, 21000))
	}
	of := ledger.Dated{To: attribution.StoreOf(b.Web), Currency: "TWD", Month: march, Until: b.clock()}
	var got []string
	b.in(func(tx pgx.Tx) error {
		for page, more := (shop.Page{Limit: 1}), true; more; {
			moved, err := ledger.Movements(t.Context(), tx, b.Brand, of, page)
			if err != nil {
				return err
			}
			for _, m := range moved {
				got, page.After = append(got, m.EffectiveAt.In(taipei).Format("01-02 15:04")), m.ID
			}
			more = len(moved) > 0
		}
		return nil
	})
	if diff := cmp.Diff([]string{"03-01 00:00", "03-31 23:59"}, got); diff != "" {
		t.Error(diff)
	}
}

// An adjustment of March that is made when March is closed is dated in April; what March's own close finds due is not.
func TestWhatStandsOnNoOrderIsDatedInTheFirstOpenMonth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := b.at("2026-04-02 12:00")
	amy := attribution.StaffOf(b.Amy)
	give := func(minor int64) []ledger.Transfer {
		return []ledger.Transfer{{
			ID: shop.NewID(now), Kind: ledger.Adjusted, Debit: ledger.Account{Kind: ledger.Expense, Currency: "TWD"}, Credit: ledger.Account{Kind: ledger.Payable, Holder: amy, Currency: "TWD"},
			Minor: minor, Fact: fmt.Sprint("adjust:", minor), Reason: []byte(`{}`), EffectiveAt: march.AddDate(0, 0, 20), PostedAt: now,
		}}
	}
	post := func(transfers []ledger.Transfer) {
		t.Helper()
		b.in(func(tx pgx.Tx) error { return b.book.Post(t.Context(), tx, b.Brand, taipei, transfers) })
	}
	post(nil)
	post(give(1))
	b.in(func(tx pgx.Tx) error {
		_, err := b.book.CloseMonth(t.Context(), tx, shop.System(b.Brand), march, now)
		return err
	})
	post(give(2))
	b.in(func(tx pgx.Tx) error {
		if err := b.book.PostClosing(t.Context(), tx, b.Brand, taipei, march, nil); err != nil {
			return err
		}
		return b.book.PostClosing(t.Context(), tx, b.Brand, taipei, march, give(4))
	})
	b.want(amy, 0, 7)
	for month, want := range map[string]int{"2026-03-01": 5, "2026-04-01": 2} {
		if got := b.number(`SELECT sum(amount_minor) FROM ledger_transfer WHERE brand_id = $1 AND month = '` + month + `'`); got != want {
			t.Errorf("%s has %d, want %d", month, got, want)
		}
	}
}

func TestALateMonthIsTakenByTheCloseThatReachesItAndOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	take := func(until time.Time) (months []time.Time) {
		b.in(func(tx pgx.Tx) (err error) {
			months, err = ledger.TakeLate(t.Context(), tx, b.Brand, until)
			return err
		})
		return months
	}
	for range 2 {
		b.in(func(tx pgx.Tx) error { return ledger.NoteLate(t.Context(), tx, b.Brand, march) })
	}
	for _, tt := range []struct {
		why   string
		until time.Time
		want  int
	}{{"a close before it", march.AddDate(0, -1, 0), 0}, {"the next one", march, 1}, {"the one after", march.AddDate(0, 1, 0), 0}} {
		if got := take(tt.until); len(got) != tt.want {
			t.Errorf("%s takes %v", tt.why, got)
		}
	}
}

func TestADifferenceIsToldFromTheOrderDownToTheLine(t *testing.T) {
	t.Parallel()
	d := ledger.Difference{Order: shop.ID{15: 1}, Figure: "plan", InBook: "1", ByFacts: "2"}
	if got, want := d.String(), `order 00000000-0000-0000-0000-000000000001: plan is "1" in the book and "2" by the facts`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	d.Role, d.Kind, d.ID, d.Parcel, d.Line = "pickup_store", "store", shop.ID{15: 2}, "p1", 3
	if got, want := d.String(), `order 00000000-0000-0000-0000-000000000001, pickup_store store:00000000-0000-0000-0000-000000000002, parcel "p1", line 3: plan is "1" in the book and "2" by the facts`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
