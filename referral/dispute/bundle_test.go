package dispute_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/scan"
)

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// bundle is a brand with two shops. Home store 3 %, home staff 2 %, selling staff 5 %, web 1 %. Amy works at S1, Ben at S2, Mia
// runs S1, Kim runs S2.
type bundle struct {
	postgrestest.Fixture
	*dispute.Service

	t        testing.TB
	pool     *postgres.Pool
	orders   *order.Service
	bindings *binding.Service
	book     *ledger.Ledger
	amy      shop.Actor
	ben      shop.Actor
	mia      shop.Actor
	kim      shop.Actor
	hq       shop.Actor

	mu  sync.Mutex
	now time.Time
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) at(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, taipei)
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = at.UTC()
	return b.now
}

func setup(t testing.TB) *bundle {
	t.Helper()
	return setupIn(t, postgrestest.New(t))
}

func setupIn(t testing.TB, pool *postgres.Pool) *bundle {
	t.Helper()
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool}
	b.at("2026-02-01 00:00")
	scans := scan.New(scan.Parts{Pool: pool, Now: b.clock})
	b.book = ledger.New(pool, scans)
	b.orders = order.New(pool, b.clock, b.book)
	b.bindings = binding.New(pool, b.clock, scans, b.book)
	b.Service = dispute.New(pool, b.clock, b.bindings, b.book)
	as := func(role shop.Role, id, store shop.ID) shop.Actor {
		return shop.Actor{Brand: b.Brand, Role: role, ID: id, Store: store, Stores: []shop.ID{store}}
	}
	b.amy, b.ben = as(shop.RoleStaff, b.Amy, b.S1), as(shop.RoleStaff, b.Ben, b.S2)
	b.mia, b.kim = as(shop.RoleManager, shop.NewID(b.now), b.S1), as(shop.RoleManager, shop.NewID(b.now), b.S2)
	b.hq = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(b.now)}
	var p plan.Plan
	rules := `{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200},
		{"role": "selling_staff", "rate_bp": 500}, {"role": "online_team", "rate_bp": 100}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bundle) in(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Brand(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

// hers is a customer whom Amy has won.
func (b *bundle) hers() shop.ID {
	b.t.Helper()
	who := b.customer()
	if _, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		b.t.Fatal(err)
	}
	return who
}

func (b *bundle) customer() (who shop.ID) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) (err error) {
		name := customer.Identity{Kind: customer.WebShop, Value: "test:" + shop.NewID(b.clock()).String()}
		who, err = customer.Resolve(b.t.Context(), tx, b.Brand, []customer.Identity{name}, b.clock())
		return err
	})
	return who
}

// buys is an order of 420 in the web shop: net 400, of which 12 are the home store's and 8 the person's.
func (b *bundle) buys(name string, who shop.ID) shop.ID {
	b.t.Helper()
	return b.apply(order.WasPlaced{Order: name, PlacedAt: b.clock(), Customer: who, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 2, UnitPrice: 210, TaxIncluded: true}}})
}

func (b *bundle) apply(f order.Fact) shop.ID {
	b.t.Helper()
	r, err := b.orders.Apply(b.t.Context(), b.Brand, "test", f)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Order
}

// mine is Ben saying that Amy's part of an order was his.
func (b *bundle) mine(of shop.ID) dispute.Dispute {
	b.t.Helper()
	return b.raise(b.ben, dispute.Plea{Order: of, Role: plan.HomeStaff, Said: "I served her in February"})
}

func (b *bundle) raise(who shop.Actor, p dispute.Plea) dispute.Dispute {
	b.t.Helper()
	d, err := b.Raise(b.t.Context(), who, p)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// has is what somebody has pending and payable.
func (b *bundle) has(to attribution.Beneficiary) (minor int64) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		balances, err := ledger.Balances(b.t.Context(), tx, b.Brand, to, "TWD")
		minor = balances[ledger.Pending] + balances[ledger.Payable]
		return err
	})
	return minor
}

func (b *bundle) number(query string, args ...any) (n int) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		return tx.QueryRow(b.t.Context(), query, append([]any{b.Brand}, args...)...).Scan(&n)
	})
	return n
}

func (b *bundle) bookIsWhole(t interface{ Errorf(string, ...any) }) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		broken, err := ledger.Violations(b.t.Context(), tx, b.Brand)
		for _, violation := range broken {
			t.Errorf("%v", violation)
		}
		return err
	})
}

func refused(t *testing.T, why string, err error, want *shop.Refusal) {
	t.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", why, err, want)
	}
}
