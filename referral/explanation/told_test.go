package explanation

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

var update = flag.Bool("update", false, "write what is told into testdata")

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, taipei)
	if err != nil {
		panic(err)
	}
	return t
}

// id is an id that reads as the name it was made of.
func id(name string) shop.ID {
	var x shop.ID
	copy(x[:], name)
	return x
}

var called = map[shop.Language]map[string]string{
	shop.TraditionalChinese: {"xinyi": "信義店", "tianmu": "天母店", "sogo": "SOGO 專櫃", "web": "官網", "amy": "林艾咪", "ben": "陳本", "mia": "王米雅"},
	shop.English:            {"xinyi": "Xinyi", "tianmu": "Tianmu", "sogo": "Sogo", "web": "the web shop", "amy": "Amy Lin", "ben": "Ben Chen", "mia": "Mia Wang"},
}

type names shop.Language

func (n names) Name(to attribution.Beneficiary) string {
	return called[shop.Language(n)][strings.TrimRight(string(to.ID[:]), "\x00")]
}

// kept is what the ledger keeps of a credit that was worked out.
func kept(t *testing.T, in attribution.Input, vested bool) ledger.OrderCredit {
	t.Helper()
	r, trace := attribution.Traced(in)
	oc := ledger.OrderCredit{Reason: string(r.Reason), Trace: &trace, PayableAt: r.PayableAt}
	if vested {
		oc.VestedAt = r.PayableAt
	}
	for _, c := range r.Credits {
		reason, err := json.Marshal(c.Why)
		if err != nil {
			t.Fatal(err)
		}
		oc.Credits = append(oc.Credits, ledger.Credit{
			Role: c.Role, To: c.To, Parcel: c.Parcel, Line: c.Line, Store: c.Store, Minor: c.Minor, Reversed: c.Reversed, Reason: reason,
		})
	}
	for _, l := range r.Lost {
		oc.Lost = append(oc.Lost, ledger.Lost{Role: l.Role, ToKind: l.To.Kind, To: l.To.ID, Why: l.Why, Evidence: l.Evidence})
	}
	return oc
}

// story is an order of which all is told.
type story struct {
	name     string
	in       attribution.Input
	currency shop.Currency // TWD unless it says otherwise
	vested   bool
}

func planOf(text string) *plan.Plan {
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 4, "first_day": "2026-01-01", `+text+`}`), &p); err != nil {
		panic(err)
	}
	if err := p.Validate(); err != nil {
		panic(err)
	}
	return &p
}

const fourRoles = `"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}, {"role": "display_store", "rate_bp": 200},
	{"role": "display_staff", "rate_bp": 100}, {"role": "assist_staff", "rate_bp": 250}, {"role": "selling_store", "rate_bp": 400}, {"role": "selling_staff", "rate_bp": 100},
	{"role": "online_team", "rate_bp": 100}]`

// web is an order of the web shop of 2 March 2026 by a customer who is at home nowhere, till one at the till of Xinyi, where Amy sold.
func web(plan string, prices ...int64) attribution.Input {
	in := attribution.Input{
		Order: order.Order{
			State: order.Placed, Channel: order.Online, Store: id("web"), Customer: id("chen"), PlacedAt: at("2026-03-02 21:30"), TaxBP: 500,
		},
		Stores: map[shop.ID]attribution.Store{
			id("xinyi"): {Code: "S1", Kind: "shop"}, id("tianmu"): {Code: "S2", Kind: "shop"}, id("web"): {Code: "WEB", Kind: "online"},
			id("sogo"): {Code: "C1", Kind: "counter", HouseBP: 2500},
		},
		StaffCodes: map[shop.ID]string{id("amy"): "amy", id("ben"): "ben"}, Zone: taipei,
	}
	if plan != "" {
		in.Plan = planOf(plan)
	}
	for i, price := range prices {
		in.Order.Lines = append(in.Order.Lines, order.Line{
			No: i + 1, SKU: fmt.Sprint("SOFA-", i+1), Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: price, TaxIncluded: true,
		})
	}
	return in
}

func till(plan string, prices ...int64) attribution.Input {
	in := web(plan, prices...)
	in.Order.Channel, in.Order.Store, in.Order.Staff = order.Till, id("xinyi"), id("amy")
	return in
}

func home(in attribution.Input, store, staff, source string) attribution.Input {
	in.Home = attribution.Home{Binding: id("b"), Store: id(store), Person: attribution.StaffOf(id(staff)), Since: at("2026-01-15 14:00"), Source: source}
	return in
}

func scanned(in attribution.Input, when, tag, store, staff string) attribution.Input {
	in.Displays = append(in.Displays, attribution.Display{
		Scan: id(fmt.Sprint("scan", len(in.Displays))), Tag: tag, Store: id(store), Person: attribution.StaffOf(id(staff)), At: at(when),
	})
	return in
}

func shipped(in attribution.Input, when, store string) attribution.Input {
	in.Order.Fulfilments = append(in.Order.Fulfilments, order.Fulfilment{ExternalID: "P-77", Kind: order.Ship, Store: id(store), At: at(when)})
	return in
}

func stories() []story {
	discounted := shipped(home(web(fourRoles, 12800, 6999, 1200), "xinyi", "amy", "till"), "2026-03-05 10:00", "")
	discounted.Order.Discount, discounted.Order.Lines[1].Quantity, discounted.Order.Lines[1].Discount = 1000, 2, 499
	discounted.Order.Lines[2].Kind, discounted.Order.Lines[2].SKU = order.Shipping, ""

	split := scanned(scanned(home(web(fourRoles+`, "display": {"choice": "even"}, "conflict": {"home_display": "split", "weights": [60, 40]},
		"role_cap_minor": {"display_store": 150}, "order_cap_minor": 1000`, 19950), "xinyi", "amy", "scan"),
		"2026-03-01 11:00", "ABCD2345", "tianmu", "ben"), "2026-03-02 11:00", "SGTAG234", "sogo", "")

	refunds := shipped(home(web(fourRoles, 19950, 9975), "xinyi", "amy", "staff_code"), "2026-03-05 10:00", "")
	refunds.Order.Lines[1].Quantity = 2
	refunds.Order.NeutralAdjust = []order.Adjustment{{ExternalID: "A-1", At: at("2026-03-06 09:00"), No: 1, Amount: 950}}
	refunds.Order.Refunds = []order.Refund{
		{ExternalID: "R-1", Kind: order.RefundPaid, At: at("2026-03-06 10:00"), Lines: []order.RefundLine{{No: 2, Quantity: 1}}},
		{ExternalID: "R-2", Kind: order.Allowance, At: at("2026-04-07 10:00"), Lines: []order.RefundLine{{No: 1, Amount: 4750}, {No: 2, Quantity: 2}}},
		{ExternalID: "R-3", Kind: order.RefundPaid, At: at("2026-05-05 10:00"), Lines: []order.RefundLine{{No: 1, Amount: 19000}}},
	}
	sameStore := scanned(scanned(home(web(fourRoles, 21000), "xinyi", "amy", "scan"), "2026-03-01 11:00", "XYTAG234", "xinyi", ""), "2025-12-24 11:00", "OLDTAG23", "tianmu", "")
	homeWins := scanned(home(web(fourRoles+`, "conflict": {"home_display": "home", "assist_home": "home"}`, 21000), "xinyi", "amy", "import"),
		"2026-03-01 11:00", "ABCD2345", "tianmu", "ben")
	homeWins.Order.AssistStore, homeWins.Order.AssistStaff = id("tianmu"), id("ben")
	displayWins := scanned(scanned(home(web(fourRoles+`, "conflict": {"home_display": "display"}`, 21000), "xinyi", "amy", "invoice"),
		"2026-03-01 11:00", "ABCD2345", "tianmu", "ben"), "2026-03-01 12:00", "SGTAG234", "sogo", "")
	assistWins := home(web(fourRoles+`, "conflict": {"assist_home": "assist"}`, 21000), "xinyi", "amy", "transfer")
	assistWins.Order.AssistStore, assistWins.Order.AssistStaff = id("tianmu"), id("ben")
	sellingWins := home(till(fourRoles+`, "conflict": {"selling_home": "selling"}`, 21000), "tianmu", "ben", "customer")
	firstWins := scanned(scanned(web(fourRoles+`, "display": {"choice": "first"}`, 21000), "2026-03-01 11:00", "ABCD2345", "tianmu", "ben"), "2026-03-01 12:00", "XYTAG234", "xinyi", "")

	parcels := shipped(web(`"rules": [{"role": "online_team", "rate_bp": 900, "when": {"store_kind": "shop", "category": "lamp"}}, {"role": "online_team", "rate_bp": 100},
		{"role": "packing_store", "fixed_minor": 60, "rate_bp": 55}]`, 1234), "2026-03-04 10:00", "tianmu")
	counter := till(fourRoles+`, "counter_base": "net", "exclude": {"skus": ["SOFA-2"]}`, 21000, 500)
	counter.Order.Store = id("sogo")

	left := home(web(fourRoles+`, "leaver": "pool"`, 21000), "xinyi", "amy", "till")
	left.Left = map[shop.ID]attribution.Exit{id("amy"): {At: at("2026-03-08 18:00"), Store: id("xinyi")}}
	left.Decisions = []attribution.Decision{{ID: id("d"), Role: plan.HomeStore, To: attribution.StoreOf(id("tianmu")), Store: id("tianmu"), At: at("2026-03-09 10:00")}}

	many := home(web(fourRoles, 1001, 2002, 3003, 4004, 5005), "xinyi", "", "scan")
	pool := home(web(fourRoles, 21000), "xinyi", "", "till")
	pool.Home.Person, pool.Home.Succession = attribution.PoolOf(id("xinyi")), id("succession")

	own, test, staffPrice := web(fourRoles, 21000), web(fourRoles, 21000), web(fourRoles+`, "exclude": {"employee_discount": true}`, 21000)
	own.SelfPurchase, test.Order.State, staffPrice.Order.EmployeeDiscount = true, order.Test, true
	least := shipped(web(fourRoles[:len(fourRoles)-1]+`, {"role": "packing_store", "fixed_minor": 60}], "order_min_minor": 3000`, 2100), "2026-03-04 10:00", "tianmu")
	return []story{
		{name: "home, with discounts, tax and shipping", in: discounted},
		{name: "home and two displays, split and capped", in: split},
		{name: "refunds, an allowance of the same goods, a price adjustment and one that came too late", in: refunds, vested: true},
		{name: "the display stood in the home store; a scan too old", in: sameStore},
		{name: "home wins", in: homeWins},
		{name: "the display wins, the last of two", in: displayWins},
		{name: "who assists wins", in: assistWins},
		{name: "who sells wins", in: sellingWins, vested: true},
		{name: "the first display wins", in: firstWins},
		{name: "a parcel, and a rule passed over", in: parcels},
		{name: "a counter of which the net counts", in: counter},
		{name: "she left, and a dispute was decided", in: left},
		{name: "many lines are told together", in: many},
		{name: "the pool is at home", in: pool},
		{name: "in Hong Kong dollars", in: home(web(fourRoles, 123456), "xinyi", "amy", "scan"), currency: "HKD"},
		{name: "her own purchase", in: own},
		{name: "a test order", in: test},
		{name: "no plan", in: web("", 21000)},
		{name: "the employees' discount", in: staffPrice},
		{name: "below the least sale, and packed", in: least},
		{name: "no rule fits", in: web(`"rules": [{"role": "home_store", "rate_bp": 300}]`, 21000)},
	}
}

func TestOrdersAreToldInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, language := range []shop.Language{shop.TraditionalChinese, shop.English} {
		teller := Teller{Language: language, Zone: taipei, Names: names(language)}
		var text strings.Builder
		for _, s := range stories() {
			currency := s.currency
			if currency == "" {
				currency = "TWD"
			}
			o := teller.Of(kept(t, s.in, s.vested), currency, s.in.Plan)
			fmt.Fprintf(&text, "# %s\n%s\n\n", s.name, strings.Join(o.Told(), "\n"))
		}
		golden(t, "orders."+string(language)+".txt", text.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if strings.Contains(got, "%!") {
		t.Errorf("%s: a sentence lacks a word: %s", name, got[strings.Index(got, "%!"):])
	}
	if *update {
		if err := os.WriteFile("testdata/"+name, []byte(got), 0o644); err != nil { //nolint:gosec // read like code
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// Every word that one language has, the other has too.
func TestNoWordIsMissing(t *testing.T) {
	t.Parallel()
	for language, w := range vocabulary {
		other := vocabulary[shop.English]
		compare(t, language, "words", reflect.ValueOf(w), reflect.ValueOf(other))
	}
}

func compare(t *testing.T, language shop.Language, path string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			compare(t, language, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	case reflect.Map:
		if a.Len() != b.Len() || a.Len() == 0 {
			t.Errorf("%s: %s has %d words, English has %d", language, path, a.Len(), b.Len())
		}
	case reflect.String:
		if a.Len() == 0 && !strings.HasSuffix(path, ".space") {
			t.Errorf("%s: %s is empty", language, path)
		}
	}
}

func TestTransfersAreToldInBothLanguages(t *testing.T) {
	t.Parallel()
	amy, brand := attribution.StaffOf(id("amy")), attribution.Beneficiary{}
	transfer := func(kind ledger.TransferKind, minor int64, from, to attribution.Beneficiary, reason string) ledger.Transfer {
		account := func(who attribution.Beneficiary) ledger.Account {
			if who.IsNobody() {
				return ledger.Account{Kind: ledger.Expense, Currency: "TWD"}
			}
			return ledger.Account{Kind: ledger.Payable, Holder: who, Currency: "TWD"}
		}
		return ledger.Transfer{
			Kind: kind, Debit: account(from), Credit: account(to), Minor: minor, Reason: []byte(reason), EffectiveAt: at("2026-04-03 12:00"),
			Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		}
	}
	hours := fmt.Sprintf(`{"month":"2026-03","pool":200,"minutes":{%q:6000,%q:3030},"share":133}`, id("amy"), id("ben"))
	dispute := fmt.Sprintf(`{"share":"380","decided":[{"decision":%q,"from_kind":"staff","from":%q}]}`, id("d"), id("ben"))
	rows := []ledger.Transfer{
		transfer("credit", 570, brand, amy, `{"plan_version":4,"share":"570","grounds":[]}`),
		transfer("vest", 570, amy, amy, `{"return_period":"over"}`),
		transfer("refund", 285, amy, brand, `{"event":"R-1","kind":"refund"}`),
		transfer("refund", 285, amy, brand, `{"event":"","kind":"cancel"}`),
		transfer("correction", 30, brand, amy, `{"plan_version":4,"share":"30"}`),
		transfer("correction", 30, amy, brand, `{"credited_anew":true}`),
		transfer("correction", 380, brand, amy, dispute),
		transfer("correction", 380, brand, attribution.PoolOf(id("xinyi")), `{"decided":[{"from_kind":"staff","from":"`+id("ben").String()+`"}]}`),
		transfer("tier", 400, brand, amy, `{"month":"2026-03","volume":"140000","steps":[{"from_minor":0,"extra_bp":0,"slice":"100000"},{"from_minor":100000,"extra_bp":100,"slice":"40000"}]}`),
		transfer("tier", 100, amy, brand, `{"month":"2026-03","volume":"260001/2","steps":[{"from_minor":100000,"extra_bp":100,"slice":"60001/2"}]}`),
		transfer("tier", 400, amy, brand, `{"month":"2026-03","due":"nothing any more"}`),
		transfer("target", 1960, brand, amy, `{"month":"2026-03","target":120000,"volume":"146000","from_bp":11000,"extra_bp":100,"bonus_minor":500}`),
		transfer("month_min", 120, brand, amy, `{"month":"2026-03","min":500,"net":380}`),
		transfer("month_cap", 250, amy, brand, `{"month":"2026-03","cap":5000,"net":5250}`),
		transfer("clawback_cap", 90, brand, amy, `{"month":"2026-04","cap":300,"reversed":390}`),
		transfer("pool", 133, attribution.PoolOf(id("xinyi")), amy, hours),
		transfer("pool", 10, amy, attribution.PoolOf(id("xinyi")), hours),
		transfer("adjust", 300, brand, amy, `{"reason":"三月展場支援","approved_by":"manager S1-07"}`),
		transfer("unheard_of", 1, brand, amy, `{}`),
		transfer("tier", 1, brand, amy, `no JSON`),
	}
	for _, language := range []shop.Language{shop.TraditionalChinese, shop.English} {
		teller := Teller{Language: language, Zone: taipei, Names: names(language)}
		var text strings.Builder
		for _, row := range rows {
			fmt.Fprintf(&text, "%-12s %s\n", row.Kind, teller.Transfer(row))
		}
		golden(t, "transfers."+string(language)+".txt", text.String())
	}
}

func TestExactAmountsSayWhatTheyCutOff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		currency shop.Currency
		x        *big.Rat
		want     string
	}{
		{"TWD", big.NewRat(570, 1), "NT$570.00"},
		{"TWD", big.NewRat(370368, 100), "NT$3,703.68"},
		{"TWD", big.NewRat(1100, 3), "NT$366.66…"},
		{"HKD", big.NewRat(1234567, 100), "HK$123.4567"},
		{"HKD", big.NewRat(1, 1000), "HK$0.0000…"},
	}
	for _, tt := range tests {
		if got := exact(tt.currency, tt.x); got != tt.want {
			t.Errorf("%v %s is %s, want %s", tt.x, tt.currency, got, tt.want)
		}
	}
}
