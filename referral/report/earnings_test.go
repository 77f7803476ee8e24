package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/scan"
)

// earning is a brand whose plan gives the home store 3 %, its person 2 %, and a customer whom Amy won.
type earning struct {
	postgrestest.Fixture
	*report.Service
	t      *testing.T
	pool   *postgres.Pool
	orders *order.Service
	mei    shop.ID
	amy    shop.Actor
	now    time.Time
}

func (e *earning) clock() time.Time { return e.now }

func setupEarning(t *testing.T) *earning {
	t.Helper()
	pool := postgrestest.New(t)
	e := &earning{Fixture: postgrestest.Brand(t, pool), Service: report.New(pool), t: t, pool: pool, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	e.amy = shop.Actor{Brand: e.Brand, Role: shop.RoleStaff, ID: e.Amy, Stores: []shop.ID{e.S1}}
	scans := scan.New(scan.Parts{Pool: pool, Now: e.clock})
	book := ledger.New(pool, scans)
	e.orders = order.New(pool, e.clock, book)
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(pool, e.clock).Add(t.Context(), shop.System(e.Brand), time.UTC, p); err != nil {
		t.Fatal(err)
	}
	err := pool.Brand(t.Context(), e.Brand, func(tx pgx.Tx) (err error) {
		e.mei, err = customer.Resolve(t.Context(), tx, e.Brand, []customer.Identity{{Kind: customer.POS, Value: "pos:mei"}}, e.now)
		return err
	})
	if err == nil {
		_, err = binding.New(pool, e.clock, scans, book).Claim(t.Context(), shop.System(e.Brand), binding.Attempt{Customer: e.mei, Store: e.S1, Staff: e.Amy, Source: binding.FromTill})
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// buys is a web order of NT$ 10,500 with tax: 200 to Amy.
func (e *earning) buys(name string, at time.Time) shop.ID {
	e.t.Helper()
	e.now = at
	result, err := e.orders.Apply(e.t.Context(), e.Brand, "test", order.WasPlaced{
		Order: name, PlacedAt: at, Customer: e.mei, Channel: order.Online, Store: e.Web, Currency: "TWD", TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA", Kind: order.Merchandise, Quantity: 1, UnitPrice: 10500, TaxIncluded: true}},
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return result.Order
}

// names pages through the month and returns the orders as they come.
func (e *earning) names(month string, limit int) (names []string) {
	e.t.Helper()
	day, err := plan.ParseDay(month + "-01")
	if err != nil {
		e.t.Fatal(err)
	}
	for page := (shop.Page{Limit: limit}); ; {
		earned, next, err := e.Earned(e.t.Context(), e.amy, day, page)
		if err != nil {
			e.t.Fatal(err)
		}
		for _, x := range earned {
			if x.Minor != 200 || x.Reversed != 0 || x.Role != plan.HomeStaff || x.State != ledger.Pending || len(x.Parts) != 1 {
				e.t.Errorf("%+v", x)
			}
			names = append(names, x.Sale.ExternalID)
		}
		if next == "" {
			return names
		}
		if page, err = shop.NewPage(next, limit); err != nil {
			e.t.Fatal(err)
		}
	}
}

func TestAMonthOfCreditsIsTheBrandsMonthPageByPage(t *testing.T) {
	t.Parallel()
	e := setupEarning(t)
	edge := time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC) // midnight in Taipei: 1 April
	for n := range 4 {
		e.buys(fmt.Sprintf("march-%d", n), edge.Add(time.Duration(n-4)*time.Hour))
	}
	e.buys("april", edge)
	want := []string{"march-3", "march-2", "march-1", "march-0"}
	for _, limit := range []int{1, 3, 4, 50} {
		if got := e.names("2026-03", limit); !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v", limit, got)
		}
	}
	if got := e.names("2026-04", 50); !slices.Equal(got, []string{"april"}) {
		t.Error(got)
	}
	balances, err := e.Balances(t.Context(), e.amy)
	if err != nil || len(balances) != 1 || balances[0] != (report.Balance{Currency: "TWD", Pending: 1000}) {
		t.Errorf("%+v, %v", balances, err)
	}
}

func TestAnOrdersCreditIsForThoseWhoHaveAClaimOnIt(t *testing.T) {
	t.Parallel()
	e := setupEarning(t)
	id := e.buys("web-1", e.now)
	other := postgrestest.Brand(t, e.pool)
	for _, tt := range []struct {
		why   string
		actor shop.Actor
		want  error
	}{
		{"she earns from it", shop.Actor{Brand: e.Brand, Role: shop.RoleStaff, ID: e.Amy}, nil},
		{"her store earns from it", shop.Actor{Brand: e.Brand, Role: shop.RoleManager, ID: e.Ben, Stores: []shop.ID{e.S1}}, nil},
		{"finance", shop.Actor{Brand: e.Brand, Role: shop.RoleFinance}, nil},
		{"neither he nor his store", shop.Actor{Brand: e.Brand, Role: shop.RoleStaff, ID: e.Ben, Stores: []shop.ID{e.S2}}, shop.ErrNotFound},
		{"the customer", shop.Actor{Brand: e.Brand, Role: shop.RoleCustomer, ID: e.mei}, shop.ErrNotFound},
		{"another brand's head office", shop.Actor{Brand: other.Brand, Role: shop.RoleHQ}, shop.ErrNotFound},
	} {
		oc, err := e.OrderCredit(t.Context(), tt.actor, id)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.why, err)
		}
		if err == nil && (len(oc.Credits) != 2 || oc.Names[e.Amy].Code != "amy" || oc.Names[e.S1].Code != "S1") {
			t.Errorf("%s: %+v", tt.why, oc)
		}
	}
}
