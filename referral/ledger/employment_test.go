package ledger_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
)

// Head office enters a new colleague some days after she has begun, and hears after her last day that her work has ended. What she
// bought in between was her own, and so was what a friend bought with her card.
func TestSinceWhenSomebodyWorksHereIsHeardOfLate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	teams, err := team.New(b.pool, b.clock, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	teams.HeardBy(b.book)
	web := attribution.StoreOf(b.Web)
	for _, day := range []string{"01", "03", "05"} {
		b.at("2026-03-" + day + " 12:00")
		her := b.web("of the "+day, shop.ID{}, 10500)
		her.Identities = []customer.Identity{{Kind: customer.Email, Value: "new@clearday.example"}}
		friends := b.web("a friend's of the "+day, shop.ID{}, 10500)
		friends.Identities = []customer.Identity{{Kind: customer.Email, Value: "friend@example.com"}}
		if day == "03" {
			her.Payment, friends.Payment = "her card", "her card"
			friends.PlacedAt = friends.PlacedAt.Add(time.Hour)
		}
		b.apply(her)
		b.apply(friends)
	}
	b.want(web, 600, 0)

	b.at("2026-03-05 18:00")
	entered, err := teams.AddStaff(t.Context(), shop.System(b.Brand), team.NewStaff{EmployeeNo: "N1", Name: "New", Email: "new@clearday.example"})
	if err != nil {
		t.Fatal(err)
	}
	b.want(web, 500, 0) // from the day on which she is entered, until more is said
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	began, err := teams.Assign(t.Context(), shop.System(b.Brand), team.Assignment{Staff: entered.ID, Store: b.S1, Role: shop.RoleStaff, From: day(2)})
	if err != nil {
		t.Fatal(err)
	}
	b.want(web, 300, 0)
	b.at("2026-03-06 10:00")
	if err := teams.EndAssignment(t.Context(), shop.System(b.Brand), began.ID, day(4)); err != nil {
		t.Fatal(err)
	}
	b.want(web, 400, 0)
	b.invariants(t)
	b.comparison(t)
}

// Whose work ended is heard of by a succession, after the fact: what was her own purchase since is none.
func TestWhatWasBoughtSinceSomebodysWorkEndedIsCredited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(func(tx pgx.Tx) error {
		return customer.MarkStaff(t.Context(), tx, shop.System(b.Brand), b.customer("+886912345678"), b.Amy, b.clock())
	})
	for _, day := range []string{"01", "05"} {
		b.at("2026-03-" + day + " 12:00")
		b.apply(b.web("of the "+day, b.customer("+886912345678"), 10500))
	}
	web := attribution.StoreOf(b.Web)
	b.want(web, 0, 0)
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE assignment SET days = daterange(lower(days), '2026-03-03') WHERE brand_id = $1 AND staff_id = $2`, b.Brand, b.Amy)
		return err
	})
	now := b.at("2026-03-06 10:00")
	b.in(func(tx pgx.Tx) error { return b.book.WorkEnded(t.Context(), tx, b.Brand, now.AddDate(0, 0, -3), now) })
	b.want(web, 100, 0)
	b.comparison(t)
}
