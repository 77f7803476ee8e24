package report_test

import (
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
)

func TestACreditGoesOnToStatedAndToPaid(t *testing.T) {
	t.Parallel()
	b := setupBooks(t)
	mei := b.won("mei", b.S1, b.Amy)
	b.now = b.now.AddDate(0, 0, 1)
	b.apply(order.WasPlaced{
		Order: "o1", PlacedAt: b.now, Channel: order.Online, Store: b.Web, Currency: "TWD", Customer: mei,
		Lines: []order.Line{{ExternalID: "1", SKU: "A", Kind: order.Merchandise, Quantity: 1, UnitPrice: 10_000, TaxIncluded: true}},
	})
	b.apply(order.WasFulfilled{Order: "o1", ExternalID: "f", Kind: order.Ship, At: b.now})
	january, amy := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), attribution.StaffOf(b.Amy)
	b.stands("as it is placed", ledger.Pending, ledger.Pending)
	b.now = b.now.AddDate(0, 0, 20)
	_, err := b.book.Vest(t.Context(), b.Brand, b.now)
	b.must(err)
	b.stands("after the return period", ledger.Payable, ledger.Payable)
	b.now = january.AddDate(0, 1, 1)
	b.must(b.periods.Close(t.Context(), b.finance, january))
	b.stands("in a closed month", ledger.Stated, ledger.Stated)
	_, err = b.periods.Pay(t.Context(), b.finance, january, []attribution.Beneficiary{amy}, "payroll")
	b.must(err)
	b.stands("when she was paid and the stores were not", ledger.Paid, ledger.Stated)
	_, err = b.periods.Pay(t.Context(), b.finance, january, nil, "rest")
	b.must(err)
	b.stands("when all were paid", ledger.Paid, ledger.Paid)
}

// stands compares what Amy reads of her credit, and what she and head office read of the order.
func (b *books) stands(when string, hers, least ledger.AccountKind) {
	b.t.Helper()
	amy := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Stores: []shop.ID{b.S1}}
	month, err := plan.ParseDay("2026-01-01")
	b.must(err)
	var earned []report.Earned
	earned, _, err = b.reports.Earned(b.t.Context(), amy, month, shop.Page{Limit: 5})
	b.must(err)
	oc, err := b.reports.OrderCredit(b.t.Context(), amy, earned[0].Sale.ID)
	b.must(err)
	explained, err := b.reports.Explain(b.t.Context(), b.finance, earned[0].Sale.ID)
	b.must(err)
	to := attribution.StaffOf(b.Amy)
	if earned[0].State != hers || oc.StateOf(to) != hers || explained.StateOf(to) != hers || oc.State() != least || explained.State() != least {
		b.t.Errorf("%s: her row %s, hers of the order %s and %s, the order %s and %s", when, earned[0].State, oc.StateOf(to), explained.StateOf(to), oc.State(), explained.State())
	}
}
