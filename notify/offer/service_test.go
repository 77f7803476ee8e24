package offer

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

type bundle struct {
	*postgrestest.Fixture
	pool *postgres.Pool
	s    *Service
	now  time.Time
	hq   shop.Actor
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: postgrestest.New(t), now: noon}
	f := postgrestest.Brand(t, b.pool)
	b.Fixture = &f
	b.s = New(b.pool, func() time.Time { return b.now })
	b.hq = shop.Actor{Brand: f.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)}
	return b
}

func (b *bundle) approved(t *testing.T) Offer {
	t.Helper()
	o, err := b.s.Create(t.Context(), b.hq, lamp())
	if err != nil {
		t.Fatal(err)
	}
	if o, err = b.s.Approve(t.Context(), b.hq, o.ID); err != nil {
		t.Fatal(err)
	}
	return o
}

func (b *bundle) newCustomer(t *testing.T, name string) shop.ID {
	t.Helper()
	var id shop.ID
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		id, err = customer.Resolve(t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.WebShop, Value: "test:" + name}}, b.now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bundle) grant(t *testing.T, o Offer, customers ...shop.ID) []Grant {
	t.Helper()
	var grants []Grant
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		grants, err = GrantTo(t.Context(), tx, b.Brand, o.ID, customers, b.hq.Pseudonym(), b.now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return grants
}

func TestStaffSeeOnlyWhatTheyMaySend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o, err := b.s.Create(t.Context(), b.hq, lamp())
	if err != nil {
		t.Fatal(err)
	}
	amy := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy}
	sees := func(who shop.Actor) bool {
		all, _, err := b.s.List(t.Context(), who, shop.Page{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.s.Find(t.Context(), who, o.ID)
		if (err == nil) != (len(all) == 1) {
			t.Errorf("%s: list has %d, find says %v", who.Role, len(all), err)
		}
		return err == nil
	}
	if sees(amy) || !sees(b.hq) {
		t.Error("a draft is for head office alone")
	}
	if _, err := b.s.Approve(t.Context(), amy, o.ID); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff approve: %v", err)
	}
	first, err := b.s.Approve(t.Context(), b.hq, o.ID)
	if err != nil || !sees(amy) {
		t.Fatalf("approved: %v, staff see it: %v", err, sees(amy))
	}
	b.now = b.now.Add(time.Hour)
	if again, err := b.s.Approve(t.Context(), b.hq, o.ID); err != nil || !again.ApprovedAt.Equal(first.ApprovedAt) {
		t.Errorf("approved again: %+v, %v", again, err)
	}
	b.now = o.EndsAt
	if sees(amy) {
		t.Error("staff see an offer that is over")
	}
}

func TestDraftThatLeadsElsewhereIsNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := lamp()
	d.Link = "https://evil.example/"
	if _, err := b.s.Create(t.Context(), b.hq, d); !errors.Is(err, ErrLink) {
		t.Errorf("got %v", err)
	}
	if all, _, err := b.s.List(t.Context(), b.hq, shop.Page{Limit: 10}); err != nil || len(all) != 0 {
		t.Errorf("kept %v, %v", all, err)
	}
}

func TestGrantingAgainKeepsTheCode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.approved(t)
	lin, chen := b.newCustomer(t, "lin"), b.newCustomer(t, "chen")
	first := b.grant(t, o, lin)
	both := b.grant(t, o, lin, chen)
	codes := map[shop.ID]string{}
	for _, g := range both {
		codes[g.Customer] = g.Code
	}
	if len(codes) != 2 || codes[lin] != first[0].Code || codes[chen] == codes[lin] {
		t.Errorf("first %v, then %v", first, both)
	}
}

func TestCustomerSeesWhatSheWasPromisedUntilItIsOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.approved(t)
	lin, chen := b.newCustomer(t, "lin"), b.newCustomer(t, "chen")
	g := b.grant(t, o, lin)[0]
	mine := func(id shop.ID) []Owned {
		all, _, err := b.s.Mine(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: id}, shop.Page{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := mine(lin); len(got) != 1 || got[0].Grant.Code != g.Code || got[0].Offer.Title.In(shop.English) != "20 % off the lamp" {
		t.Errorf("she sees %+v", got)
	}
	if got := mine(chen); len(got) != 0 {
		t.Errorf("another customer sees %+v", got)
	}
	b.now = o.EndsAt
	if got := mine(lin); len(got) != 0 {
		t.Errorf("after its end she sees %+v", got)
	}
}

func TestCodeIsRedeemedOnceWithOneOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.approved(t)
	g := b.grant(t, o, b.newCustomer(t, "lin"))[0]
	till := shop.Actor{Brand: b.Brand, Role: shop.RoleIntegration, ID: shop.NewID(noon)}
	var won atomic.Int64
	var winner atomic.Value
	var all sync.WaitGroup
	for range 16 {
		order := shop.NewID(noon)
		all.Go(func() {
			got, err := b.s.Redeem(t.Context(), till, g.Code, order)
			if err == nil && got.Order == order {
				won.Add(1)
				winner.Store(order)
			} else if !errors.Is(err, ErrRedeemed) {
				t.Errorf("the others get %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d orders redeemed one code", won.Load())
	}
	b.now = o.EndsAt.Add(time.Hour)
	if again, err := b.s.Redeem(t.Context(), till, g.Code, winner.Load().(shop.ID)); err != nil || !again.RedeemedAt.Equal(noon) {
		t.Errorf("the same order again, late: %+v, %v", again, err)
	}
	var n int
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		n, err = CountRedeemed(t.Context(), tx, b.Brand, o.ID, b.hq.Pseudonym())
		return err
	})
	if err != nil || n != 1 {
		t.Errorf("counted %d, %v", n, err)
	}
}

func TestCodeThatDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.approved(t)
	g := b.grant(t, o, b.newCustomer(t, "lin"))[0]
	other := postgrestest.Brand(t, b.pool)
	for _, tc := range []struct {
		why   string
		brand shop.BrandID
		code  string
		at    time.Time
		want  error
	}{
		{"unknown", b.Brand, "BCDFBCDFBCDF", noon, ErrCodeUnknown},
		{"empty", b.Brand, "", noon, ErrCodeUnknown},
		{"another brand's", other.Brand, g.Code, noon, ErrCodeUnknown},
		{"before the offer", b.Brand, g.Code, o.StartsAt.Add(-time.Second), ErrNotBegun},
		{"after the offer", b.Brand, g.Code, o.EndsAt, ErrOver},
	} {
		b.now = tc.at
		_, err := b.s.Redeem(t.Context(), shop.System(tc.brand), tc.code, shop.NewID(noon))
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.why, fmt.Sprint(err))
		}
	}
}

func TestAGiftIsPromisedOnceToWhoHasAVerifiedNumber(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gift := b.approved(t)
	draft, err := b.s.Create(t.Context(), b.hq, lamp())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		why   string
		gift  shop.ID
		phone customer.Identity
		want  int
	}{
		{"verified", gift.ID, customer.Identity{Kind: customer.Phone, Value: "+886912345601", Verified: true}, 1},
		{"merely said", gift.ID, customer.Identity{Kind: customer.Phone, Value: "+886912345602"}, 0},
		{"an address is no number", gift.ID, customer.Identity{Kind: customer.Email, Value: "lin@example.test", Verified: true}, 0},
		{"nobody has approved it", draft.ID, customer.Identity{Kind: customer.Phone, Value: "+886912345603", Verified: true}, 0},
		{"there is no such offer", shop.NewID(noon), customer.Identity{Kind: customer.Phone, Value: "+886912345604", Verified: true}, 0},
	} {
		who := b.newCustomer(t, tc.why)
		for range 2 {
			err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
				if err := customer.Attach(t.Context(), tx, b.Brand, who, []customer.Identity{tc.phone}, b.now); err != nil {
					return err
				}
				return Welcome(t.Context(), tx, b.Brand, tc.gift, who, "tag:x", b.now)
			})
			if err != nil {
				t.Fatalf("%s: %v", tc.why, err)
			}
		}
		mine, _, err := b.s.Mine(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}, shop.Page{Limit: 10})
		if err != nil || len(mine) != tc.want {
			t.Errorf("%s: %d gifts, %v", tc.why, len(mine), err)
		}
	}
}
