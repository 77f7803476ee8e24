package attribution

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// at reads "2026-03-01 14:00" in Taipei.
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

func name(x shop.ID) string { return strings.TrimRight(string(x[:]), "\x00") }

func written(b Beneficiary) string { return string(b.Kind) + ":" + name(b.ID) }

func planOf(tb testing.TB, text string) *plan.Plan {
	tb.Helper()
	p, err := parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// parse reads a plan of version 4 and has it checked.
func parse(text string) (*plan.Plan, error) {
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 4, "first_day": "2024-01-01", `+text+`}`), &p); err != nil {
		return nil, err
	}
	return &p, p.Validate()
}

// rates writes rules without conditions: rates("home_store 300", "online_team 100").
func rates(rules ...string) string {
	var list []string
	for _, r := range rules {
		role, bp, _ := strings.Cut(r, " ")
		list = append(list, fmt.Sprintf(`{"role": %q, "rate_bp": %s}`, role, bp))
	}
	return `"rules": [` + strings.Join(list, ", ") + `]`
}

func goods(no int, quantity, unitPrice int64) order.Line {
	return order.Line{No: no, SKU: fmt.Sprintf("SKU%d", no), Category: "sofa", Kind: order.Merchandise, Quantity: quantity, UnitPrice: unitPrice, TaxIncluded: true}
}

// online is an untaxed order of the web store at noon of 2 March 2026, by a customer who is not bound.
func online(p *plan.Plan, lines ...order.Line) Input {
	return Input{
		Order: order.Order{
			State: order.Placed, Channel: order.Online, Store: id("web"), Customer: id("chen"),
			PlacedAt: at("2026-03-02 12:00"), Version: 1, Lines: lines,
		},
		Plan: p,
		Stores: map[shop.ID]Store{
			id("north"): {Code: "north", Kind: "shop"}, id("harbour"): {Code: "harbour", Kind: "shop"},
			id("garden"): {Code: "garden", Kind: "popup"}, id("web"): {Code: "web", Kind: "online"},
			id("sogo"): {Code: "sogo", Kind: "counter", HouseBP: 2500},
		},
		StaffCodes: map[shop.ID]string{id("lin"): "lin", id("wu"): "wu"},
		Zone:       taipei,
	}
}

// till is the same at the till of the shop north, served by lin and handed over at once.
func till(p *plan.Plan, lines ...order.Line) Input {
	in := online(p, lines...)
	in.Order.Channel, in.Order.Store, in.Order.Staff = order.Till, id("north"), id("lin")
	return in
}

// heldBy binds the customer a day before the order; staff "" is nobody, "pool" the store's pool.
func (in Input) heldBy(store, staff string) Input {
	in.Home = Home{Binding: id("binding"), Store: id(store), Person: StaffOf(id(staff)), Since: at("2026-03-01 12:00"), Source: "till"}
	if staff == "pool" {
		in.Home.Person = PoolOf(id(store))
	}
	return in
}

// scanned adds a scan at the time; the tag is named after its store and person.
func (in Input) scanned(when, store, staff string) Input {
	d := Display{Scan: id(fmt.Sprint("scan", len(in.Displays))), Tag: store + staff, Store: id(store), Person: StaffOf(id(staff)), At: at(when)}
	in.Displays = append(slices.Clip(in.Displays), d)
	return in
}

func (in Input) shipped(when string, lines ...int) Input {
	f := order.Fulfilment{ExternalID: "parcel " + when, Kind: order.Ship, At: at(when), Lines: lines}
	in.Order.Fulfilments = append(slices.Clip(in.Order.Fulfilments), f)
	return in
}

func (in Input) refunded(when string, lines ...order.RefundLine) Input {
	r := order.Refund{ExternalID: "refund " + when, Kind: order.RefundPaid, At: at(when), Lines: lines}
	in.Order.Refunds = append(slices.Clip(in.Order.Refunds), r)
	return in
}

// earned are the credits of each beneficiary in each role, net of refunds, zeros left out: "home_store store:north 600".
func earned(r Result) []string {
	var texts []string
	var done []string
	for _, c := range r.Credits {
		who := string(c.Role) + " " + written(c.To)
		if slices.Contains(done, who) {
			continue
		}
		done = append(done, who)
		if sum := sumOf(r, c.Role, c.To); sum != 0 {
			texts = append(texts, fmt.Sprint(who, " ", sum))
		}
	}
	return texts
}

func sumOf(r Result, role plan.Role, to Beneficiary) (sum int64) {
	for _, c := range r.Credits {
		if c.Role == role && c.To == to {
			sum += c.Left()
		}
	}
	return sum
}

func lost(r Result) []string {
	var texts []string
	for _, l := range r.Lost {
		texts = append(texts, fmt.Sprint(l.Role, " ", written(l.To), " ", l.Why))
	}
	return texts
}

func check(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %q\n want %q", what, got, want)
	}
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}
