package report_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/target"
)

const byTargets = `{"version": 2, "first_day": "2026-01-02", "rules": [{"role": "home_staff", "rate_bp": 200}, {"role": "selling_staff", "rate_bp": 100}],
	"targets": [{"role": "selling_staff", "steps": [{"from_bp": 10000, "bonus_minor": 700}]}, {"role": "home_staff", "steps": [{"from_bp": 10000, "bonus_minor": 500}]}]}`

// Amy sells 29,999.5 at the till and her customers buy 35,000: by the first she has not reached her 30,000, by the second she has.
func TestWhatIsShownOfATargetIsWhatTheClosePaysOn(t *testing.T) {
	t.Parallel()
	b := setupBooks(t)
	var p plan.Plan
	b.must(json.Unmarshal([]byte(byTargets), &p))
	_, err := plan.New(b.pool, func() time.Time { return b.now }).Add(t.Context(), shop.System(b.Brand), time.UTC, p)
	b.must(err)
	january, amy := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), attribution.StaffOf(b.Amy)
	b.must(b.targets.Set(t.Context(), shop.System(b.Brand), target.Target{Month: january, Holder: amy, Minor: 30_000}))
	mei := b.won("mei", b.S1, b.Amy)
	b.now = b.now.AddDate(0, 0, 4)
	sells := func(name string, who shop.ID, channel order.Channel, quantity, price, discount int64) {
		placed := order.WasPlaced{
			Order: name, PlacedAt: b.now, Channel: channel, Store: b.Web, Currency: "TWD", Customer: who,
			Lines: []order.Line{{ExternalID: "1", SKU: "A", Kind: order.Merchandise, Quantity: quantity, UnitPrice: price, Discount: discount, TaxIncluded: true}},
		}
		if channel == order.Till {
			placed.Store, placed.Staff = b.S1, b.Amy
		}
		b.apply(placed)
	}
	sells("both", mei, order.Till, 1, 20_000, 0)
	sells("home", mei, order.Online, 1, 15_000, 0)
	sells("sale", shop.ID{}, order.Till, 2, 10_000, 1)
	b.apply(order.WasRefunded{Order: "sale", ExternalID: "r", At: b.now, Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})

	selling := report.Progress{Achieved: 30_000, BP: 9_999, Role: plan.SellingStaff}
	home := report.Progress{Achieved: 35_000, BP: 11_666, Role: plan.HomeStaff}
	want := report.Progress{Achieved: 35_000, BP: 11_666, Roles: []report.Progress{selling, home}}
	mine, err := b.reports.Mine(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy}, b.now)
	b.must(err)
	_, err = b.reports.RollUp(t.Context(), b.Brand, time.Time{})
	b.must(err)
	split, err := b.reports.Split(t.Context(), b.finance, january)
	b.must(err)
	if d := cmp.Diff(want, mine.Target.Progress) + cmp.Diff(want, split.Targets[0].Progress); d != "" {
		t.Error(d)
	}

	b.now = january.AddDate(0, 1, 1)
	b.must(b.periods.Close(t.Context(), b.finance, january))
	closed, err := b.reports.Commission(t.Context(), b.finance, january)
	b.must(err)
	paid := map[plan.Role]int64{}
	for _, r := range closed.Rows {
		if r.To == amy {
			paid[r.Role] = r.TrueUps
		}
	}
	if d := cmp.Diff(map[plan.Role]int64{plan.HomeStaff: 500, plan.SellingStaff: 0}, paid); d != "" {
		t.Error(d)
	}
}
