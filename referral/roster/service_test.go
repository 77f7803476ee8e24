package roster

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

var noon = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)

type bundle struct {
	testing.TB
	postgrestest.Fixture
	pool *postgres.Pool
	s    *Service
	hq   shop.Actor
}

func setup(t testing.TB) bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := bundle{TB: t, Fixture: postgrestest.Brand(t, pool), pool: pool}
	now := func() time.Time { return noon }
	b.s = New(pool, now, binding.New(pool, now, scan.New(scan.Parts{Pool: pool})))
	b.hq = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.ID{15: 9}}
	return b
}

func (b bundle) do(act func(tx pgx.Tx) error) {
	b.Helper()
	if err := b.pool.Brand(b.Context(), b.Brand, act); err != nil {
		b.Fatal(err)
	}
}

// known is a customer with a telephone number.
func (b bundle) known(identities ...customer.Identity) (who shop.ID) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(b.Context(), tx, b.Brand, identities, noon)
		return err
	})
	return who
}

func phone(n int) customer.Identity {
	return customer.Identity{Kind: customer.Phone, Value: fmt.Sprintf("+886912345%03d", n)}
}

func (b bundle) read(file string, how Reading) ([]string, Sum) {
	b.Helper()
	var said []string
	sum, err := b.s.Import(b.Context(), b.hq, strings.NewReader(file), how, func(v Verdict) error {
		said = append(said, strings.TrimSpace(fmt.Sprint(v.Row, " ", v.Outcome, " ", v.Code)))
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return said, sum
}

func (b bundle) history(who shop.ID) (all []binding.Binding, claims []binding.Claim) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		if all, err = binding.History(b.Context(), tx, b.Brand, who); err == nil {
			claims, err = binding.Claims(b.Context(), tx, b.Brand, who)
		}
		return err
	})
	return all, claims
}

func (b bundle) rows(table string) (n int) {
	b.Helper()
	b.do(func(tx pgx.Tx) error {
		return tx.QueryRow(b.Context(), `SELECT count(*) FROM `+table+` WHERE brand_id = $1`, b.Brand).Scan(&n)
	})
	return n
}

func TestAListIsRehearsedReadAndReadAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var who []shop.ID
	for n := range 5 {
		who = append(who, b.known(phone(n)))
	}
	b.known(customer.Identity{Kind: customer.Email, Value: "lin@example.com", Verified: true})
	file := header5 + strings.Join([]string{
		"0912345000,,S1,A,2021-05-01",      // 2 new
		"0912345001,,S1,,",                 // 3 the store alone
		"0912345002,,S1,B,",                // 4 B does not work there
		"0912345999,,S1,,",                 // 5 nobody
		"0912345003,,S9,,",                 // 6 no such store
		"0912345003,,S1,Z9,",               // 7 no such person
		"0912345000,,S2,B,",                // 8 won by row 2
		"0912345000,,S1,A,",                // 9 said before
		",,S1,,",                           // 10 nobody is named
		"0912345004,lin@example.com,S1,,",  // 11 two people
		"09123,,S1,,",                      // 12 no number
		",LIN@example.com,S2,B,2026-03-02", // 13 tomorrow
		"0912345003,,,A,",                  // 14 no store
		",LIN@example.com,S2,B,2026-03-01", // 15 new
	}, "\n") + "\n"
	file = strings.NewReplacer(",A,", ","+b.number(b.Amy)+",", ",B,", ","+b.number(b.Ben)+",").Replace(file)
	want := []string{
		"2 new", "3 new", "4 refused not_assigned", "5 wrong customer_unknown", "6 wrong store_unknown", "7 wrong staff_unknown", "8 refused already_bound",
		"9 known", "10 wrong customer_required", "11 wrong customer_ambiguous", "12 wrong phone_invalid", "13 wrong day_to_come", "14 wrong store_required", "15 new",
	}
	before := b.rows("audit")
	said, sum := b.read(file, Reading{Rehearsal: true})
	if d := cmp.Diff(want, said); d != "" {
		t.Errorf("rehearsed: %s", d)
	}
	if b.rows("binding")+b.rows("claim") != 0 || b.rows("audit") != before {
		t.Error("a rehearsal left a trace")
	}
	said, again := b.read(file, Reading{})
	if d := cmp.Diff(want, said); d != "" || again != sum {
		t.Errorf("read: %s %+v, rehearsed as %+v", d, again, sum)
	}
	if sum != (Sum{Rows: 14, New: 3, Known: 1, Refused: 2, Wrong: 8}) {
		t.Errorf("%+v", sum)
	}
	bindings, claims := b.history(who[0])
	if h := bindings[0]; len(bindings) != 1 || h.Store != b.S1 || h.Staff != b.Amy || !h.From.Equal(noon) || h.Evidence.Since != "2021-05-01" || len(claims) != 2 {
		t.Errorf("%+v %+v: it begins when it is recorded, the rest is evidence", bindings, claims)
	}
	kept, noted := b.rows("claim"), b.rows("audit")
	_, third := b.read(file, Reading{})
	if third.New != 0 || third.Refused != 0 || third.Known != 6 || b.rows("claim") != kept || b.rows("audit") != noted || b.rows("binding") != 3 {
		t.Errorf("a second reading: %+v, %d claims, want %d", third, b.rows("claim"), kept)
	}
}

const header5 = "phone,email,store,employee_no,since\n"

func (b bundle) number(staff shop.ID) (no string) {
	b.Helper()
	b.do(func(tx pgx.Tx) error {
		return tx.QueryRow(b.Context(), `SELECT employee_no FROM staff WHERE brand_id = $1 AND id = $2`, b.Brand, staff).Scan(&no)
	})
	return no
}

// A rehearsal says the same over the edge of a batch, of which nothing is left in the database.
func TestARehearsalRemembersWhatBatchesBeforeWon(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var file strings.Builder
	file.WriteString("phone,store\n")
	for n := range 130 {
		b.known(phone(n))
		fmt.Fprintf(&file, "0912345%03d,S1\n", n)
	}
	file.WriteString("0912345000,S2\n0912345001,S1\n")
	rehearsed, sum := b.read(file.String(), Reading{Rehearsal: true})
	read, really := b.read(file.String(), Reading{})
	if d := cmp.Diff(read, rehearsed); d != "" || sum != really || really != (Sum{Rows: 132, New: 130, Known: 1, Refused: 1}) {
		t.Errorf("%s %+v %+v", d, sum, really)
	}
}

func TestOnlyHeadOfficeBringsAList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, role := range []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleFinance, shop.RoleCustomer, shop.RoleIntegration} {
		_, err := b.s.Import(t.Context(), shop.Actor{Brand: b.Brand, Role: role, ID: b.Amy, Stores: []shop.ID{b.S1}}, strings.NewReader(header), Reading{}, nil)
		if !errors.Is(err, shop.ErrForbidden) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestAListIsAsLongAsItMayBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.known(phone(1))
	file := "phone,store\n0912345001,S1\n0912345002,S1\n"
	tell := func(Verdict) error { return nil }
	if _, err := b.s.Import(t.Context(), b.hq, strings.NewReader(file), Reading{MostRows: 1}, tell); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
	if n := b.rows("binding"); n != 0 {
		t.Errorf("%d rows of a batch that is too long were recorded", n)
	}
	if sum, err := b.s.Import(t.Context(), b.hq, strings.NewReader(file), Reading{MostRows: 2}, tell); err != nil || sum.Rows != 2 {
		t.Errorf("%+v %v", sum, err)
	}
}
