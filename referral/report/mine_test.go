package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/target"
)

func (e *earning) mine(at time.Time) report.Mine {
	e.t.Helper()
	m, err := e.Mine(e.t.Context(), e.amy, at)
	if err != nil {
		e.t.Fatal(err)
	}
	return m
}

func TestMyEarningsAreOfTodayAndThisMonthByTheBrandsClock(t *testing.T) {
	t.Parallel()
	e := setupEarning(t)
	taipei := time.FixedZone("Asia/Taipei", 8*60*60)
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, taipei) }
	if got := e.mine(at(2, 12)).Money; len(got) != 1 || got[0].Currency != "TWD" || got[0].Month != 0 {
		t.Errorf("before she has earned anything: %+v", got)
	}
	e.buys("february", time.Date(2026, 2, 28, 23, 59, 0, 0, taipei)) // before she was won: nobody's
	e.buys("first", at(2, 0))
	e.buys("second", at(9, 23))
	third := e.buys("third", at(10, 0))
	e.now = at(10, 9)
	if _, err := e.orders.Apply(t.Context(), e.Brand, "test", order.WasRefunded{Order: "first", ExternalID: "r1", At: e.now, Amount: 5250}); err != nil {
		t.Fatal(err)
	}
	got := e.mine(at(10, 12))
	want := report.MyMoney{
		Balance: report.Balance{Currency: "TWD", Pending: 500}, Today: 100, Month: 500,
		Parts: []report.MyPart{{Kind: ledger.Credited, Role: plan.HomeStaff, Minor: 600}, {Kind: ledger.Refunded, Role: plan.HomeStaff, Minor: -100}},
	}
	if d := cmp.Diff([]report.MyMoney{want}, got.Money); d != "" || !got.Month.Equal(day("2026-03-01")) || !got.Day.Equal(day("2026-03-10")) || got.Target != nil {
		t.Errorf("%s: %+v", d, got)
	}
	if april := e.mine(time.Date(2026, 4, 1, 0, 0, 0, 0, taipei)); april.Money[0].Month != 0 || april.Money[0].Pending != 500 {
		t.Errorf("in April: %+v", april.Money)
	}

	// A month that vests is no month that earns: it moves from one state to another.
	if _, err := e.orders.Apply(t.Context(), e.Brand, "test", order.WasFulfilled{Order: "third", ExternalID: "f1", Kind: order.Ship, At: at(10, 13)}); err != nil {
		t.Fatal(err)
	}
	if n, err := ledger.New(e.pool, nil).Vest(t.Context(), e.Brand, at(26, 12)); n != 1 || err != nil {
		t.Fatal(n, err, third)
	}
	if got := e.mine(at(26, 12)).Money[0]; got.Month != 500 || got.Payable != 200 || got.Pending != 300 || len(got.Parts) != 2 {
		t.Errorf("after one has become payable: %+v", got)
	}
	e.now = at(27, 12)
	if _, err := e.orders.Apply(t.Context(), e.Brand, "test", order.WasRefunded{Order: "third", ExternalID: "r2", At: e.now, Amount: 10500}); err != nil {
		t.Fatal(err)
	}
	if got := e.mine(at(27, 12)).Money[0]; got.Payable != 0 || got.Carried != 0 || got.Today != -200 {
		t.Errorf("after it came back: %+v", got)
	}
}

func TestMyTargetCountsWhatStayedOfMyLines(t *testing.T) {
	t.Parallel()
	e := setupEarning(t)
	hq := shop.Actor{Brand: e.Brand, Role: shop.RoleHQ, ID: shop.NewID(e.now)}
	set := func(month string, minor int64) {
		if err := target.New(e.pool, e.clock).Set(t.Context(), hq, target.Target{Month: day(month), Holder: attribution.StaffOf(e.Amy), Minor: minor}); err != nil {
			t.Fatal(err)
		}
	}
	set("2026-03-01", 30_000)
	set("2026-04-01", 1)
	for i, name := range []string{"one", "two", "three"} {
		e.buys(name, time.Date(2026, 3, 2+i, 4, 0, 0, 0, time.UTC)) // 10,000 net each
	}
	e.now = e.now.Add(time.Hour)
	if _, err := e.orders.Apply(t.Context(), e.Brand, "test", order.WasRefunded{Order: "two", ExternalID: "r1", At: e.now, Amount: 3500}); err != nil {
		t.Fatal(err)
	}
	want := &report.MyTarget{Currency: "TWD", Minor: 30_000, Progress: report.Progress{Achieved: 26_667, BP: 8_888}} // 26,666.67 are less than 88.89 %
	if d := cmp.Diff(want, e.mine(e.now).Target); d != "" {
		t.Error(d)
	}
	set("2026-03-01", 0)
	if got := e.mine(e.now).Target; got != nil {
		t.Errorf("taken back, and %+v", got)
	}
}
