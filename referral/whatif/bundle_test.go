package whatif

import (
	"encoding/json"
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
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/scan"
)

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// inForce is the plan by which the bundle's brand pays: home store 3 %, home staff 2 %, web 1 %, till store 2 %.
const inForce = `{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200},
	{"role": "selling_store", "rate_bp": 200}, {"role": "online_team", "rate_bp": 100}]}`

// generous is a draft: home staff has twice as much, the till store nothing.
const generous = `{"version": 2, "first_day": "2030-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 400},
	{"role": "online_team", "rate_bp": 100}]}`

// bundle is a brand with two customers, of whom each shop's person has won one, and the replays of its orders.
type bundle struct {
	postgrestest.Fixture
	t        testing.TB
	pool     *postgres.Pool
	orders   *order.Service
	bindings *binding.Service
	book     *ledger.Ledger
	service  *Service
	buyers   [3]shop.ID // nobody known, Amy's, Ben's
	now      time.Time
	mu       sync.Mutex
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) is(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = now
}

func (b *bundle) at(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, taipei)
	if err != nil {
		b.t.Fatal(err)
	}
	b.is(at.UTC())
	return at.UTC()
}

func setup(t testing.TB) *bundle {
	t.Helper()
	return setupIn(t, postgrestest.New(t), inForce)
}

// setupIn makes the bundle's brand, which pays by the plan, in a database that others use too.
func setupIn(t testing.TB, pool *postgres.Pool, rules string) *bundle {
	t.Helper()
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool}
	b.at("2026-01-01 00:00:00")
	scans := scan.New(scan.Parts{Pool: pool, Now: b.clock})
	b.book = ledger.New(pool, scans)
	b.orders, b.bindings = order.New(pool, b.clock, b.book), binding.New(pool, b.clock, scans, b.book)
	b.service = New(pool, b.clock, b.book)
	if _, err := plan.New(pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, planOf(t, rules)); err != nil {
		t.Fatal(err)
	}
	b.buyers[1] = b.won("+886912345601", b.S1, b.Amy)
	b.buyers[2] = b.won("+886912345602", b.S2, b.Ben)
	return b
}

func planOf(t testing.TB, text string) plan.Plan {
	t.Helper()
	var p plan.Plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bundle) won(phone string, store, staff shop.ID) shop.ID {
	b.t.Helper()
	var id shop.ID
	b.in(func(tx pgx.Tx) (err error) {
		id, err = customer.Resolve(b.t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.Phone, Value: phone}}, b.clock())
		return err
	})
	home := binding.Attempt{Customer: id, Store: store, Staff: staff, Source: binding.FromImport}
	if _, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), home); err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bundle) in(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Brand(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

// scanned stores a person's scan of a tag of the store, and returns its click.
func (b *bundle) scanned(store shop.ID, at time.Time) shop.ID {
	b.t.Helper()
	id := shop.NewID(at)
	b.scannedAs(id, store)
	return id
}

func (b *bundle) scannedAs(id, store shop.ID) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, placement, kind, device, scanned_at)
VALUES ($1, $2, $3, 'AAAAAAAAAA', $3, 'shelf', 'person', '\x00', $4)`, b.Brand, id, store, id.Time())
		return postgres.RowAt(id.Time(), err)
	})
}

func (b *bundle) apply(f order.Fact) order.Result {
	b.t.Helper()
	r, err := b.orders.Apply(b.t.Context(), b.Brand, "test", f)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// web is an order of one thing in the web store at this instant; its net is 20/21 of the price.
func (b *bundle) web(name string, who shop.ID, price int64) order.WasPlaced {
	return order.WasPlaced{Order: name, PlacedAt: b.clock(), Customer: who, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: price, TaxIncluded: true}}}
}

func (b *bundle) hq() shop.Actor { return shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben} }

func day(text string) plan.Day {
	d, err := plan.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

func (b *bundle) replay(draft, from, to string) Outcome {
	b.t.Helper()
	out, err := b.service.Replay(b.t.Context(), b.hq(), planOf(b.t, draft), day(from), day(to), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// sums are those of an outcome in the brand's own currency, by the written name of who has them.
func sumsOf(out Outcome) (before, after map[string]int64) {
	before, after = map[string]int64{}, map[string]int64{}
	for _, book := range out.Books {
		for _, t := range book.Totals {
			if t.Before != 0 {
				before[written(t)] = t.Before
			}
			if t.After != 0 {
				after[written(t)] = t.After
			}
		}
	}
	return before, after
}

func written(t Total) string { return string(t.To.Kind) + ":" + t.Name.Code }

// credited is what the book of the brand says of all its orders.
func (b *bundle) credited() map[string]int64 {
	b.t.Helper()
	names := map[shop.ID]string{b.S1: "S1", b.S2: "S2", b.Web: "WEB", b.Amy: "amy", b.Ben: "ben"}
	sums := map[string]int64{}
	b.in(func(tx pgx.Tx) error {
		rows, err := tx.Query(b.t.Context(), `
SELECT beneficiary_kind, beneficiary_id, sum(share_minor - reversed_minor)::bigint FROM credit WHERE brand_id = $1 GROUP BY 1, 2`, b.Brand)
		if err != nil {
			return err
		}
		var to attribution.Beneficiary
		var minor int64
		_, err = pgx.ForEachRow(rows, []any{&to.Kind, &to.ID, &minor}, func() error {
			if minor != 0 {
				sums[string(to.Kind)+":"+names[to.ID]] = minor
			}
			return nil
		})
		return err
	})
	return sums
}
