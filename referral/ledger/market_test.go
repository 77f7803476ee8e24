package ledger_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// market is a brand in which all happens that the rules know: stores of every kind, people who move and leave, a store that closes,
// several plans, customers won, given away and choosing for themselves, scans, and staff who buy.
type market struct {
	*bundle
	*rand.Rand
	stores    []shop.ID // the last is the web store
	people    []shop.ID
	customers []shop.ID
	scans     []shop.ID
	placed    int
	papers    int
}

func newMarket(t testing.TB, pool *postgres.Pool, seed uint64) *market {
	t.Helper()
	m := &market{bundle: setupIn(t, pool), Rand: rand.New(rand.NewPCG(seed, 5))}
	m.stores, m.people = []shop.ID{m.S1, m.S2}, []shop.ID{m.Amy, m.Ben}
	for i, kind := range []string{"counter", "counter", "popup", "reseller"} {
		m.open(fmt.Sprintf("%c%d", "cCpR"[i], i), kind, m.IntN(2)*(3000+i))
	}
	m.stores = append(m.stores, m.Web)
	for i, number := range []string{"Zoe", "e10", "e9", "éva"} {
		m.hire(number, m.stores[i])
	}
	m.plan()
	m.bundle.orders.Exchanging(plan.New(pool, m.clock))
	m.win()
	m.scan()
	m.pass()
	m.is(time.Date(2026, 9, 1, 4, 0, 0, 0, time.UTC)) // after all that happens to orders
	return m
}

func (m *market) do(statement string, args ...any) {
	m.t.Helper()
	m.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(m.t.Context(), statement, append([]any{m.Brand}, args...)...)
		return postgres.RowAt(m.clock(), err)
	})
}

func (m *market) open(code, kind string, houseBP int) {
	id := shop.NewID(m.clock())
	if kind != "counter" {
		houseBP = 0
	}
	m.do(`INSERT INTO store (brand_id, id, code, name, kind, house_bp, opened_on, created_at) VALUES ($1, $2, $3, '{"en": "x"}', $4, $5, '2020-01-01', now())`, id, code, kind, houseBP)
	m.stores = append(m.stores, id)
}

func (m *market) hire(number string, store shop.ID) {
	id := shop.NewID(m.clock())
	m.do(`INSERT INTO staff (brand_id, id, employee_no, name, email, created_at) VALUES ($1, $2, $3, $3, $4, '2020-01-01')`, id, number, number+"@clearday.example")
	m.do(`INSERT INTO assignment (brand_id, id, staff_id, store_id, role, days) VALUES ($1, $2, $3, $4, 'staff', daterange('2025-01-01', NULL))`, shop.NewID(m.clock()), id, store)
	m.people = append(m.people, id)
}

func oneOf[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// oftenNot is the zero value three times in four.
func oftenNot[T any](r *rand.Rand, value T) T {
	var none T
	return oneOf(r, none, none, none, value)
}

var (
	drawnSKUs       = []string{"SOFA", "LAMP", "RUG", "CUP", "VASE"}
	drawnCategories = []string{"sofa", "light", "small", ""}
	drawnTags       = []string{"AAAAAAAAAA", "BBBBBBBBBB", "CCCCCCCCCC"}
)

// plan draws three plans, which begin one after the other.
func (m *market) plan() {
	m.at("2026-01-01 00:00")
	for i, first := range []string{"2026-02-01", "2026-03-01", "2026-04-10"} {
		var rules []string
		for _, role := range plan.Roles {
			for range 1 + m.IntN(3) {
				rules = append(rules, m.rule(role))
			}
		}
		text := fmt.Sprintf(`{"version": %d, "first_day": %q, "rules": [%s], "hold_days": %d, "clawback_days": %s,
			"display": {"window_days": %d, "choice": %q, "weights": {"shelf": %d, "window": %d}}, "exclude": {"skus": [%s], "categories": [%s], "employee_discount": %t}, "counter_base": %q, "price_adjustment": %q, "leaver": %q, "exchange": %q,
			"conflict": {"home_display": %q, "weights": [%d, %d], "same_store": %q, "assist_home": %q, "selling_home": %q}%s}`,
			i+2, first, strings.Join(rules, ","), 7+m.IntN(20), oneOf(m.Rand, "null", "5", "30", "60"), oneOf(m.Rand, 3, 30, 60), oneOf(m.Rand, "last", "first", "even", "weight", "weight"),
			1+m.IntN(9), 1+m.IntN(9), oneOf(m.Rand, "", `"VASE"`), oneOf(m.Rand, "", "", `"light"`), m.IntN(2) == 0, oneOf(m.Rand, "gross", "net"), oneOf(m.Rand, "neutral", "reverse"), oneOf(m.Rand, "keep", "pool"), oneOf(m.Rand, "keep", "anew"),
			oneOf(m.Rand, "both", "split", "split", "home", "display"), 1+m.IntN(9), m.IntN(9), oneOf(m.Rand, "home", "both"),
			oneOf(m.Rand, "both", "assist", "home"), oneOf(m.Rand, "both", "selling", "home"), m.caps())
		var p plan.Plan
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			m.t.Fatal(text, err)
		}
		if _, err := plan.New(m.pool, m.clock).Add(m.t.Context(), shop.System(m.Brand), taipei, p); err != nil {
			m.t.Fatal(text, err)
		}
	}
}

func (m *market) rule(role plan.Role) string {
	when := map[string]any{}
	add := func(key string, value any) {
		if m.IntN(7) == 0 {
			when[key] = value
		}
	}
	add("store_kind", oneOf(m.Rand, "shop", "counter", "online", "popup"))
	add("channel", oneOf(m.Rand, "online", "till"))
	add("category", oneOf(m.Rand, drawnCategories[:3]...))
	add("sku", oneOf(m.Rand, drawnSKUs...))
	if role.IsDisplay() {
		add("tag", oneOf(m.Rand, drawnTags...))
	}
	if role.IsHome() {
		add("bond_min_days", m.IntN(60))
		add("bond_max_days", 1+m.IntN(90))
	}
	add("campaign", oneOf(m.Rand, "SPRING", "SALE"))
	add("customer", oneOf(m.Rand, "new", "returning"))
	r := map[string]any{"role": role, "rate_bp": oneOf(m.Rand, 0, 1, 33, 100, 250, 777, 3000), "when": when}
	if role.IsParcel() {
		r["fixed_minor"] = oneOf(m.Rand, 0, 30, 60)
	}
	text, err := json.Marshal(r)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

func (m *market) caps() string {
	text := ""
	if m.IntN(3) > 0 {
		text += fmt.Sprintf(`, "order_cap_minor": %d`, 1+m.IntN(9999))
	}
	if m.IntN(3) > 0 {
		text += fmt.Sprintf(`, "role_cap_minor": {"home_store": %d, "display_staff": %d, "online_team": %d}`, 1+m.IntN(999), 1+m.IntN(99), 1+m.IntN(999))
	}
	if m.IntN(3) == 0 {
		text += fmt.Sprintf(`, "order_min_minor": %d`, m.IntN(9999))
	}
	return text
}

// win makes customers, of whom most are won by somebody, one works here, and one has the address of somebody who does.
func (m *market) win() {
	for i := range 24 {
		m.customers = append(m.customers, m.customer(fmt.Sprintf("+8869123%05d", i)))
	}
	m.do(`UPDATE customer SET staff_id = $3 WHERE brand_id = $1 AND id = $2`, m.customers[0], m.Amy)
	m.do(`INSERT INTO identity (brand_id, kind, value, customer_id) VALUES ($1, 'email', 'e9@clearday.example', $2)`, m.customers[1])
	for _, who := range m.customers[2:20] {
		m.at(fmt.Sprintf("2026-0%d-%02d 10:00", 1+m.IntN(4), 1+m.IntN(28)))
		p := m.IntN(len(m.people))
		a := binding.Attempt{Customer: who, Store: m.stores[p], Staff: m.people[p], Source: binding.FromImport}
		if p >= 2 {
			a.Store = m.stores[p-2]
		}
		if m.IntN(4) == 0 {
			a.Staff = shop.ID{}
		}
		if _, err := m.bindings.Claim(m.t.Context(), shop.System(m.Brand), a); err != nil {
			m.t.Fatal(err)
		}
	}
	m.at("2026-05-01 10:00")
	for _, who := range m.customers[2:6] {
		to := binding.Transfer{Customers: []shop.ID{who}, Store: oneOf(m.Rand, m.stores...), Reason: "drawn"}
		if _, err := m.bindings.Transfer(m.t.Context(), shop.System(m.Brand), to); err != nil {
			m.t.Fatal(err)
		}
	}
	m.at("2026-05-02 10:00")
	for _, who := range m.customers[6:9] {
		if _, err := m.bindings.Choose(m.t.Context(), shop.Actor{Brand: m.Brand, Role: shop.RoleCustomer, ID: who}, oneOf(m.Rand, shop.ID{}, m.S2)); err != nil {
			m.t.Fatal(err)
		}
	}
}

// scan draws scans that orders may name, and a customer's own.
func (m *market) scan() {
	for range 120 {
		at := m.instant(0, 120)
		id := shop.NewID(at)
		m.is(at)
		store, tag := oneOf(m.Rand, m.stores...), oneOf(m.Rand, drawnTags...)
		person, placement := oftenNot(m.Rand, oneOf(m.Rand, m.people...)), oneOf(m.Rand, "shelf", "window", "flyer")
		m.do(`INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, staff_id, placement, kind, device, scanned_at)
			VALUES ($1, $2, $2, $3, $4, $5, $6, 'person', '', id_time($2))`, id, tag, store, person, placement)
		m.scans = append(m.scans, id)
		if m.IntN(3) == 0 {
			m.do(`INSERT INTO customer_scan (brand_id, customer_id, scan_id, tag_id, tag_code, store_id, staff_id, placement, scanned_at)
				VALUES ($1, $2, $3, $3, $4, $5, $6, $7, id_time($3))`, oneOf(m.Rand, m.customers...), id, tag, store, person, placement)
		}
	}
}

// pass lets somebody move, two leave, and a store close.
func (m *market) pass() {
	ctx, system := m.t.Context(), shop.System(m.Brand)
	must := func(_ binding.Handover, err error) {
		m.t.Helper()
		if err != nil {
			m.t.Fatal(err)
		}
	}
	when := func(text string) binding.Terms { return binding.Terms{At: m.at(text)} }
	must(m.bindings.StaffMoves(ctx, system, binding.Relocation{Staff: m.people[3], From: m.stores[1], To: m.stores[4], Terms: when("2026-03-05 09:00")}))
	must(m.bindings.StaffLeaves(ctx, system, binding.Departure{Staff: m.people[4], Terms: when("2026-03-15 18:00"),
		Heirs: []binding.Heir{{Person: binding.Named, Staff: m.Amy, Share: 2}, {Person: binding.Pool, Share: 1}, {Person: binding.Named, Staff: m.people[5], Share: 3}}}))
	must(m.bindings.StoreCloses(ctx, system, binding.Closure{Store: m.stores[0], Heirs: []binding.Heir{{Store: m.stores[1]}, {Store: m.stores[2], Share: 2}}, Terms: when("2026-04-05 00:00")}))
	must(m.bindings.StaffLeaves(ctx, system, binding.Departure{Staff: m.people[5], Terms: when("2026-04-20 12:00")}))
}

// instant is within so many days of the beginning of February.
func (m *market) instant(from, days int) time.Time {
	return time.Date(2026, 2, 1+from, 0, 0, 0, 0, taipei).Add(time.Duration(m.Int64N(int64(days) * 24 * int64(time.Hour)))).Truncate(time.Millisecond)
}

// tell has the brand hear facts in any sequence, a few hundred at a time, and credits become payable in between.
func (m *market) tell(facts []order.Fact) {
	m.t.Helper()
	m.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
	for len(facts) > 0 {
		n := min(len(facts), 300)
		if _, err := m.bundle.orders.ApplyMany(m.t.Context(), m.Brand, "market", facts[:n]); err != nil {
			m.t.Fatal(err)
		}
		facts = facts[n:]
		m.quarrel()
		if m.IntN(3) == 0 {
			if _, err := m.book.Vest(m.t.Context(), m.Brand, m.clock()); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	if err := m.bindings.Follow(m.t.Context(), m.Brand); err != nil {
		m.t.Fatal(err)
	}
}

// quarrel decides disputes about some orders: one in fifty of those that are known, whichever they are.
func (m *market) quarrel() {
	now := shop.Millis(m.clock())
	m.in(func(tx pgx.Tx) error {
		known, err := ledger.SomeOrders(m.t.Context(), tx, m.Brand, m.placed/50)
		if err != nil {
			return err
		}
		for _, id := range known {
			orders, err := order.Lock(m.t.Context(), tx, m.Brand, []shop.ID{id})
			if err != nil {
				return err
			}
			d := attribution.Decision{ID: shop.NewID(now), Role: oneOf(m.Rand, plan.Roles...), Store: oneOf(m.Rand, m.stores...), At: now}
			d.To = oneOf(m.Rand, attribution.StoreOf(d.Store), attribution.PoolOf(d.Store), attribution.StaffOf(oneOf(m.Rand, m.people...)))
			if m.IntN(2) == 0 {
				d.From = oneOf(m.Rand, attribution.StoreOf(oneOf(m.Rand, m.stores...)), attribution.StaffOf(oneOf(m.Rand, m.people...)))
			}
			if err := m.book.Decide(m.t.Context(), tx, m.Brand, orders, []attribution.Decision{d}, now); err != nil {
				return err
			}
		}
		return nil
	})
}
