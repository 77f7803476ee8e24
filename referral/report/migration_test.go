package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations"
	"homestore/migrations/postgrestest"
	"homestore/referral/report"
)

// Orders that were there before the reports are in them: the migration makes room for their years and notes each.
func TestOrdersOfBeforeAreInTheReports(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	s.now = at("2012-05-01T04:00:00Z")
	s.buys(shop.ID{}, 1, "TWD")
	s.now = at("2026-03-30T04:00:00Z")
	s.buys(s.joins(), 2, "TWD")
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	undo := `DROP TABLE order_origin, funnel_hour, counted_hour, origin_due, adoption_week, split_month, achieved_month; DROP INDEX customer_by_joining;`
	for _, statements := range []string{undo, statementsOf(t, "0017_who_an_order_belongs_to.sql"), statementsOf(t, "0037_adoption_is_three_figures.sql"), statementsOf(t, "0055_revenue_before_and_after.sql"), statementsOf(t, "0063_achieved_by_role.sql")} {
		if _, err := conn.PgConn().Exec(t.Context(), statements).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	s.rolled()
	long, recent := s.funnel(report.ByTag, report.Whole, "2012-01-01", "2012-12-31").Total, s.funnel(report.ByTag, report.Whole, "2026-01-01", "2026-12-31").Total
	if long.Orders != 1 || long.Net != 999 || recent.Orders != 1 || recent.Net != 1998 {
		t.Errorf("%+v, %+v", long, recent)
	}
	if old, young := s.split("2012-05").Net, s.split("2026-03").Net; old != 999 || young != 1998 {
		t.Errorf("revenue of %d in 2012 and %d in 2026", old, young)
	}
}

// Orders that are in the reports already are worked out once more for the figures of their months.
func TestReportedOrdersAreInTheFiguresOfTheirMonths(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	s.buys(s.joins(), 2, "TWD")
	s.rolled()
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	undo := `ALTER TABLE order_origin DROP COLUMN month_part; DROP TABLE split_month, achieved_month;`
	for _, statements := range []string{undo, statementsOf(t, "0055_revenue_before_and_after.sql"), statementsOf(t, "0063_achieved_by_role.sql")} {
		if _, err := conn.PgConn().Exec(t.Context(), statements).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	s.rolled()
	if net := s.split("2026-03").Net; net != 1998 {
		t.Errorf("revenue of %d", net)
	}
}

func statementsOf(t *testing.T, file string) string {
	t.Helper()
	text, err := migrations.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^-- \+goose.*$`).ReplaceAllString(strings.TrimSpace(string(text)), "")
}
