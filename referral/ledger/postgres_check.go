package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Invariant is something that is always true of a brand's book, as a query that returns what breaks it.
type Invariant struct {
	ID    string // of quality.md, "The book"
	Rule  string
	query string
}

// Invariants are what `homestore doctor` asks and every test of the book ends with.
var Invariants = []Invariant{
	{"I1", "all accounts of a currency sum to zero", `
SELECT a.currency::text
FROM account_day d JOIN account a ON a.brand_id = d.brand_id AND a.id = d.account_id
WHERE d.brand_id = $1
GROUP BY a.currency
HAVING sum(d.debit_minor) <> sum(d.credit_minor)`},
	{"I4", "no transfer is taken back by more than it gave, and none without naming it", `
SELECT r.id::text
FROM ledger_transfer r
LEFT JOIN ledger_transfer o ON o.brand_id = r.brand_id AND o.id = r.reverses_id
JOIN account c ON c.brand_id = r.brand_id AND c.id = r.credit_account_id
WHERE r.brand_id = $1 AND c.kind = 'expense'
  AND (o.id IS NULL OR o.amount_minor < (SELECT sum(b.amount_minor) FROM ledger_transfer b WHERE b.brand_id = $1 AND b.reverses_id = o.id))`},
	{"I6", "the book says of every order what its credits say", `
SELECT o.order_id::text
FROM order_credit o
WHERE o.brand_id = $1
  AND (SELECT coalesce(sum(c.share_minor - c.reversed_minor), 0) FROM credit c WHERE c.brand_id = $1 AND c.order_id = o.order_id)
   <> (SELECT coalesce(sum(CASE WHEN d.kind = 'expense' THEN t.amount_minor WHEN c.kind = 'expense' THEN -t.amount_minor ELSE 0 END), 0)
       FROM ledger_transfer t
       JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id
       JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id
       WHERE t.brand_id = $1 AND t.order_id = o.order_id)`},
	{"I8", "every balance is the sum of its transfers", `
WITH posted AS (
  SELECT account_id, sum(minor) AS minor
  FROM (
    SELECT credit_account_id AS account_id, amount_minor AS minor FROM ledger_transfer WHERE brand_id = $1
    UNION ALL
    SELECT debit_account_id, -amount_minor FROM ledger_transfer WHERE brand_id = $1
  ) AS entry
  GROUP BY account_id
), rolled AS (
  SELECT account_id, sum(credit_minor - debit_minor) AS minor FROM account_day WHERE brand_id = $1 GROUP BY account_id
)
SELECT coalesce(p.account_id, r.account_id)::text
FROM posted p FULL JOIN rolled r ON r.account_id = p.account_id
WHERE p.minor IS DISTINCT FROM r.minor`},
	{"I8", "nothing is below zero while the goods may still come back", `
SELECT a.id::text
FROM account a JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id
WHERE a.brand_id = $1 AND a.kind = 'pending'
GROUP BY a.id
HAVING sum(d.credit_minor - d.debit_minor) < 0`},
}

// Breaks returns what breaks the invariant in a brand's book, at most a hundred of it.
func (i Invariant) Breaks(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]string, error) {
	rows, err := db.Query(ctx, i.query+` LIMIT 100`, brand)
	if err != nil {
		return nil, fmt.Errorf("check that %s: %w", i.Rule, err)
	}
	broken, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("check that %s: %w", i.Rule, err)
	}
	return broken, nil
}
