package ledger_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// comparison compares all orders of the brand with their facts, and with their traces.
func (b *bundle) comparison(t interface{ Errorf(string, ...any) }) ledger.Comparison {
	b.t.Helper()
	var sum ledger.Comparison
	for after, more := (shop.ID{}), true; more; {
		err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
			ids, err := ledger.OrdersAfter(b.t.Context(), tx, b.Brand, ledger.Turn{}, after, 5000)
			if err != nil || len(ids) == 0 {
				more = false
				return err
			}
			after = ids[len(ids)-1]
			c, err := ledger.Compare(b.t.Context(), tx, b.Brand, ids, b.clock())
			if err != nil {
				return err
			}
			traces, err := ledger.Retraced(b.t.Context(), tx, b.Brand, ids)
			c.Differences = append(c.Differences, traces...)
			sum.Add(c)
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	for _, d := range sum.Differences[:min(len(sum.Differences), 10)] {
		t.Errorf("%v", d)
	}
	return sum
}

// flagOf is one of the numbers by which `make soak` draws oftener, and anew.
func flagOf(t *testing.T, name string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(flag.Lookup(name).Value.String(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// L6: whatever a brand is and whatever happens in it, in any sequence, the book says what a second implementation makes of the facts.
// Ten orders a check: a thousand in the usual run, a hundred thousand in `make soak`.
func TestL6BookIsWhatPlainSQLMakesOfTheFacts(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	first, markets := flagOf(t, "rapid.seed"), uint64(4)
	if testing.Short() {
		markets = 1
	}
	if first == 0 {
		first = rand.Uint64N(1 << 60)
	}
	orders := int(flagOf(t, "rapid.checks") * 10 / markets)
	for seed := range markets {
		seed += first
		m := newMarket(t, pool, seed)
		for told := 0; told < orders; told += 1000 {
			var facts []order.Fact
			for range min(1000, orders-told) {
				facts = append(facts, m.buy()...)
			}
			m.tell(facts)
		}
		m.is(m.clock().Add(2 * time.Hour)) // what is due was made payable long ago
		if _, err := m.book.Vest(t.Context(), m.Brand, m.clock()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		sum := m.comparison(t)
		t.Logf("seed %d: compared %d orders with %d shares in %s", seed, sum.Orders, sum.Shares, time.Since(began).Round(time.Millisecond))
		if sum.Orders < orders || sum.Shares < orders { // exchanges make some more
			t.Errorf("seed %d: compared were %d orders with %d shares", seed, sum.Orders, sum.Shares)
		}
	}
}

// What a version of an order gave in one currency is taken back in it when a later one says another.
func TestOrderInAnotherCurrencyIsTakenBackInTheOneInWhichItWasCredited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	o := b.web("o1", shop.ID{}, 21000)
	b.apply(o)
	b.want(attribution.StoreOf(b.Web), 200, 0)
	o.Version, o.At, o.Currency = 2, b.at("2026-03-01 12:01"), "GBP"
	b.apply(o)
	b.want(attribution.StoreOf(b.Web), 0, 0) // in TWD
	b.invariants(t)
	b.comparison(t)
}

// twoOrders are one whose credits are payable and one whose credits are pending, hours after anything happened.
func twoOrders(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	b.apply(b.web("payable", shop.ID{}, 21000))
	b.apply(order.WasFulfilled{Order: "payable", ExternalID: "f1", Kind: order.Ship, At: b.at("2026-03-01 12:00")})
	b.at("2026-03-20 12:00")
	b.apply(b.web("pending", shop.ID{}, 42000))
	if n, err := b.book.Vest(t.Context(), b.Brand, b.clock()); n != 1 || err != nil {
		t.Fatalf("%d orders vested, %v", n, err)
	}
	b.at("2026-03-20 18:00")
	return b
}

var stateTamperings = []struct{ why, figure, statement string }{
	{"a vesting that is gone", "pending", `DELETE FROM ledger_transfer WHERE kind = 'vest'`},
	{"a vesting of less", "payable", `UPDATE ledger_transfer SET amount_minor = amount_minor - 1 WHERE kind = 'vest'`},
	{"a vesting to somebody else", "payable", `WITH a AS (INSERT INTO account (brand_id, id, kind, holder_kind, holder_id, currency)
		SELECT brand_id, gen_random_uuid(), 'payable', 'staff', (SELECT id FROM staff LIMIT 1), 'TWD' FROM brand RETURNING id) UPDATE ledger_transfer SET credit_account_id = a.id FROM a WHERE kind = 'vest'`},
	{"credits that were payable and are pending", "state", `UPDATE order_credit SET vested_at = NULL WHERE vested_at IS NOT NULL`},
	{"credits that are payable before their time", "pending", `UPDATE order_credit SET vested_at = credited_at WHERE vested_at IS NULL`},
	{"a receipt that is later than it was", "state", `UPDATE fulfilment SET fulfilled_at = fulfilled_at + interval '10 days'`},
	{"a trace with another price", "trace", `UPDATE order_credit SET trace = replace(trace::text, '21000', '21001')::jsonb`},
	{"a trace that is none", "trace", `UPDATE order_credit SET trace = '["nothing"]'`},
	{"an exact share", "trace", `UPDATE credit SET reason = jsonb_set(reason, '{share}', '"1/7"')`},
	{"a reason without its share", "trace", `UPDATE credit SET reason = reason - 'share'`},
	{"credits of whom no trace knows", "trace", `UPDATE credit SET beneficiary_kind = 'pool'`},
}

func TestWhoeverTampersWithStatesOrTracesIsNamed(t *testing.T) {
	t.Parallel()
	b := twoOrders(t)
	b.comparison(t)
	conn := b.superuser()
	for _, tt := range stateTamperings {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{`SET LOCAL session_replication_role = replica`, tt.statement} {
			if tag, err := tx.Exec(t.Context(), statement); err != nil || statement == tt.statement && tag.RowsAffected() == 0 {
				t.Errorf("%s: %v, %v", tt.why, tag, err)
			}
		}
		ids, err := ledger.OrdersAfter(t.Context(), tx, b.Brand, ledger.Turn{}, shop.ID{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		c, err := ledger.Compare(t.Context(), tx, b.Brand, ids, b.clock())
		if err != nil {
			t.Fatal(err)
		}
		traces, err := ledger.Retraced(t.Context(), tx, b.Brand, ids)
		found := append(c.Differences, traces...)
		if err != nil || !slices.ContainsFunc(found, func(d ledger.Difference) bool { return d.Figure == tt.figure && d.String() != "" }) {
			t.Errorf("%s: %v, named is %v", tt.why, err, found)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// What has become payable stays so, though a parcel that is heard of later moves the receipt; and what fell due a minute ago may
// still be pending, but not for hours.
func TestWhatIsPayableStaysAndWhatJustFellDueMayWait(t *testing.T) {
	t.Parallel()
	b := twoOrders(t)
	b.apply(order.WasFulfilled{Order: "payable", ExternalID: "f2", Kind: order.Ship, At: b.clock()})
	b.comparison(t)
	b.apply(order.WasFulfilled{Order: "pending", ExternalID: "f3", Kind: order.Ship, At: b.clock()})
	b.at("2026-04-04 00:30")
	b.comparison(t)
	b.at("2026-04-04 01:30")
	var said complaints
	if c := b.comparison(&said); len(c.Differences) != 1 || c.Differences[0].Figure != "state" || c.Differences[0].ByFacts != "payable" {
		t.Errorf("named is %v", c.Differences)
	}
	if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
		t.Fatal(err)
	}
	b.comparison(t)
}

// complaints are wanted where a book is wrong on purpose.
type complaints struct{ said int }

func (c *complaints) Errorf(string, ...any) { c.said++ }
