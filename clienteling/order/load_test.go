package order

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// The year is young: PostgreSQL has no statistics of it, and would read whatever lies between the two orders.
func TestTwoOrdersFarApartAreReadWithoutThoseBetween(t *testing.T) {
	t.Parallel()
	b := setup(t)
	facts := make([]Fact, 2000)
	for n := range facts {
		f := b.sofa(fmt.Sprint("order-", n))
		f.PlacedAt = placed.Add(time.Duration(n) * time.Second)
		facts[n] = f
	}
	results, err := b.s.ApplyMany(t.Context(), b.Brand, source, facts)
	if err != nil {
		t.Fatal(err)
	}
	first, last := results[0].Order, results[len(results)-1].Order
	rowsRead := func(tx pgx.Tx) (n int) {
		err := tx.QueryRow(t.Context(), `
			SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname LIKE 'order_line_%' OR relname LIKE 'sales_order_%'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.read(func(tx pgx.Tx) error {
		before := rowsRead(tx)
		orders, err := LoadMany(t.Context(), tx, b.Brand, []shop.ID{last, first, last})
		if err != nil {
			return err
		}
		if len(orders) != 2 || orders[0].ID != first || len(orders[0].Lines) != 2 || len(orders[1].Lines) != 2 {
			t.Errorf("got %d orders: %+v", len(orders), orders)
		}
		if n := rowsRead(tx) - before; n != 6 {
			t.Errorf("%d rows read for two orders of two lines", n)
		}
		return nil
	})
}
