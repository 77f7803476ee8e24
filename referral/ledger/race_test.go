package ledger_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// L2: a thousand orders of eight customers are each refunded three times at once by thirty-two workers. There are exactly a
// thousand reversals, and whatever the workers do to each other, none is told of it.
func TestL2OrdersRefundedThreeTimesAtOnceAreReversedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	orders := 1000
	if testing.Short() {
		orders = 50
	}
	b.refundThrice(orders, func(i, _ int) string { return fmt.Sprint(i) })
	if rows := b.number(`SELECT count(*) FROM ledger_transfer WHERE brand_id = $1 AND kind = 'refund'`); rows != orders {
		t.Errorf("%d reversals", rows)
	}
	b.invariants(t)
}

// Three papers that each take everything back are one reversal: that of the paper which is the first by its instant and name.
// One that came before it has its reversal corrected.
func TestOrdersRefundedByThreePapersAtOnceAreReversedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	orders := 200
	if testing.Short() {
		orders = 20
	}
	b.refundThrice(orders, func(i, n int) string { return fmt.Sprintf("%d-%d", i, n) })
	if papers := b.number(`
SELECT count(*) FROM (
  SELECT t.order_id, t.fact
  FROM ledger_transfer t JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id
  WHERE t.brand_id = $1 AND t.fact <> ''
  GROUP BY t.order_id, t.fact
  HAVING sum(CASE c.kind WHEN 'expense' THEN t.amount_minor ELSE -t.amount_minor END) = 20 AND t.fact LIKE '%-0') AS first`); papers != orders {
		t.Errorf("%d orders are reversed by their first paper", papers)
	}
	b.invariants(t)
}

// refundThrice places orders of 20 commission each and refunds each three times, at the same moment, by papers of the names.
func (b *bundle) refundThrice(orders int, paper func(i, n int) string) {
	b.t.Helper()
	b.at("2026-03-01 12:00")
	facts := make([]order.Fact, orders)
	for i := range facts {
		f := b.web(fmt.Sprint(i), shop.ID{}, 2100)
		f.Identities = []customer.Identity{{Kind: customer.WebShop, Value: fmt.Sprint("test:", i%8)}}
		facts[i] = f
	}
	b.applyTogether(facts...)
	b.want(attribution.StoreOf(b.Web), int64(20*orders), 0)

	refunds := make(chan order.WasRefunded, 3*orders)
	for i := range orders {
		for n := range 3 {
			refunds <- order.WasRefunded{Order: fmt.Sprint(i), ExternalID: paper(i, n), At: b.clock(), Amount: 2100}
		}
	}
	close(refunds)
	var workers sync.WaitGroup
	for range 32 {
		workers.Go(func() {
			for f := range refunds {
				if _, err := b.orders.Apply(b.t.Context(), b.Brand, "test", f); err != nil {
					b.t.Errorf("refund %s: %v", f.ExternalID, err)
				}
			}
		})
	}
	workers.Wait()
	b.want(attribution.StoreOf(b.Web), 0, 0)
}

func (b *bundle) number(query string) (n int) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error { return tx.QueryRow(b.t.Context(), query, b.Brand).Scan(&n) })
	return n
}
