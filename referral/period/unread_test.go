package period_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/migrations/postgrestest"
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
