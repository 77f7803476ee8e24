package team

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations"
	"homestore/migrations/postgrestest"
)

// office is somebody of head office whose account the actor made.
func (b *bundle) office(t *testing.T, by shop.Actor, no string) shop.Actor {
	t.Helper()
	p, err := b.AddStaff(t.Context(), by, NewStaff{EmployeeNo: no, Name: no, Email: no + "@example.test", BrandRole: shop.RoleHQ, Password: goodWords})
	must(t, err)
	return shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: p.ID}
}

// second asks whether b may decide what a asked for, and holds that it is the same the other way round.
func (b *bundle) second(t *testing.T, asked, decides shop.Actor) error {
	t.Helper()
	var there, back error
	must(t, b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		there, back = SecondPerson(t.Context(), tx, decides, asked.ID), SecondPerson(t.Context(), tx, asked, decides.ID)
		return nil
	}))
	if !errors.Is(there, back) && !errors.Is(back, there) {
		t.Errorf("there %v, back %v", there, back)
	}
	return there
}

func TestWhoMadeAnAccountIsNoSecondPersonBesideIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ada, eve := b.office(t, b.system, "ada"), b.office(t, b.system, "eve")
	bea := b.office(t, ada, "bea")
	cleo, dora := b.office(t, bea, "cleo"), b.office(t, ada, "dora")
	fay := b.office(t, eve, "fay")
	for _, tt := range []struct {
		why  string
		a, b shop.Actor
		want error
	}{
		{"herself", ada, ada, shop.ErrOwnApproval},
		{"two by the operator's hand", ada, eve, nil},
		{"whom she made", ada, bea, ErrOnePerson},
		{"whom somebody made whom she made", ada, cleo, ErrOnePerson},
		{"two whom one made", bea, dora, ErrOnePerson},
		{"two of whom one made one, and one the other's maker", cleo, dora, ErrOnePerson},
		{"whom somebody else made", ada, fay, nil},
		{"whom two others made", bea, fay, nil},
		{"Homestore asked", b.system, bea, nil},
	} {
		if err := b.second(t, tt.a, tt.b); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.why, err, tt.want)
		}
	}
}

func TestWhoGivesOrTakesAWayInIsNoSecondPersonUntilTheOperatorGivesAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ada, eve, fay := b.office(t, b.system, "ada"), b.office(t, b.system, "eve"), b.office(t, b.system, "fay")
	bea := b.office(t, ada, "bea")
	must(t, b.SetPassword(t.Context(), bea, eve.ID, "another of her passwords"))
	want(t, b.second(t, bea, eve), ErrOnePerson)
	want(t, b.second(t, ada, eve), ErrOnePerson) // Ada may have been Bea then
	want(t, b.second(t, fay, eve), nil)
	must(t, b.DropTOTP(t.Context(), eve, fay.ID))
	want(t, b.second(t, eve, fay), ErrOnePerson)
	want(t, b.second(t, ada, fay), ErrOnePerson)
	must(t, b.ChangePassword(t.Context(), eve, "another of her passwords", "a third of her passwords"))
	want(t, b.second(t, ada, eve), ErrOnePerson) // whoever knew the second may have chosen the third

	must(t, b.DropTOTP(t.Context(), b.system, eve.ID))
	want(t, b.second(t, ada, eve), ErrOnePerson) // they still know the password
	must(t, b.SetPassword(t.Context(), b.system, eve.ID, "one from the operator"))
	want(t, b.second(t, ada, eve), nil)
	want(t, b.second(t, bea, eve), nil)
	must(t, b.SetPassword(t.Context(), eve, eve.ID, "one that she chose herself"))
	want(t, b.second(t, ada, eve), nil)
}

// Accounts that were made before hands were noted have them from the audit: 0065 is played anew over one that has lost them.
func TestHandsAreNotedOfAccountsThatWereThereBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ada, eve := b.office(t, b.system, "ada"), b.office(t, b.system, "eve")
	bea := b.office(t, ada, "bea")
	cleo := b.office(t, bea, "cleo")
	text, err := migrations.Files.ReadFile("0065_hands_on_accounts.sql")
	must(t, err)
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	must(t, err)
	defer conn.Close(t.Context())
	_, err = conn.PgConn().Exec(t.Context(), "DROP TABLE account_hand;"+string(text)).ReadAll()
	must(t, err)
	want(t, b.second(t, ada, cleo), ErrOnePerson)
	want(t, b.second(t, bea, ada), ErrOnePerson)
	want(t, b.second(t, ada, eve), nil)
	want(t, b.second(t, cleo, eve), nil)
}
