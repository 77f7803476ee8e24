package ledger_test

import (
	"flag"
	"math/rand/v2"
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

// comparison compares all orders of the brand with their facts.
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
