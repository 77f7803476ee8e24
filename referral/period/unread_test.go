package period_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/period"
)

// unreadable lets nobody read a table of this test's database any more.
func unreadable(t *testing.T, table string) {
	t.Helper()
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `REVOKE SELECT ON `+table+` FROM homestore_app`); err != nil {
		t.Fatal(err)
	}
}

func TestPreviewOfAClosedMonthThatCouldNotBeReadIsNone(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 140000))
	b.at("2026-04-02 09:00")
	b.closes(march)
	unreadable(t, "statement")
	if p, err := b.periods.Preview(t.Context(), b.finance(), march); err == nil {
		t.Errorf("it says %+v", p)
	}
}

// Only who is not there is refused: what could not be read, after a deadlock for one, is tried again.
func TestAdjustmentOfWhomCouldNotBeReadIsNotRefused(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	adjust := func(to shop.ID) error {
		_, err := b.periods.Adjust(t.Context(), b.finance(), period.Adjustment{To: attribution.StaffOf(to), Minor: 100, Reason: "a mistake"})
		return err
	}
	if err := adjust(shop.ID{15: 1}); !errors.Is(err, period.ErrAdjustWhom) {
		t.Errorf("nobody of the brand: %v", err)
	}
	unreadable(t, "staff")
	if err := adjust(b.Amy); err == nil || errors.Is(err, period.ErrAdjustWhom) {
		t.Errorf("who could not be read: %v", err)
	}
}
