package ledger_test

import (
	"encoding/json"
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// setupReturning is a brand whose plan pays the web team 5 % of a new customer's order, 1 % of a returning one's and 2 % of nobody's.
func setupReturning(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	var p plan.Plan
	rules := `{"version": 2, "first_day": "2026-02-01", "rules": [{"role": "online_team", "rate_bp": 500, "when": {"customer": "new"}},
		{"role": "online_team", "rate_bp": 100, "when": {"customer": "returning"}}, {"role": "online_team", "rate_bp": 200}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestANewCustomersOrderEarnsByAnotherRuleThanAReturningOnes(t *testing.T) {
	t.Parallel()
	b := setupReturning(t)
	who := b.customer("+886912345678")
	web := attribution.StoreOf(b.Web)
	b.at("2026-03-01 12:00")
	b.apply(b.web("o1", who, 21000))
	b.want(web, 1000, 0)
	b.at("2026-03-01 12:01")
	b.apply(b.web("o2", who, 21000))
	b.want(web, 1200, 0)
	b.apply(b.web("o3", b.customer("+886912000000"), 21000))
	b.want(web, 2200, 0)
	b.apply(b.web("o4", shop.ID{}, 21000))
	b.want(web, 2600, 0)
}

// In whatever sequence they are heard of, one order is her first: a test order is none, and a cancelled one is.
func TestAnEarlierOrderThatIsHeardOfLateMakesTheNextOneAReturningCustomers(t *testing.T) {
	t.Parallel()
	for _, sequence := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}} {
		b := setupReturning(t)
		who := b.customer("+886912345678")
		first := b.at("2026-03-01 12:00")
		var facts []order.Fact
		for i, price := range []int64{21000, 42000, 84000, 168000} {
			o := b.web([]string{"test", "o1", "o2", "o3"}[i], who, price)
			o.PlacedAt = first.Add(time.Duration(i) * time.Minute)
			if i == 0 {
				o.State = order.Test
			}
			facts = append(facts, o)
		}
		b.at("2026-03-02 12:00")
		for _, i := range sequence {
			b.apply(facts[i])
		}
		b.want(attribution.StoreOf(b.Web), 2000+800+1600, 0)
		b.apply(order.WasCancelled{Order: "o1", At: b.clock()})
		b.want(attribution.StoreOf(b.Web), 800+1600, 0)
		b.invariants(t)
	}
}

// The next order of whose it was is her first after all.
func TestAnOrderThatIsAnothersAfterAllMakesTheNextOfWhoseItWasANewCustomers(t *testing.T) {
	t.Parallel()
	b := setupReturning(t)
	hers, others := b.customer("+886912345678"), b.customer("+886912000000")
	web := attribution.StoreOf(b.Web)
	b.at("2026-03-01 12:00")
	first := b.web("o1", hers, 21000)
	b.apply(first)
	b.at("2026-03-01 12:01")
	b.apply(b.web("o2", hers, 42000))
	b.want(web, 1000+400, 0)
	b.at("2026-03-02 12:00")
	first.Version, first.At, first.Customer = 2, b.clock(), others
	b.apply(first)
	b.want(web, 1000+2000, 0)
	b.invariants(t)
	b.comparison(t)
}
