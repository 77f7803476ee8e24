package visit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

type bundle struct {
	*testing.T
	postgrestest.Fixture
	*Service
	pool  *postgres.Pool
	clock *time.Time
	lin   shop.ID // member of S2
}

func setup(t *testing.T) bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := bundle{T: t, Fixture: postgrestest.Brand(t, pool), pool: pool, clock: new(time.Time)}
	*b.clock = noon
	var err error
	if b.Service, err = New(pool, func() time.Time { return *b.clock }, []byte(strings.Repeat("k", 32))); err != nil {
		t.Fatal(err)
	}
	b.lin = b.member("林小美", "+886912345678", b.S2)
	return b
}

func (b bundle) do(act func(tx pgx.Tx) error) {
	b.Helper()
	if err := b.pool.Brand(b.Context(), b.Brand, act); err != nil {
		b.Fatal(err)
	}
}

func (b bundle) member(name, phone string, home shop.ID) (id shop.ID) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		identities := []customer.Identity{{Kind: customer.Phone, Value: phone, Verified: true}, {Kind: customer.Email, Value: "lin" + phone[1:] + "@example.com"}}
		if id, err = customer.Resolve(b.Context(), tx, b.Brand, identities, noon); err != nil {
			return err
		}
		if _, err = customer.Join(b.Context(), tx, shop.System(b.Brand), id, customer.Joining{Details: customer.Details{Name: name}}, noon); err != nil {
			return err
		}
		return customer.NoteHome(b.Context(), tx, b.Brand, id, home, shop.ID{}, noon)
	})
	return id
}

func (b bundle) amy() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Store: b.S1, Stores: []shop.ID{b.S1}}
}

func (b bundle) ben() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Ben, Store: b.S2, Stores: []shop.ID{b.S2}}
}

func (b bundle) her() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: b.lin}
}

// policy makes the brand's policy say who sees whom.
func (b bundle) policy(visibleTo string, at time.Time) {
	b.Helper()
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `INSERT INTO policy (brand_id, id, begins_at, rules) VALUES ($1, $2, $3, jsonb_build_object('visible_to', $4::text))`,
			b.Brand, shop.FloorID(at), at, visibleTo)
		return err
	})
}

func (b bundle) sees(why string, actor shop.Actor, want Sight) Card {
	b.Helper()
	c, err := b.Card(b.Context(), actor, b.lin)
	if err != nil || c.Sight != want {
		b.Errorf("%s: %s, %v; want %s", why, c.Sight, err, want)
	}
	return c
}

func (b bundle) looks() (records []audit.Record) {
	b.Helper()
	b.do(func(tx pgx.Tx) error {
		all, _, err := audit.OfCustomer(b.Context(), tx, b.Brand, b.lin, shop.Page{Limit: 100})
		for _, r := range all {
			if r.Act == "customer_looked_at" {
				records = append(records, r)
			}
		}
		return err
	})
	return records
}

func TestOtherStoresCustomersAreMembersAndNoMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := b.sees("her home store", b.ben(), Full)
	if mine.Name != "林小美" || mine.Phone != "0912•••678" || mine.Email != "l•••@example.com" || mine.MemberNo == "" || mine.Profile.HomeStore != b.S2 {
		t.Errorf("%+v", mine)
	}
	if theirs := b.sees("another store", b.amy(), MemberOnly); theirs != (Card{Customer: b.lin, Sight: MemberOnly, Member: true}) {
		t.Errorf("%+v", theirs)
	}
	b.policy("region", noon)
	b.sees("a region of which neither store is", b.amy(), MemberOnly)
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE store SET region = 'north' WHERE brand_id = $1 AND code IN ('S1', 'S2')`, b.Brand)
		return err
	})
	b.sees("a neighbour, by policy", b.amy(), Full)
	*b.clock = noon.Add(time.Minute)
	b.policy("brand", *b.clock)
	b.sees("everybody, by policy", b.amy(), Full)
}

func TestEveryLookIsAudited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _ = b.Card(t.Context(), b.ben(), b.lin)
	_, _ = b.Card(t.Context(), b.amy(), b.lin)
	for _, role := range []shop.Role{shop.RoleFinance, shop.RoleIntegration, shop.RoleCustomer} {
		if _, err := b.Card(t.Context(), shop.Actor{Brand: b.Brand, Role: role, ID: b.Amy}, b.lin); !errors.Is(err, shop.ErrForbidden) {
			t.Errorf("%s: %v", role, err)
		}
	}
	looks := b.looks()
	if len(looks) != 5 {
		t.Fatalf("%d looks in the audit, want 5, the refused ones too: %v", len(looks), looks)
	}
	for _, l := range looks {
		if strings.Contains(string(l.Detail), "0912") || strings.Contains(string(l.Detail), "林") {
			t.Errorf("the audit names her: %s", l.Detail)
		}
	}
	if _, err := b.Card(t.Context(), b.amy(), shop.NewID(noon)); !errors.Is(err, customer.ErrUnknown) {
		t.Errorf("nobody: %v", err)
	}
}

// A4: rotating, single use, at most five minutes, one customer to one person and store.
func TestPurchaseAtTheTillIsAVisit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := order.Order{ID: shop.NewID(noon), Brand: b.Brand, Customer: b.lin, Store: b.S1, Channel: order.Till, State: order.Placed, PlacedAt: noon.Add(-time.Hour)}
	hear := func(o order.Order) {
		b.do(func(tx pgx.Tx) error { return b.OrderChanged(t.Context(), tx, o, *b.clock) })
	}
	for why, change := range map[string]func(*order.Order){
		"on the web":            func(o *order.Order) { o.Channel = order.Online },
		"without a customer":    func(o *order.Order) { o.Customer = shop.ID{} },
		"cancelled":             func(o *order.Order) { o.State = order.Cancelled },
		"told two hours later":  func(o *order.Order) { o.PlacedAt = noon.Add(-Lasts) },
		"placed in the future":  func(o *order.Order) { o.PlacedAt = noon.Add(time.Hour) },
		"in another store":      func(o *order.Order) { o.Store = b.S2 },
		"imported, of long ago": func(o *order.Order) { o.PlacedAt = noon.AddDate(-10, 0, 0) },
	} {
		other := o
		change(&other)
		hear(other)
		b.sees(why, b.amy(), MemberOnly)
	}
	hear(o)
	b.sees("bought here an hour ago", b.amy(), Full)
	hear(o) // a refund, a fulfilment: the same order again
	var visits int
	b.do(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM visit WHERE brand_id = $1 AND store_id = $2`, b.Brand, b.S1).Scan(&visits)
	})
	if visits != 1 {
		t.Errorf("%d visits by one purchase", visits)
	}
	*b.clock = noon.Add(time.Hour)
	b.sees("two hours after she bought, not after it was told", b.amy(), MemberOnly)
}

func TestPurchaseAtATillWhoseClockIsFastIsAVisit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := order.Order{ID: shop.NewID(noon), Brand: b.Brand, Customer: b.lin, Store: b.S1, Channel: order.Till, State: order.Placed, PlacedAt: noon.Add(tillsAreAhead)}
	b.do(func(tx pgx.Tx) error { return b.OrderChanged(t.Context(), tx, o, *b.clock) })
	b.sees("who bought ten minutes from now", b.amy(), Full)
}

func TestEnrolledAtTheTillIsAVisit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(func(tx pgx.Tx) error {
		v, err := AtTill(t.Context(), tx, b.amy(), b.lin, b.S1, noon)
		if v.Staff != b.Amy || v.Proof != ByTill {
			t.Errorf("%+v", v)
		}
		return err
	})
	b.sees("whom she served", b.amy(), Full)
}

func TestFragmentsFindOnlyWhomOneMaySee(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.member("林大同", "+886912111678", b.S1)
	find := func(actor shop.Actor, text string) string {
		t.Helper()
		cards, err := b.Search(t.Context(), actor, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var out []string
		for _, c := range cards {
			out = append(out, string(c.Sight)+":"+c.Name)
		}
		return strings.Join(out, " ")
	}
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)}
	for _, tc := range []struct {
		why   string
		actor shop.Actor
		text  string
		want  string
	}{
		{"a surname: one's own customer", b.amy(), "林", "full:林大同"},
		{"last digits: one's own customer", b.amy(), "678", "full:林大同"},
		{"last digits of another store's", b.amy(), "5678", ""},
		{"her whole number: that she is a member", b.amy(), "0912-345-678", "member_only:"},
		{"her whole address", b.amy(), "LIN886912345678@example.com", "member_only:"},
		{"her whole number, by her own store", b.ben(), "0912345678", "full:林小美"},
		{"head office", hq, "小美", "full:林小美"},
		{"staff without a store", shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy}, "林", ""},
	} {
		if got := find(tc.actor, tc.text); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.why, got, tc.want)
		}
	}
	if n := len(b.looks()); n != 4 {
		t.Errorf("%d looks at her in the audit, want 4", n)
	}
	if _, err := b.Search(t.Context(), b.amy(), "78"); !errors.Is(err, customer.ErrFragment) {
		t.Errorf("two digits: %v", err)
	}
	if _, err := b.Search(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleFinance}, "林"); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("finance: %v", err)
	}
}
