package main

import (
	"fmt"
	"testing"
	"time"

	"homestore/referral/ledger"
)

// L8: each order has its hour of the day, in which it is compared with the book; a difference is in the metrics until it is mended.
func TestL8OrdersAreReconciledWithTheBook(t *testing.T) {
	t.Parallel()
	h, db := testHouse(t)
	now := time.Now() // of one hour, however long the test takes
	h.now = func() time.Time { return now }
	hour := now.UTC().Hour()
	// An order that nobody credited: the last byte of its id, which says whose turn it is, is in place of %d.
	const uncredited = `INSERT INTO sales_order (brand_id, id, placed_at, recorded_at, source, external_id, version, state, channel, store_id, currency, tax_bp, discount_minor, paid_minor)
		SELECT 1, (left(id_floor(h)::text, 34) || lpad(to_hex(%d), 2, '0'))::uuid, h, h, 'api', 'x', 1, 'placed', 'till', (SELECT id FROM store WHERE code = 'XINYI'), 'TWD', 500, 0, 0
		FROM (SELECT date_trunc('hour', now()) AS h) AS x`
	differences := func() float64 {
		t.Helper()
		if err := h.reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		n, _ := gather(t, h.instruments.registry).of("homestore_ledger_reconcile_differences", "hour", fmt.Sprint(hour))
		return n
	}
	if n := differences(); n != 0 {
		t.Errorf("a sound book differs by %v", n)
	}
	execAsOwner(t, db, fmt.Sprintf(uncredited, (hour+1)%turnsOfDay))
	if n := differences(); n != 0 {
		t.Errorf("what is another hour's was compared: %v", n)
	}
	execAsOwner(t, db, `DELETE FROM sales_order`)
	execAsOwner(t, db, fmt.Sprintf(uncredited, hour+turnsOfDay))
	if n := differences(); n != 3 {
		t.Errorf("plan, reason and when it is payable of an order that was not credited are %v differences", n)
	}
	if c, err := (reconciling{pool: h.pool, brand: h.demoBrand(t), now: h.now()}).all(t.Context(), ledger.Turn{}); err != nil || c.Orders != 1 {
		t.Errorf("all orders: %+v, %v", c, err)
	}
	execAsOwner(t, db, `DELETE FROM sales_order`)
	if n := differences(); n != 0 {
		t.Errorf("a mended book differs by %v", n)
	}
}
