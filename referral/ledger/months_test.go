package ledger_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/ledger"
)

// What comes back of an order of a closed month makes the month late, and the credits stand for less: true-ups are worked out anew of it.
func TestARefundOfAClosedMonthsOrderMakesTheMonthLate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lateMonths := func() (n int) {
		b.in(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM late_month WHERE brand_id = $1 AND month = '2026-03-01'`, b.Brand).Scan(&n)
		})
		return n
	}
	volume := func(of shop.ID) (volume string) {
		b.in(func(tx pgx.Tx) error {
			oc, err := ledger.CreditsOf(t.Context(), tx, b.Brand, of)
			for _, c := range oc.Credits {
				volume = c.Volume.RatString()
			}
			return err
		})
		return volume
	}
	b.at("2026-03-01 12:00")
	o := b.web("o1", shop.ID{}, 10500)
	o.Lines[0].Quantity = 2
	placed := b.apply(o)
	b.at("2026-04-01 12:00")
	b.close("2026-03-01")
	b.apply(b.web("of April", shop.ID{}, 10500))
	if n, v := lateMonths(), volume(placed.Order); n != 0 || v != "20000" {
		t.Errorf("before it %d months are late, and the order stands for %s", n, v)
	}
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
	if n, v := lateMonths(), volume(placed.Order); n != 1 || v != "10000" {
		t.Errorf("after it %d months are late, and the order stands for %s", n, v)
	}
	b.invariants(t)
}
