package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Invariant is something that is always true of a brand's book, as a query that returns what breaks it. Each goes over the
// book once: 10⁶ transfers are seconds.
type Invariant struct {
	ID       string // of quality.md, "The book"
	Rule     string
	OfSchema bool // asks the catalogue: the answer is the same for every brand
	query    string
}

// NewInvariant is one that a package above keeps of the book and its own tables.
func NewInvariant(id, rule, query string) Invariant {
	return Invariant{ID: id, Rule: rule, query: query}
}

// Invariants are what `homestore doctor` asks and every test of the book ends with.
var Invariants = []Invariant{
	{ID: "I1", Rule: "all accounts of a currency sum to zero", query: sumToZero},
	{ID: "I2", Rule: "the application may change nothing of the book's past and the audit", OfSchema: true, query: changeable},
	{ID: "I3", Rule: "every order and every event in the book was claimed once", query: unclaimed},
	{ID: "I4", Rule: "no transfer is taken back by more than it gave, and none without naming it", query: takenTooMuch},
	{ID: "I5", Rule: "what is dated in a closed month is what was when it was closed", query: datedLate},
	{ID: "I6", Rule: "the book says of every order what its credits say", query: otherThanCredited},
	{ID: "I7", Rule: "every amount is a whole number of minor units", OfSchema: true, query: notWhole},
	{ID: "I8", Rule: "every balance is the sum of its transfers", query: otherThanPosted},
	{ID: "I8", Rule: "nothing is below zero while the goods may still come back", query: pendingBelowZero},
	{ID: "I9", Rule: "every sealed transfer is what it was when it was sealed", query: brokenSeals},
	{ID: "I10", Rule: "no column of the book is for a customer", OfSchema: true, query: namesCustomers},
	{ID: "I10", Rule: "only stores, staff and pools hold accounts, and no reason tells of a person", query: heldByCustomers},
}

const sumToZero = `
SELECT a.currency::text
FROM account_day d JOIN account a ON a.brand_id = d.brand_id AND a.id = d.account_id
WHERE d.brand_id = $1
GROUP BY a.currency
HAVING sum(d.debit_minor) <> sum(d.credit_minor)`

// What one event takes is compared by I6: the book's sum per share would be another if it had been posted twice.
const unclaimed = `
SELECT o.order_id::text
FROM order_credit o
LEFT JOIN fact_key k ON k.brand_id = $1 AND k.subject_id = o.order_id AND k.kind = 'order' AND k.sequence = 0
WHERE o.brand_id = $1
GROUP BY o.order_id
HAVING count(k.subject_id) = 0 OR count(k.subject_id) <> count(DISTINCT k.source) -- each system that tells of the sale has one name for it
UNION ALL
SELECT f.order_id || ' ' || f.fact
FROM (
  SELECT DISTINCT order_id, fact, split_part(fact, ':', 1) AS kind, substr(fact, strpos(fact, ':') + 1) AS name
  FROM ledger_transfer
  WHERE brand_id = $1 AND fact <> '' AND order_id IS NOT NULL
) AS f
LEFT JOIN fact_key k ON k.brand_id = $1 AND k.subject_id = f.order_id AND k.external_id = f.name
  AND k.kind = CASE f.kind WHEN 'price_adjust' THEN 'adjustment' ELSE f.kind END
WHERE f.name <> '' AND k.subject_id IS NULL -- a cancellation has no name: it may come with its order`

const takenTooMuch = `
SELECT coalesce(r.reverses_id::text, r.one)
FROM (
  SELECT r.reverses_id, r.order_id, r.role, r.parcel, r.line_no, sum(r.amount_minor) AS minor, min(r.id::text) AS one
  FROM ledger_transfer r JOIN account c ON c.brand_id = r.brand_id AND c.id = r.credit_account_id
  WHERE r.brand_id = $1 AND c.kind = 'expense' AND r.order_id IS NOT NULL
  GROUP BY r.reverses_id, r.order_id, r.role, r.parcel, r.line_no
) AS r
LEFT JOIN ledger_transfer o ON o.brand_id = $1 AND o.id = r.reverses_id
  AND o.order_id = r.order_id AND o.role = r.role AND o.parcel = r.parcel AND o.line_no = r.line_no
WHERE o.id IS NULL OR o.amount_minor < r.minor`

// A month that was closed just now is not counted yet: see CountMonth.
const datedLate = `
SELECT month || ' ' || currency
FROM (
  SELECT (SELECT min(c.month) FROM closed_month c WHERE c.brand_id = $1 AND c.month >= d.month) AS month,
    d.currency, sum(d.transfers) AS transfers, sum(d.minor) AS minor
  FROM (
    SELECT month, currency, count(*) AS transfers, sum(amount_minor) AS minor
    FROM ledger_transfer
    WHERE brand_id = $1
    GROUP BY month, currency
  ) AS d
  GROUP BY 1, 2
) AS now_dated
FULL JOIN (SELECT month, currency, transfers, amount_minor FROM closed_total WHERE brand_id = $1) AS then_dated USING (month, currency)
WHERE month IS NOT NULL AND (now_dated.transfers, now_dated.minor) IS DISTINCT FROM (then_dated.transfers, then_dated.amount_minor)
  AND NOT EXISTS (SELECT FROM closed_month c WHERE c.brand_id = $1 AND c.month = month AND c.closed_at > now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM closed_total k WHERE k.brand_id = $1 AND k.month = c.month))`

const otherThanCredited = `
SELECT DISTINCT coalesce(c.order_id, b.order_id)::text
FROM (
  SELECT order_id, role, beneficiary_kind AS kind, beneficiary_id AS id, parcel, line_no, sum(share_minor - reversed_minor) AS minor
  FROM credit
  WHERE brand_id = $1
  GROUP BY order_id, role, beneficiary_kind, beneficiary_id, parcel, line_no
) AS c
FULL JOIN (
  SELECT t.order_id, t.role, h.kind, h.id, t.parcel, t.line_no, sum(h.minor) AS minor
  FROM ledger_transfer t
  JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id
  JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id
  CROSS JOIN LATERAL (
    SELECT c.holder_kind AS kind, c.holder_id AS id, t.amount_minor AS minor WHERE d.kind = 'expense'
    UNION ALL
    SELECT d.holder_kind, d.holder_id, -t.amount_minor WHERE c.kind = 'expense'
  ) AS h
  WHERE t.brand_id = $1 AND t.order_id IS NOT NULL
  GROUP BY t.order_id, t.role, h.kind, h.id, t.parcel, t.line_no
) AS b USING (order_id, role, kind, id, parcel, line_no)
WHERE coalesce(c.minor, 0) <> coalesce(b.minor, 0)`

const otherThanPosted = `
WITH posted AS (
  SELECT account_id, month, sum(minor) AS minor, count(*) AS entries
  FROM (
    SELECT credit_account_id AS account_id, month, amount_minor AS minor FROM ledger_transfer WHERE brand_id = $1
    UNION ALL
    SELECT debit_account_id, month, -amount_minor FROM ledger_transfer WHERE brand_id = $1
  ) AS entry
  GROUP BY account_id, month
), rolled AS (
  SELECT account_id, date_trunc('month', day)::date AS month, sum(credit_minor - debit_minor) AS minor, sum(entries) AS entries
  FROM account_day
  WHERE brand_id = $1
  GROUP BY 1, 2
)
SELECT DISTINCT account_id::text
FROM posted FULL JOIN rolled USING (account_id, month)
WHERE (posted.minor, posted.entries) IS DISTINCT FROM (rolled.minor, rolled.entries)`

const pendingBelowZero = `
SELECT a.id::text
FROM account a JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id
WHERE a.brand_id = $1 AND a.kind = 'pending'
GROUP BY a.id
HAVING sum(d.credit_minor - d.debit_minor) < 0`

// A transfer is judged by the hash in its own seal, and a seal by that of the one before: a changed transfer breaks no other.
const brokenSeals = `
WITH link AS (
  SELECT transfer_id, seal_no, form_hash, hash, lag(seal_no, 1, 0::bigint) OVER chain AS before_no,
    lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER chain AS before
  FROM ledger_seal
  WHERE brand_id = $1
  WINDOW chain AS (ORDER BY seal_no)
)
SELECT 'transfer ' || l.transfer_id
FROM link l LEFT JOIN ledger_transfer t ON t.brand_id = $1 AND t.id = l.transfer_id
WHERE t.id IS NULL OR l.form_hash <> ` + formHash + `
UNION ALL
SELECT 'seals ' || before_no + 1 || ' to ' || seal_no - 1 FROM link WHERE seal_no > before_no + 1
UNION ALL
SELECT 'seal ' || seal_no FROM link WHERE seal_no <= before_no OR seal_no = before_no + 1 AND hash <> sha256(before || form_hash)
UNION ALL
SELECT CASE WHEN h.seals > coalesce(l.seal_no, 0) THEN 'seals ' || coalesce(l.seal_no, 0) + 1 || ' to ' || h.seals ELSE 'head' END
FROM (SELECT seals, hash FROM ledger_head WHERE brand_id = $1) AS h
FULL JOIN (SELECT seal_no, hash FROM link ORDER BY seal_no DESC LIMIT 1) AS l ON true
WHERE h.seals > 0 AND (h.seals, h.hash) IS DISTINCT FROM (l.seal_no, l.hash) OR h.seals IS NULL`

const heldByCustomers = `
SELECT 'account ' || a.id
FROM account a
LEFT JOIN store s ON s.brand_id = $1 AND s.id = a.holder_id
LEFT JOIN staff p ON p.brand_id = $1 AND p.id = a.holder_id
WHERE a.brand_id = $1 AND CASE a.holder_kind WHEN 'brand' THEN a.holder_id IS NOT NULL WHEN 'staff' THEN p.id IS NULL ELSE s.id IS NULL END
UNION ALL
SELECT 'transfer ' || id FROM ledger_transfer WHERE brand_id = $1 AND reason::text ~ '"(customer|phone|email|name)[a-z_]*":'
UNION ALL
SELECT 'credit of ' || order_id FROM credit WHERE brand_id = $1 AND reason::text ~ '"(customer|phone|email|name)[a-z_]*":'
UNION ALL
SELECT 'trace of ' || order_id FROM order_credit WHERE brand_id = $1 AND concat(lost, trace) ~ '"(customer|phone|email|name)[a-z_]*":'`

// Breaks returns what breaks the invariant in a brand's book, at most a hundred of it.
func (i Invariant) Breaks(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]string, error) {
	args := []any{brand}
	if i.OfSchema {
		args = nil
	}
	rows, err := db.Query(ctx, i.query+"\nLIMIT 100", args...) // on a line of its own: a query may end in a comment
	if err != nil {
		return nil, fmt.Errorf("check that %s: %w", i.Rule, err)
	}
	broken, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("check that %s: %w", i.Rule, err)
	}
	return broken, nil
}

// Violation is an invariant with the rows that break it.
type Violation struct {
	Invariant

	Rows []string
}

func (v Violation) String() string { return fmt.Sprintf("%s: %s, but not: %v", v.ID, v.Rule, v.Rows) }

// Violations are what breaks any of the Invariants in a brand's book; none when it is whole.
func Violations(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Violation, error) {
	return Broken(ctx, db, brand, Invariants)
}

// Broken are those of some invariants that a brand's book breaks.
func Broken(ctx context.Context, db postgres.DB, brand shop.BrandID, invariants []Invariant) ([]Violation, error) {
	var found []Violation
	for _, rule := range invariants {
		rows, err := rule.Breaks(ctx, db, brand)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			found = append(found, Violation{rule, rows})
		}
	}
	return found, nil
}
