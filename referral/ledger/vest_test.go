package ledger_test

import (
	"fmt"
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// What is due is made payable two hundred orders at a time, so that nobody waits for long, and until nothing is left.
func TestAllThatIsDueBecomesPayableHoweverManyOrdersItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	sold := make([]order.Fact, 201)
	for i := range sold {
		o := b.web(fmt.Sprint("o", i), shop.ID{}, 2100)
		o.Channel, o.Store = order.Till, b.S1
		sold[i] = o
	}
	b.applyTogether(sold...)
	now := b.at("2026-03-16 00:00") // 14 days after the day of the sale
	for _, want := range []int{201, 0} {
		if n, err := b.book.Vest(t.Context(), b.Brand, now); err != nil || n != want {
			t.Errorf("%d orders became payable, want %d: %v", n, want, err)
		}
		b.want(attribution.StoreOf(b.S1), 0, 201*40)
	}
	b.invariants(t)
}
