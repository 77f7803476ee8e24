package period_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// What refunds took beyond their most is forgiven by the month in which they took it. Where such a refund takes nothing any more, since
// the order is heard to have been cancelled before, there is nothing left to forgive, and the next close takes that back.
func TestForgivenessOfARefundThatTakesNothingAnyMoreIsTakenBack(t *testing.T) {
	t.Parallel()
	b := setupSequence(t, postgrestest.New(t))
	amy := attribution.StaffOf(b.Amy)
	b.apply(b.drawn("o1", b.at("2026-01-05 12:00"), true, true, []order.Line{
		{No: 1, ExternalID: "1", SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: 7000},
	}))
	b.at("2026-02-02 09:00")
	b.closes(february.AddDate(0, -1, 0))
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.at("2026-02-10 12:00"), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
	b.at("2026-03-02 09:00")
	b.closes(february)
	if s := b.statement(february, amy); s.Movement != -105+45 {
		t.Errorf("February: %+v, want 105 taken back and 45 of it forgiven", s)
	}
	b.at("2026-03-05 12:00")
	cancelled := order.WasCancelled{Order: "o1", At: b.now.AddDate(0, -2, 3)}
	b.apply(cancelled)
	b.at("2026-04-02 09:00")
	b.closes(march)
	if s := b.statement(march, amy); s.Movement != -45 {
		t.Errorf("March: %+v, want the 45 taken back", s)
	}
	b.invariants("")
}

// A close, and a preview, take the late months first and work for long: what is heard meanwhile of such a month does not wait for them,
// and is for the close after.
func TestARefundDoesNotWaitForAClose(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 50000))
	b.apply(b.till("o2", b.at("2026-03-03 12:00"), 30000))
	b.at("2026-04-02 09:00")
	b.closes(march)
	first, second := back("o1", "r1"), back("o2", "r2")
	first.At, second.At = b.now, b.now
	b.apply(first)
	b.in(func(tx pgx.Tx) error {
		if months, err := ledger.TakeLate(t.Context(), tx, b.Brand, march); err != nil || len(months) == 0 {
			t.Fatalf("taken are %v, %v", months, err)
		}
		patience, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := b.orders.Apply(patience, b.Brand, "test", second); err != nil {
			t.Error(err)
		}
		return nil
	})
	b.in(func(tx pgx.Tx) error {
		if months, err := ledger.TakeLate(t.Context(), tx, b.Brand, march); err != nil || !slices.ContainsFunc(months, march.Equal) {
			t.Errorf("left for the close after are %v, %v", months, err)
		}
		return nil
	})
}
