package period_test

import (
	"fmt"
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

func (b *bundle) finance() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben}
}

// back is a refund by which all of an order of one piece goes back.
func back(name, paper string) order.WasRefunded {
	return order.WasRefunded{Order: name, ExternalID: paper, Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}}
}

// Somebody has an order returned before she is paid for it, and again after: what is not paid is taken back, and what is paid is
// carried into the open month, where it lowers commission to come and nothing else.
func TestAbuse16And17ARefundIsTakenFromWhereverTheMoneyIsAndNeverFromPay(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	amy := attribution.StaffOf(b.Amy)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 50000))
	b.apply(b.till("o2", b.at("2026-03-03 12:00"), 30000))
	b.at("2026-03-04 12:00")
	before := back("o2", "r1")
	before.At = b.clock()
	b.apply(before)
	if pending := b.balance(amy, ledger.Pending); pending != 500 {
		t.Errorf("%d pending after the second came back", pending)
	}
	b.at("2026-04-02 09:00")
	b.closes(march)
	if _, err := b.periods.Pay(t.Context(), b.finance(), march, nil, "march"); err != nil {
		t.Fatal(err)
	}
	after := back("o1", "r2")
	after.At = b.at("2026-04-05 12:00")
	for range 2 {
		b.apply(after)
	}
	if paid, payable := b.balance(amy, ledger.Paid), b.balance(amy, ledger.Payable); paid != 500 || payable != -500 {
		t.Errorf("%d paid, %d payable", paid, payable)
	}
	b.apply(b.till("o3", b.at("2026-04-06 12:00"), 20000))
	b.at("2026-05-02 09:00")
	b.closes(march.AddDate(0, 1, 0))
	if s := b.statement(march.AddDate(0, 1, 0), amy); s.Stated != 0 || s.Carried != -300 {
		t.Errorf("April: %+v", s)
	}
	if s := b.statement(march, amy); s.Stated != 500 {
		t.Errorf("March has changed: %+v", s)
	}
	b.invariants("")
}

// Twice the same paper, two papers for one piece, more pieces than were bought, a sum above all: nothing is taken back beyond what
// was credited.
func TestAbuse18NoRefundTakesMoreThanWasCredited(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	amy := attribution.StaffOf(b.Amy)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 50000))
	b.apply(b.till("o2", b.at("2026-03-02 12:00"), 30000))
	b.at("2026-03-03 12:00")
	for _, f := range []order.WasRefunded{
		back("o1", "r1"), back("o1", "r1"), back("o1", "r2"),
		{Order: "o1", ExternalID: "r3", Lines: []order.RefundedLine{{Line: "1", Quantity: 9}}},
		{Order: "o1", ExternalID: "r4", Amount: 1_000_000},
		{Order: "o1", ExternalID: "r5", Kind: order.Allowance, Amount: 50000},
	} {
		f.At = b.clock()
		b.apply(f)
		if pending := b.balance(amy, ledger.Pending); pending != 300 {
			t.Errorf("after %s Amy has %d, of the other order 300", f.ExternalID, pending)
		}
	}
	b.invariants("")
}

// Friends buy to reach a tier and return; one sale is split into many; an order is cancelled and made again. The month is worth what
// stayed of it.
func TestAbuse19To21CyclesSplitsAndOrdersMadeAgainReachNoTier(t *testing.T) {
	t.Parallel()
	sum := func(b *bundle) int64 {
		amy := attribution.StaffOf(b.Amy)
		b.at("2026-05-02 09:00")
		b.closes(march)
		total := int64(0)
		for _, k := range []ledger.AccountKind{ledger.Pending, ledger.Payable, ledger.Stated} {
			total += b.balance(amy, k)
		}
		b.invariants("")
		return total
	}
	for _, c := range []struct {
		why  string
		does func(b *bundle)
		want int64
	}{
		{"honestly, 150,000: 1,500 and 500 more of what lies above 100,000", func(b *bundle) {
			b.apply(b.till("o1", b.at("2026-03-02 12:00"), 150000))
		}, 2000},
		{"19: bought and returned ten times", func(b *bundle) {
			for i := range 10 {
				name := fmt.Sprint("cycle-", i)
				b.apply(b.till(name, b.at("2026-03-02 12:00"), 50000))
				f := back(name, name)
				f.At = b.at("2026-03-02 12:30")
				b.apply(f)
			}
			b.apply(b.till("o1", b.at("2026-03-03 12:00"), 50000))
		}, 500},
		{"19: returned when the month is closed", func(b *bundle) {
			b.apply(b.till("o1", b.at("2026-03-02 12:00"), 150000))
			b.at("2026-04-02 09:00")
			b.closes(march)
			f := back("o1", "r1")
			f.At = b.at("2026-04-03 12:00")
			b.apply(f)
			b.at("2026-05-01 09:00")
			b.closes(march.AddDate(0, 1, 0))
		}, 0},
		{"20: the same in fifteen orders", func(b *bundle) {
			for i := range 15 {
				b.apply(b.till(fmt.Sprint("part-", i), b.at("2026-03-02 12:00"), 10000))
			}
		}, 2000},
		{"21: cancelled and made again, and told once more", func(b *bundle) {
			b.apply(b.till("o1", b.at("2026-03-02 12:00"), 150000))
			b.apply(order.WasCancelled{Order: "o1", At: b.at("2026-03-02 12:05")})
			for range 2 {
				b.apply(b.till("o2", b.at("2026-03-02 12:10"), 150000))
			}
		}, 2000},
	} {
		b := setupTill(t)
		c.does(b)
		if got := sum(b); got != c.want {
			t.Errorf("%s: Amy has %d, want %d", c.why, got, c.want)
		}
	}
}
