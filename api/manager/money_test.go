package manager_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

// customer makes one of the brand.
func (b *bundle) customer(brand shop.BrandID) shop.ID {
	b.t.Helper()
	var who shop.ID
	err := b.pool.Brand(b.t.Context(), brand, func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(b.t.Context(), tx, brand, []customer.Identity{{Kind: customer.WebShop, Value: "shopify:" + shop.NewID(noon).String()}}, noon)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return who
}

// buy places a web order of TWD 21,000 (20,000 net), two hours ago, and returns its id.
func (b *bundle) buy(of postgrestest.Fixture, name string, who shop.ID) shop.ID {
	b.t.Helper()
	bought, err := b.orders.Apply(b.t.Context(), of.Brand, "shopify", order.WasPlaced{
		Order: name, PlacedAt: noon.Add(-2 * time.Hour), Channel: order.Online, Store: of.Web, Currency: "TWD", TaxBP: 500, Customer: who,
		Lines: []order.Line{{SKU: "SOFA", Name: "三人沙發", Quantity: 1, UnitPrice: 21000, TaxIncluded: true}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return bought.Order
}

// won is a customer of S1 since yesterday.
func (b *bundle) won() shop.ID {
	b.t.Helper()
	who := b.customer(b.Brand)
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben}
	err := b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		out, err := b.binds.ClaimTx(b.t.Context(), tx, hq, binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromTill}, noon.Add(-24*time.Hour))
		if err == nil {
			err = out.Err()
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return who
}

// twoRoles is a plan of 3 % for the home store and 1 % for the online team, in force since the brand exists.
func (b *bundle) twoRoles() {
	b.t.Helper()
	p := plan.Plan{Version: 1, FirstDay: plan.DayOf(postgrestest.Opened, time.UTC), HoldDays: 14,
		Display: plan.Display{WindowDays: 30, Choice: plan.Last}, CounterBase: plan.Gross, Exchange: plan.Keep, PriceAdjustment: plan.Neutral, Leaver: plan.Keep,
		Conflict: plan.Conflict{HomeDisplay: plan.Both, SameStore: plan.Home, AssistHome: plan.Both, SellingHome: plan.Both},
		Rules:    []plan.Rule{{Role: plan.HomeStore, RateBP: 300}, {Role: plan.OnlineTeam, RateBP: 100}}}
	if _, err := b.plans.Add(b.t.Context(), shop.System(b.Brand), time.UTC, p); err != nil {
		b.t.Fatal(err)
	}
}

type explained struct {
	State   string
	Text    []string
	Trace   attribution.Trace
	Credits []struct {
		Role      string
		To        named
		LeftMinor int64 `json:"left_minor"`
		Currency  string
		Text      string
		Reason    struct {
			PlanVersion int `json:"plan_version"`
			Grounds     []struct{ Rule int }
		}
	}
	Transfers []struct {
		Kind, Text    string
		Minor         int64
		Debit, Credit struct {
			Kind   string
			Holder named
		}
	}
}

func TestAnOrderExplainsEachCent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	id := b.buy(b.Fixture, "1001", b.won())
	var e explained
	b.ask("manager", http.MethodGet, "/v1/manager/orders/"+id.String(), nil, "Accept-Language", "en").into(http.StatusOK, &e)
	if e.State != "pending" || len(e.Credits) != 2 || len(e.Transfers) != 2 {
		t.Fatalf("%+v", e)
	}
	home := e.Credits[0]
	if home.Role != "home_store" || home.To.Name != "Xinyi" || home.LeftMinor != 600 || home.Currency != "TWD" ||
		home.Reason.PlanVersion != 1 || len(home.Reason.Grounds) != 1 || home.Reason.Grounds[0].Rule != 1 {
		t.Errorf("%+v", home)
	}
	var posted int64
	for _, tr := range e.Transfers {
		posted += tr.Minor
		if tr.Kind != "credit" || tr.Debit.Kind != "expense" || tr.Credit.Kind != "pending" || tr.Credit.Holder.Name == "" {
			t.Errorf("%+v", tr)
		}
	}
	if posted != 800 {
		t.Errorf("posted %d, want 3 %% and 1 %% of 20,000", posted)
	}
}

// Journey 7: anyone asks of any row "why?" and gets the scan, the binding, the rule, the arithmetic, in her language; and from
// what is told a program works out the same.
func TestAnOrderIsExplainedInWordsAndCanBeWorkedOutAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	path := "/v1/manager/orders/" + b.buy(b.Fixture, "1001", b.won()).String()
	words := map[string][]string{
		"en": {
			"Xinyi is this customer's home store since", "Rule 1 of plan version 1 gives 3 %. Line 1 (SOFA): NT$20,000 × 3 % = NT$600.00. The credit is NT$600.",
			"paid NT$21,000, without tax NT$20,000.", "Credited NT$600.",
		},
		"zh-TW": {
			"起歸屬信義店", "依分潤方案第 1 版第 1 條，分潤率 3%。第 1 項（SOFA）：NT$20,000 × 3% ＝ NT$600.00。分潤 NT$600。",
			"實付 NT$21,000，未稅 NT$20,000。", "分潤 NT$600。",
		},
	}
	for language, want := range words {
		var e explained
		b.ask("hq", http.MethodGet, path, nil, "Accept-Language", language).into(http.StatusOK, &e)
		all := strings.Join(append(e.Text, e.Credits[0].Text, e.Transfers[0].Text, e.Transfers[1].Text), "\n")
		for _, words := range want {
			if !strings.Contains(all, words) {
				t.Errorf("%s: %q is not in %s", language, words, all)
			}
		}
		again, err := attribution.Recompute(e.Trace)
		if err != nil || len(again.Credits) != 2 || again.Credits[0].Minor != 600 || again.Credits[1].Minor != 200 {
			t.Errorf("worked out again: %+v, %v", again.Credits, err)
		}
	}
}

func TestAManagerSeesOrdersThatConcernHerStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	hers, others := b.buy(b.Fixture, "1", b.won()), b.buy(b.Fixture, "2", shop.ID{})
	b.get("manager", "/v1/manager/orders/"+hers.String()).into(http.StatusOK, nil)
	b.get("manager", "/v1/manager/orders/"+others.String()).refused(http.StatusNotFound, "not_found", "")
	b.get("finance", "/v1/manager/orders/"+others.String()).into(http.StatusOK, nil)
}

func TestTheCommissionReportReconciles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	b.buy(b.Fixture, "1", b.won())
	b.buy(b.Fixture, "2", shop.ID{})
	type amounts []struct {
		Currency string
		Minor    int64
	}
	var whole, hers struct {
		Rows []struct {
			NetMinor int64 `json:"net_minor"`
		}
		Net, Cost amounts
	}
	b.get("finance", "/v1/manager/reports/commission?month=2026-11").into(http.StatusOK, &whole)
	if len(whole.Rows) != 2 || len(whole.Net) != 1 || len(whole.Cost) != 1 || whole.Net[0] != whole.Cost[0] || whole.Net[0].Minor != 1000 {
		t.Errorf("600 for the home store and twice 200 for the web team, and as much from the brand's expense: %+v", whole)
	}
	b.get("manager", "/v1/manager/reports/commission?month=2026-11").into(http.StatusOK, &hers)
	if len(hers.Rows) != 1 || hers.Rows[0].NetMinor != 600 || len(hers.Cost) != 0 {
		t.Errorf("%+v", hers)
	}
}

func TestAnExportRunsNoFormula(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	var store named
	b.post("hq", "/v1/manager/stores", object{"code": "@SUM", "names": object{"zh-TW": "=HYPERLINK(\"x\")"}, "kind": "online"}).into(http.StatusCreated, &store)
	shadow := b.Fixture
	shadow.Web = store.ID
	b.buy(shadow, "1", shop.ID{})
	file := b.get("hq", "/v1/manager/reports/commission?month=2026-11&format=csv").into(http.StatusOK, nil)
	if file.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(file.header.Get("Content-Disposition"), "commission-2026-11.csv") {
		t.Errorf("%v", file.header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%s: %v", file.body, err)
	}
	if got := rows[1]; got[0] != "2026-11" || got[3] != "'@SUM" || got[4] != `'=HYPERLINK("x")` || got[13] != "200" {
		t.Errorf("%q", got)
	}
}
