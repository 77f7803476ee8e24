package period_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/target"
)

// recomputedMonths compares all closed months with what plain SQL makes of the facts.
func (b *bundle) recomputedMonths() (c period.Comparison) {
	b.t.Helper()
	b.reads(func(tx pgx.Tx) (err error) {
		c, err = period.Compare(b.t.Context(), tx, b.Brand, time.Time{})
		return err
	})
	for _, d := range c.Differences {
		b.t.Error(d)
	}
	return c
}

// recomputed compares all closed months, and all orders, with what plain SQL makes of the facts, and the orders with their traces. What
// is due is payable by then, as it is within a minute.
func (b *bundle) recomputed() {
	b.t.Helper()
	if _, err := b.book.Vest(b.t.Context(), b.Brand, b.clock()); err != nil {
		b.t.Fatal(err)
	}
	b.recomputedMonths()
	b.reads(func(tx pgx.Tx) error {
		ids, err := ledger.OrdersAfter(b.t.Context(), tx, b.Brand, ledger.Turn{}, shop.ID{}, 1000)
		if err != nil {
			return err
		}
		orders, err := ledger.Compare(b.t.Context(), tx, b.Brand, ids, b.clock())
		if err != nil {
			return err
		}
		traces, err := ledger.Retraced(b.t.Context(), tx, b.Brand, ids)
		for _, d := range append(orders.Differences, traces...) {
			b.t.Error(d)
		}
		return err
	})
}

func (b *bundle) reads(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Read(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

// setupClosed is a brand of which January and February are closed, with everything that a month may be due: a sale of Amy's with a
// tier and a target, of which a refund takes more than it may; web sales above the most and, for who assisted, below the least; and
// a sale that her leaving gave to the pool.
func setupClosed(t *testing.T) *bundle {
	t.Helper()
	b := setupSequence(t, postgrestest.New(t))
	hours := target.Hours{Month: february, Store: b.S1, Staff: b.Amy, Minutes: 49}
	if err := target.New(b.pool, b.clock).SetHours(t.Context(), shop.System(b.Brand), hours); err != nil {
		t.Fatal(err)
	}
	goods := func(price int64) []order.Line {
		return []order.Line{{No: 1, ExternalID: "1", SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: price}}
	}
	b.apply(b.drawn("tiered", b.at("2026-01-05 12:00"), true, true, goods(20000)))
	b.apply(b.drawn("capped", b.at("2026-01-10 12:00"), false, false, goods(30000)))
	b.at("2026-02-02 09:00")
	b.closes(february.AddDate(0, -1, 0))
	b.apply(b.drawn("lifted", b.at("2026-02-03 12:00"), false, false, goods(3000)))
	b.apply(order.WasRefunded{Order: "tiered", ExternalID: "r1", At: b.at("2026-02-10 12:00"), Amount: 10000})
	b.apply(b.drawn("pooled", b.at("2026-02-12 12:00"), true, true, goods(9000)))
	b.leaves()
	b.at("2026-03-02 09:00")
	b.closes(february)
	return b
}

func TestClosedMonthsAreWhatPlainSQLMakesOfTheFacts(t *testing.T) {
	t.Parallel()
	b := setupClosed(t)
	if c := b.recomputedMonths(); c.Months != 2 || c.Waiting != 0 || c.Dues < 7 {
		t.Errorf("compared were %+v", c)
	}
	kinds := map[ledger.TransferKind]bool{}
	b.in(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT DISTINCT kind FROM ledger_transfer WHERE brand_id = $1 AND order_id IS NULL`, b.Brand)
		if err != nil {
			return err
		}
		var kind ledger.TransferKind
		_, err = pgx.ForEachRow(rows, []any{&kind}, func() error { kinds[kind] = true; return nil })
		return err
	})
	for _, kind := range []ledger.TransferKind{ledger.Tier, ledger.Reached, ledger.MonthMin, ledger.MonthCap, ledger.ClawbackCap, ledger.Divided} {
		if !kinds[kind] {
			t.Errorf("nothing was due as %s, so this compared nothing of it", kind)
		}
	}
}

// What comes after a close may change what its month is due, and the next close posts that: until then nobody can say more of it.
func TestAMonthOfWhichSomethingBecameKnownSinceWaitsForTheNextClose(t *testing.T) {
	t.Parallel()
	b := setupClosed(t)
	b.apply(order.WasRefunded{Order: "capped", ExternalID: "r2", At: b.at("2026-03-04 12:00"), Amount: 25000})
	if c := b.recomputedMonths(); c.Months != 1 || c.Waiting != 1 {
		t.Errorf("after a refund of January: %+v", c)
	}
	if err := target.New(b.pool, b.clock).SetHours(t.Context(), shop.System(b.Brand), target.Hours{Month: february, Store: b.S1, Staff: b.Ben, Minutes: 7}); err != nil {
		t.Fatal(err)
	}
	if c := b.recomputedMonths(); c.Months != 0 || c.Waiting != 2 {
		t.Errorf("after hours of February: %+v", c)
	}
	b.at("2026-04-02 09:00")
	b.closes(march)
	if c := b.recomputedMonths(); c.Months != 3 || c.Waiting != 0 {
		t.Errorf("after the next close: %+v", c)
	}
}

// What somebody with every right does to closed months, and what the comparison names. The first changes the book and what a close
// keeps beside it alike, so that no invariant notices.
var monthTamperings = []struct {
	why, statement string
	kind           ledger.TransferKind
}{
	{"a tier, with what is kept of it", `WITH more AS (UPDATE true_up SET due_minor = due_minor + 5 WHERE kind = 'tier' AND month = '2026-01-01' AND role = 'selling_store' RETURNING month)
		UPDATE ledger_transfer SET amount_minor = amount_minor + 5 WHERE kind = 'tier' AND role = 'selling_store' AND id = (SELECT min(id::text)::uuid FROM ledger_transfer WHERE kind = 'tier' AND role = 'selling_store')`, ledger.Tier},
	{"a tier that is gone", `DELETE FROM ledger_transfer WHERE kind = 'tier' AND role = 'selling_staff'`, ledger.Tier},
	{"a bonus posted twice", `INSERT INTO ledger_transfer SELECT brand_id, (left(id::text, 14) || '7000-8000-000000000000')::uuid, kind, role, debit_account_id, credit_account_id, amount_minor, currency,
		order_id, parcel, line_no, fact, reverses_id, reason, month, effective_at, posted_at FROM ledger_transfer WHERE kind = 'target' LIMIT 1`, ledger.Reached},
	{"the least, given to a store", `UPDATE ledger_transfer SET credit_account_id = (SELECT id FROM account WHERE kind = 'payable' AND holder_kind = 'store' LIMIT 1) WHERE kind = 'month_min'`, ledger.MonthMin},
	{"the most, of another month", `UPDATE ledger_transfer SET effective_at = effective_at + interval '20 days' WHERE kind = 'month_cap'`, ledger.MonthCap},
	{"what refunds took too much, kept", `DELETE FROM ledger_transfer WHERE kind = 'clawback_cap'`, ledger.ClawbackCap},
	{"the parts of a pool, the other way round", `UPDATE ledger_transfer t SET amount_minor = (SELECT sum(amount_minor) FROM ledger_transfer WHERE kind = 'pool') - t.amount_minor WHERE kind = 'pool'`, ledger.Divided},
	{"a tier that was promised afterwards", `UPDATE plan SET rules = jsonb_set(rules, '{tiers,1,steps,0,extra_bp}', '500') WHERE version = 2`, ledger.Tier},
	{"a target that was lowered without a word", `UPDATE target SET target_minor = 99999999 WHERE month = '2026-01-01'`, ledger.Reached},
	{"hours of whom nobody heard", `UPDATE worked_hours SET minutes = minutes + 40 WHERE month = '2026-02-01' AND minutes = 49`, ledger.Divided},
	{"credits of a month", `UPDATE credit SET share_minor = share_minor + 3 WHERE role = 'online_team'`, ledger.MonthCap},
	{"the volume of a line", `UPDATE credit SET volume = '12000/7' WHERE role = 'selling_store'`, ledger.Tier},
}

func TestWhoeverTampersWithAClosedMonthIsNamed(t *testing.T) {
	t.Parallel()
	b := setupClosed(t)
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, tt := range monthTamperings {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tag, err := tx.Exec(t.Context(), tt.statement)
		if err != nil || tag.RowsAffected() == 0 {
			t.Errorf("%s: %v, %v", tt.why, tag, err)
		}
		c, err := period.Compare(t.Context(), tx, b.Brand, time.Time{})
		isNamed := func(d period.Difference) bool {
			return d.Kind == tt.kind && strings.Contains(d.String(), string(tt.kind))
		}
		if err != nil || !slices.ContainsFunc(c.Differences, isNamed) {
			t.Errorf("%s: %v, named is %v", tt.why, err, c.Differences)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A close that forgets to note that a month is late would never true it up.
func TestALateMonthThatNobodyNotedIsADifference(t *testing.T) {
	t.Parallel()
	b := setupClosed(t)
	b.apply(order.WasRefunded{Order: "capped", ExternalID: "r2", At: b.at("2026-03-04 12:00"), Amount: 25000})
	b.in(func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `DELETE FROM late_month WHERE brand_id = $1`, b.Brand); err != nil {
			return err
		}
		c, err := period.Compare(t.Context(), tx, b.Brand, time.Time{})
		if len(c.Differences) == 0 || c.Differences[0].To != b.Web || c.Differences[0].Posted != -150 || c.Differences[0].Due != 0 {
			t.Errorf("named is %+v", c.Differences)
		}
		return err
	})
}

// From a month on only that and the later ones are looked at, and what they are due is the same.
func TestMonthsAreComparedFromOneOn(t *testing.T) {
	t.Parallel()
	b := setupClosed(t)
	b.in(func(tx pgx.Tx) error {
		c, err := period.Compare(t.Context(), tx, b.Brand, february)
		if c.Months != 1 || len(c.Differences) > 0 || c.Dues == 0 {
			t.Errorf("%+v", c)
		}
		return err
	})
}
