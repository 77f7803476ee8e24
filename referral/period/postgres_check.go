package period

import (
	"context"
	"slices"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
)

// Invariants are the book's own and those that bind it to what is kept of its months.
var Invariants = slices.Concat(ledger.Invariants, []ledger.Invariant{
	ledger.NewInvariant("I6", "the book says of every month what its true-ups say", otherThanDue),
	ledger.NewInvariant("I6", "the book says of every pool how it is divided", otherThanDivided),
	ledger.NewInvariant("I8", "every statement says what its accounts held when the month ended", otherThanStated),
	ledger.NewInvariant("I8", "what is paid is what payouts say, and never more than was stated", otherThanPaid),
	ledger.NewInvariant("I8", "every adjustment that was approved is in the book once, and no other is", otherThanAdjusted),
})

const otherThanDue = `
SELECT coalesce(b.fact, u.fact) || ' of ' || coalesce(b.id, u.id)
FROM (
  SELECT kind || ':' || to_char(month, 'YYYY-MM') AS fact, role, holder_kind AS kind, holder_id AS id, currency, due_minor
  FROM true_up
  WHERE brand_id = $1
) AS u
FULL JOIN (
  SELECT t.fact, t.role, h.kind, h.id, t.currency, sum(h.minor) AS minor
  FROM ledger_transfer t
  JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id
  JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id
  CROSS JOIN LATERAL (VALUES (c.holder_kind, c.holder_id, t.amount_minor), (d.holder_kind, d.holder_id, -t.amount_minor)) AS h (kind, id, minor)
  WHERE t.brand_id = $1 AND h.kind <> 'brand' AND t.kind IN ('tier', 'target', 'month_min', 'month_cap', 'clawback_cap')
  GROUP BY 1, 2, 3, 4, 5
) AS b USING (fact, role, kind, id, currency)
WHERE coalesce(u.due_minor, 0) <> coalesce(b.minor, 0)`

const otherThanDivided = `
SELECT 'pool of ' || to_char(month, 'YYYY-MM') || ' for ' || staff_id
FROM (
  SELECT month, currency, staff_id, sum(share_minor) AS minor FROM pool_share WHERE brand_id = $1 GROUP BY 1, 2, 3
) AS s
FULL JOIN (
  SELECT to_date(substr(t.fact, 6), 'YYYY-MM') AS month, t.currency, coalesce(c.holder_id, d.holder_id) AS staff_id,
    sum(CASE WHEN c.id IS NULL THEN -t.amount_minor ELSE t.amount_minor END) AS minor
  FROM ledger_transfer t
  LEFT JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id AND d.holder_kind = 'staff'
  LEFT JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id AND c.holder_kind = 'staff'
  WHERE t.brand_id = $1 AND t.kind = 'pool'
  GROUP BY 1, 2, 3
) AS b USING (month, currency, staff_id)
WHERE coalesce(s.minor, 0) <> coalesce(b.minor, 0)`

const otherThanStated = `
SELECT 'statement ' || to_char(s.month, 'YYYY-MM') || ' of ' || s.holder_kind || ' ' || s.holder_id
FROM statement s
LEFT JOIN LATERAL (
  SELECT coalesce(sum(d.credit_minor - d.debit_minor) FILTER (WHERE a.kind = 'pending'), 0) AS pending,
    coalesce(sum(d.credit_minor - d.debit_minor) FILTER (WHERE a.kind = 'payable'), 0) AS payable
  FROM account a JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id AND d.day < s.month + interval '1 month'
  WHERE a.brand_id = $1 AND a.holder_id = s.holder_id AND a.holder_kind = s.holder_kind AND a.currency = s.currency
) AS held ON true
WHERE s.brand_id = $1 AND (held.pending, held.payable) IS DISTINCT FROM (s.pending_closing_minor::numeric, s.carried_minor::numeric)`

const otherThanPaid = `
SELECT 'payout of ' || to_char(month, 'YYYY-MM') || ' to ' || kind || ' ' || id
FROM (
  SELECT s.month, s.holder_kind AS kind, s.holder_id AS id, s.currency, s.stated_minor, coalesce(sum(p.minor) FILTER (WHERE p.outcome = 'paid'), 0) AS minor
  FROM statement s
  LEFT JOIN payout p ON p.brand_id = s.brand_id AND p.month = s.month AND p.holder_kind = s.holder_kind AND p.holder_id = s.holder_id AND p.currency = s.currency
  WHERE s.brand_id = $1
  GROUP BY 1, 2, 3, 4, 5
) AS s
FULL JOIN (
  SELECT to_date(substr(t.fact, 5), 'YYYY-MM') AS month, c.holder_kind AS kind, c.holder_id AS id, t.currency, sum(t.amount_minor) AS minor
  FROM ledger_transfer t JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id
  WHERE t.brand_id = $1 AND t.kind = 'pay'
  GROUP BY 1, 2, 3, 4
) AS b USING (month, kind, id, currency)
WHERE coalesce(s.minor, 0) <> coalesce(b.minor, 0) OR s.minor > s.stated_minor`

const otherThanAdjusted = `
SELECT 'adjustment ' || coalesce(a.id::text, b.fact)
FROM (
  SELECT a.id, 'adjust:' || a.id AS fact, a.minor
  FROM adjustment a JOIN adjustment_decision d ON d.brand_id = a.brand_id AND d.adjustment_id = a.id AND d.outcome = 'approved'
  WHERE a.brand_id = $1
) AS a
FULL JOIN (
  SELECT t.fact, sum(CASE WHEN d.kind = 'expense' THEN t.amount_minor ELSE -t.amount_minor END) AS minor
  FROM ledger_transfer t JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id
  WHERE t.brand_id = $1 AND t.kind = 'adjust'
  GROUP BY t.fact
) AS b USING (fact)
WHERE a.minor IS DISTINCT FROM b.minor`

// Violations are what breaks any of the Invariants in a brand's book and months; none when they are whole.
func Violations(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]ledger.Violation, error) {
	return ledger.Broken(ctx, db, brand, Invariants)
}
