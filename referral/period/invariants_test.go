package period_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

const (
	asDue      = "the book says of every month what its true-ups say"
	asDivided  = "the book says of every pool how it is divided"
	asStated   = "every statement says what its accounts held when the month ended"
	asPaid     = "what is paid is what payouts say, and never more than was stated"
	asAdjusted = "every adjustment that was approved is in the book once, and no other is"
)

// What somebody with every right does to what is kept of months, and the invariant that notices. Those of the book itself are in ledger.
var tamperings = []struct{ rule, why, statement string }{
	{asDue, "a tier of more", `UPDATE true_up SET due_minor = due_minor + 1 WHERE kind = 'tier'`},
	{asDue, "a cut that was not posted", `DELETE FROM ledger_transfer WHERE kind = 'month_cap'`},
	{asDue, "a bonus that is kept nowhere", `DELETE FROM true_up WHERE kind = 'target'`},
	{asDivided, "a share of more", `UPDATE pool_share SET share_minor = share_minor + 1`},
	{asDivided, "a division that is kept nowhere", `DELETE FROM pool_share`},
	{asStated, "a statement that carries more", `UPDATE statement SET movement_minor = movement_minor + 1, carried_minor = carried_minor + 1 WHERE month = '2026-01-01'`},
	{asStated, "a roll-up that moved into the month", `UPDATE account_day SET day = '2026-01-31' WHERE day >= '2026-02-01' AND kind = 'refund'`},
	{asPaid, "a payout of less", `UPDATE payout SET minor = minor - 1`},
	{asPaid, "a payment of which no payout tells", `DELETE FROM payout`},
	{asPaid, "more than was stated, in both", `WITH more AS (UPDATE payout SET minor = minor + 5) UPDATE ledger_transfer SET amount_minor = amount_minor + 5 WHERE kind = 'pay'`},
	{asAdjusted, "an adjustment of more", `UPDATE adjustment SET minor = minor + 1`},
	{asAdjusted, "one that nobody approved", `DELETE FROM adjustment_decision`},
	{asAdjusted, "one that was posted twice", `INSERT INTO ledger_transfer SELECT brand_id, (left(id::text, 14) || '7000-8000-000000000000')::uuid, kind, role, debit_account_id, credit_account_id, amount_minor, currency,
		order_id, parcel, line_no, fact, reverses_id, reason, month, effective_at, posted_at FROM ledger_transfer WHERE kind = 'adjust'`},
}

// setupPaid is setupClosed with January paid and a store's account adjusted.
func setupPaid(t *testing.T) *bundle {
	t.Helper()
	b := setupClosed(t)
	if _, err := b.periods.Pay(t.Context(), b.finance(), february.AddDate(0, -1, 0), nil, "january"); err != nil {
		t.Fatal(err)
	}
	a, err := b.periods.Adjust(t.Context(), b.finance(), period.Adjustment{To: attribution.StoreOf(b.S1), Minor: 70, Reason: "a box that was lost"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Outcome == "" {
		hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Amy}
		if _, err := b.periods.DecideAdjustment(t.Context(), hq, a.ID, period.Approved, "seen"); err != nil {
			t.Fatal(err)
		}
	}
	b.invariants("")
	return b
}

// One book, each change in a transaction that is taken back.
func TestEveryInvariantOfMonthsNoticesWhatItIsFor(t *testing.T) {
	t.Parallel()
	b := setupPaid(t)
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rules, noticed := map[string]ledger.Invariant{}, map[string]bool{}
	for _, rule := range period.Invariants[len(ledger.Invariants):] {
		rules[rule.Rule] = rule
	}
	for _, tt := range tamperings {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			t.Fatal(err)
		}
		if tag, err := tx.Exec(t.Context(), tt.statement); err != nil || tag.RowsAffected() == 0 {
			t.Errorf("%s: %v, %v", tt.why, tag, err)
		} else if broken, err := rules[tt.rule].Breaks(t.Context(), tx, b.Brand); err != nil || len(broken) == 0 {
			t.Errorf("%s, but %s is not noticed: %v", tt.rule, tt.why, err)
		}
		noticed[tt.rule] = true
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for rule := range rules {
		if !noticed[rule] {
			t.Errorf("nothing shows that it is noticed when not: %s", rule)
		}
	}
}
