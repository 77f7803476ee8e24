package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/ledger"
)

const (
	sumsToZero       = "all accounts of a currency sum to zero"
	unchanged        = "the application may change nothing of the book's past and the audit"
	claimedOnce      = "every order and every event in the book was claimed once"
	takenOnce        = "no transfer is taken back by more than it gave, and none without naming it"
	asClosed         = "what is dated in a closed month is what was when it was closed"
	asCredited       = "the book says of every order what its credits say"
	inWholeUnits     = "every amount is a whole number of minor units"
	asPosted         = "every balance is the sum of its transfers"
	notBelowZero     = "nothing is below zero while the goods may still come back"
	asSealed         = "every sealed transfer is what it was when it was sealed"
	withoutCustomers = "no column of the book is for a customer"
	heldByOurs       = "only stores, staff and pools hold accounts, and no reason tells of a person"
)

// What somebody with every right does, and the invariant that notices. TestInvariantsNoticeWhatWasTamperedWith and L5 have the rest.
var tamperings = []struct{ rule, why, statement string }{
	{unchanged, "a right that was given", `GRANT UPDATE ON ledger_transfer TO homestore_app`},
	{unchanged, "a right to one column of one year", `GRANT UPDATE (amount_minor) ON ledger_transfer_2026 TO homestore_app`},
	{unchanged, "emptying, which is neither update nor delete", `GRANT TRUNCATE ON audit TO homestore_app`},
	{unchanged, "an owner may do anything", `ALTER TABLE ledger_seal OWNER TO homestore_app`},
	{unchanged, "and so may who owns a roll-up", `ALTER TABLE account_day OWNER TO homestore_scan`},
	{claimedOnce, "an order whose claim is gone", `DELETE FROM fact_key WHERE kind = 'order'`},
	{claimedOnce, "a refund whose claim is gone", `DELETE FROM fact_key WHERE kind = 'refund'`},
	{claimedOnce, "a refund that was claimed for another order", `UPDATE fact_key SET subject_id = gen_random_uuid() WHERE kind = 'refund'`},
	{claimedOnce, "one order under two names", `INSERT INTO fact_key SELECT brand_id, source, kind, external_id || ' again', sequence, subject_id FROM fact_key WHERE kind = 'order' AND sequence = 0`},
	{takenOnce, "taken back on another line", `UPDATE ledger_transfer SET line_no = 2 WHERE kind = 'refund'`},
	{takenOnce, "two takings that are each within and together above", `INSERT INTO ledger_transfer SELECT brand_id, (left(id::text, 14) || '7000-8000-000000000000')::uuid, kind, role, debit_account_id, credit_account_id,
		250, currency, order_id, parcel, line_no, fact, reverses_id, reason, month, effective_at, posted_at FROM ledger_transfer WHERE kind = 'refund'`},
	{asClosed, "a transfer dated back into the month", `UPDATE ledger_transfer SET month = '2026-02-01' WHERE month = '2026-04-01'`},
	{asClosed, "and one dated out of it", `UPDATE ledger_transfer SET month = '2026-04-01' WHERE month = '2026-03-01' AND kind = 'refund'`},
	{asClosed, "an amount of the month", `UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE month = '2026-03-01'`},
	{asCredited, "a share that went to another store", `UPDATE credit SET beneficiary_id = store_id, beneficiary_kind = 'pool'`},
	{asCredited, "credits of an order that are gone", `DELETE FROM credit`},
	{inWholeUnits, "an amount with cents behind cents", `ALTER TABLE credit ALTER share_minor TYPE numeric`},
	{inWholeUnits, "an amount that is too small a number", `ALTER TABLE closed_total ALTER amount_minor TYPE int`},
	{inWholeUnits, "a float under any name", `ALTER TABLE plan ADD COLUMN rate real`},
	{asPosted, "a roll-up that moved to another month", `UPDATE account_day SET day = day + 40`},
	{asPosted, "an entry that was counted twice", `UPDATE account_day SET entries = entries + 1`},
	{withoutCustomers, "a customer in the book", `ALTER TABLE credit ADD COLUMN customer_id uuid`},
	{withoutCustomers, "the same behind another name", `ALTER TABLE order_credit ADD COLUMN buyer uuid, ADD CONSTRAINT x FOREIGN KEY (brand_id, buyer) REFERENCES customer (brand_id, id)`},
	{heldByOurs, "an account that nobody of the brand holds", `UPDATE account SET holder_id = gen_random_uuid() WHERE holder_kind <> 'brand'`},
	{heldByOurs, "a trace with her name", `UPDATE order_credit SET trace = trace || '{"name": "Lin"}'`},
	{heldByOurs, "a reason with her phone", `UPDATE ledger_transfer SET reason = '{"phone": "+886912345678"}' WHERE kind = 'refund'`},
}

// One book, each change in a transaction that is taken back.
func TestEveryInvariantNoticesWhatItIsFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	o := b.web("o1", shop.ID{}, 21000)
	o.Lines[0].Quantity = 2
	b.apply(o)
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
	b.at("2026-04-01 12:00")
	b.close("2026-03-01")
	b.sell(1)
	b.invariants(t)
	conn := b.superuser()
	for _, tt := range tamperings {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			t.Fatal(err)
		}
		tag, err := tx.Exec(t.Context(), tt.statement)
		if err != nil || strings.HasPrefix(tag.String(), "UPDATE") && tag.RowsAffected() == 0 {
			t.Errorf("%s: %v, %v", tt.why, tag, err)
		} else if len(breaks(t, tx, b.Brand, tt.rule)) == 0 {
			t.Errorf("%s, but %s is not noticed", tt.rule, tt.why)
		}
		if tt.rule == asPosted {
			if broken, err := ledger.Violations(t.Context(), tx, b.Brand); err != nil || len(broken) != 1 || broken[0].Rule != tt.rule {
				t.Errorf("%s: of all rules %v, %v", tt.why, broken, err)
			}
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A query may end in a comment, as that of I3 does.
func TestAnInvariantNamesAtMostAHundredRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(func(tx pgx.Tx) error {
		broken, err := ledger.NewInvariant("I0", "nothing is numbered", `SELECT n::text FROM generate_series($1::int, $1 + 200) AS n -- as above`).Breaks(t.Context(), tx, b.Brand)
		if len(broken) != 100 {
			t.Errorf("%d rows", len(broken))
		}
		return err
	})
}

// I10: who she was goes, what was earned by her stays.
func TestErasingAPersonChangesNoAmount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	who := b.customer("+886912345678")
	b.apply(b.web("o1", who, 21000))
	b.seal()
	conn := b.superuser()
	book := `SELECT string_agg(t::text, E'\n' ORDER BY id) FROM ledger_transfer t`
	var before, after string
	if err := conn.QueryRow(t.Context(), book).Scan(&before); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`DELETE FROM identity`, `DELETE FROM customer_token`, `UPDATE customer SET name = NULL, language = NULL, tier = NULL, erased_at = now()`,
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	b.at("2026-03-02 12:00")
	b.apply(order.WasFulfilled{Order: "o1", ExternalID: "f1", Kind: order.Ship, At: b.clock()}) // credited anew
	if err := conn.QueryRow(t.Context(), book).Scan(&after); err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("the book was\n%s\nand is\n%s", before, after)
	}
	b.invariants(t)
}

func TestEveryInvariantOfTheBookIsAsked(t *testing.T) {
	t.Parallel()
	var asked []string
	for _, rule := range ledger.Invariants {
		asked = append(asked, rule.ID+" "+rule.Rule)
	}
	want := []string{
		"I1 " + sumsToZero, "I2 " + unchanged, "I3 " + claimedOnce, "I4 " + takenOnce, "I5 " + asClosed, "I6 " + asCredited, "I7 " + inWholeUnits,
		"I8 " + asPosted, "I8 " + notBelowZero, "I9 " + asSealed, "I10 " + withoutCustomers, "I10 " + heldByOurs,
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked are %q", asked)
	}
}

// close closes a month as package period does.
func (b *bundle) close(month string) {
	b.t.Helper()
	day, err := time.Parse(time.DateOnly, month)
	if err != nil {
		b.t.Fatal(err)
	}
	b.in(func(tx pgx.Tx) error {
		_, err := b.book.CloseMonth(b.t.Context(), tx, shop.System(b.Brand), day, b.clock())
		return err
	})
	b.in(func(tx pgx.Tx) error { return b.book.CountMonth(b.t.Context(), tx, b.Brand, day) })
}
