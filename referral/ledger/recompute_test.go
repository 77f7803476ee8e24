package ledger_test

import (
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/ledger"
)

// comparison compares all orders of the brand with their facts.
func (b *bundle) comparison(t interface{ Errorf(string, ...any) }) ledger.Comparison {
	b.t.Helper()
	var sum ledger.Comparison
	for after, more := (shop.ID{}), true; more; {
		err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
			ids, err := ledger.OrdersAfter(b.t.Context(), tx, b.Brand, after, 2000)
			if err != nil || len(ids) == 0 {
				more = false
				return err
			}
			after = ids[len(ids)-1]
			c, err := ledger.Compare(b.t.Context(), tx, b.Brand, ids)
			sum.Orders, sum.Shares = sum.Orders+c.Orders, sum.Shares+c.Shares
			sum.Differences = append(sum.Differences, c.Differences...)
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	for _, d := range sum.Differences[:min(len(sum.Differences), 10)] {
		t.Errorf("%v", d)
	}
	return sum
}
