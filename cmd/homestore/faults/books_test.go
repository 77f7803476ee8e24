package faults

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/period"
)

// books are what a database holds of an import, in words that are the same in every database: how many rows of each kind,
// each order's state and figures, each customer's, and the balance of each account.
func books(t *testing.T, url string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `
SELECT format('%s: %s rows', name, n) FROM (
  SELECT 'brand' AS name, count(*) AS n FROM brand
  UNION ALL SELECT 'store', count(*) FROM store
  UNION ALL SELECT 'sales_order', count(*) FROM sales_order
  UNION ALL SELECT 'order_line', count(*) FROM order_line
  UNION ALL SELECT 'order_edit', count(*) FROM order_edit
  UNION ALL SELECT 'refund', count(*) FROM refund
  UNION ALL SELECT 'fact_key', count(*) FROM fact_key
  UNION ALL SELECT 'waiting_fact', count(*) FROM waiting_fact
  UNION ALL SELECT 'customer', count(*) FROM customer
  UNION ALL SELECT 'identity', count(*) FROM identity
  UNION ALL SELECT 'customer_profile', count(*) FROM customer_profile
  UNION ALL SELECT 'order_credit', count(*) FROM order_credit
  UNION ALL SELECT 'credit', count(*) FROM credit
) AS tables
UNION ALL
SELECT format('%s orders, gross %s, refunded %s', count(*), sum(paid_minor), sum(refunded_minor)) FROM sales_order
UNION ALL
SELECT format('order %s: %s, %s paid, %s refunded, %s credited', o.external_id, o.state, o.paid_minor, o.refunded_minor,
  (SELECT coalesce(sum(share_minor - reversed_minor), 0) FROM credit c WHERE c.brand_id = o.brand_id AND c.order_id = o.id))
FROM sales_order o
UNION ALL
SELECT format('customer %s: %s orders, %s spent', i.value, p.orders, p.spent_minor)
FROM identity i JOIN customer_profile p ON p.brand_id = i.brand_id AND p.customer_id = i.customer_id
UNION ALL
SELECT format('account %s of %s %s: %s', a.kind, a.holder_kind, s.code, sum(d.credit_minor - d.debit_minor))
FROM account a JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id
LEFT JOIN store s ON s.brand_id = a.brand_id AND s.id = a.holder_id
GROUP BY a.kind, a.holder_kind, s.code
ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// invariants asks what is always true of a book.
func invariants(t *testing.T, url string, brand shop.BrandID) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConnections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	err = pool.Read(t.Context(), brand, func(tx pgx.Tx) error {
		broken, err := period.Violations(t.Context(), tx, brand)
		for _, violation := range broken {
			t.Errorf("%v", violation)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
