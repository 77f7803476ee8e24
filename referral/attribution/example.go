package attribution

import (
	"fmt"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// Example is a typical order, played through a plan: who would get what, and why, in the words of people who run shops.
type Example struct {
	Name   string    `json:"name"` // stable, for programs
	Story  shop.Text `json:"story"`
	Reason Reason    `json:"reason,omitempty"` // why nobody gets a share of the sale
	Gets   []Gets    `json:"gets"`
	Lost   []Misses  `json:"lost"`
}

// Gets is what one of them gets in one role, net of what was taken back.
type Gets struct {
	Role  plan.Role `json:"role"`
	To    shop.Text `json:"to"`
	Minor int64     `json:"minor"`
	Why   shop.Text `json:"why"`
}

// Misses is a claim that earned nothing, and what it lost to.
type Misses struct {
	Role plan.Role `json:"role"`
	To   shop.Text `json:"to"`
	Why  LostTo    `json:"why"`
}

// Those who appear in the examples, by ids that no database gives.
var (
	shopA, shopB, webShop, counterC = actorID(1), actorID(2), actorID(3), actorID(4)
	lin, wu, ho, chen               = actorID(5), actorID(6), actorID(7), actorID(8)

	cast = map[shop.ID]shop.Text{
		shopA: said("甲店", "shop A"), shopB: said("乙店", "shop B"), webShop: said("網路商店", "the online store"), counterC: said("丙專櫃", "counter C"),
		lin: said("小林（甲店）", "Lin of shop A"), wu: said("小吳（乙店）", "Wu of shop B"), ho: said("小何（丙專櫃）", "Ho of counter C"),
	}
)

func actorID(n byte) shop.ID { return shop.ID{15: n} }

func said(chinese, english string) shop.Text {
	return shop.Text{shop.TraditionalChinese: chinese, shop.English: english}
}

// Examples plays the typical orders of a brand through a plan. Each is of two pieces of goods; of a category for which the plan
// has a rule, where it has one.
func Examples(p *plan.Plan, currency shop.Currency, taxBP int) []Example {
	var all []Example
	for _, s := range scenes {
		in := stage(p, currency, taxBP)
		s.play(&in)
		all = append(all, in.example(s.name, s.story(currency, in.Order)))
	}
	return all
}

// scene is one typical order.
type scene struct {
	name             string
	chinese, english string // %s is what was paid
	play             func(*Input)
}

var scenes = []scene{
	{"web_order", "陳小姐的歸屬門市是甲店（小林帶來的）。她在網路商店買了兩件，共 %s，由甲店出貨。", "Ms Chen's home is shop A, where Lin won her. She buys two pieces on the web for %s; shop A packs the parcel.", func(in *Input) {
		in.handOver(order.Ship, shopA)
	}},
	{"display_elsewhere", "同樣的網路訂單（%s），但她前一天在乙店掃了貨架上小吳的條碼。", "The same web order (%s), but the day before she scanned Wu's tag on a shelf of shop B.", func(in *Input) {
		in.Displays = []Display{{Scan: actorID(20), Tag: "EXAMPLE", Placement: tag.Shelf, Store: shopB, Person: StaffOf(wu), At: in.Order.PlacedAt.AddDate(0, 0, -1)}}
	}},
	{"till_sale_elsewhere", "陳小姐在乙店結帳（%s），小吳接待。", "Ms Chen buys at the till of shop B (%s), served by Wu.", func(in *Input) {
		in.Order.Channel, in.Order.Store, in.Order.Staff = order.Till, shopB, wu
	}},
	{"assisted_cart", "小吳在乙店替陳小姐建了購物車連結，她用自己的手機付款（%s）。", "Wu of shop B builds a cart link for Ms Chen, who pays on her own phone (%s).", func(in *Input) {
		in.Order.AssistStore, in.Order.AssistStaff = shopB, wu
	}},
	{"click_and_collect", "陳小姐在網路商店下單（%s），到乙店取貨。", "Ms Chen orders on the web (%s) and collects at shop B.", func(in *Input) {
		in.handOver(order.Pickup, shopB)
	}},
	{"counter_sale", "沒有登記的客人在百貨專櫃丙買了 %s，小何接待；百貨抽成 25 %%。", "Somebody whom nobody knows buys at counter C in a department store for %s, served by Ho; the house keeps 25 %%.", func(in *Input) {
		in.Order.Channel, in.Order.Store, in.Order.Staff, in.Order.Customer, in.Home, in.Returning = order.Till, counterC, ho, shop.ID{}, Home{}, false
	}},
	{"half_returned", "第一個例子的訂單（%s），收貨後三天退了一件。", "The order of the first example (%s), of which one piece comes back three days after receipt.", func(in *Input) {
		in.handOver(order.Ship, shopA)
		in.Order.Refunds = []order.Refund{{ExternalID: "r", Kind: order.RefundPaid, At: in.Order.PlacedAt.AddDate(0, 0, 4), Lines: []order.RefundLine{{No: 1, Quantity: 1}}}}
	}},
	{"self_purchase", "小林自己在網路商店買了 %s。", "Lin buys on the web for herself, for %s.", func(in *Input) {
		in.SelfPurchase = true
	}},
}

func (s scene) story(currency shop.Currency, o order.Order) shop.Text {
	paid := currency.Price(o.Lines[0].Gross())
	return said(fmt.Sprintf(s.chinese, paid), fmt.Sprintf(s.english, paid))
}

// stage is the order that every example changes: on the web, by a customer of shop A who had bought before.
func stage(p *plan.Plan, currency shop.Currency, taxBP int) Input {
	price := int64(10500)
	if digits, _ := currency.Digits(); digits > 0 {
		price *= 10
	}
	placed := p.FirstDay.Time
	return Input{
		Plan: p, Zone: time.UTC, Returning: true,
		Order: order.Order{
			State: order.Placed, Channel: order.Online, Store: webShop, Customer: chen, Currency: currency, TaxBP: taxBP, PlacedAt: placed, Version: 1,
			Lines: []order.Line{{No: 1, SKU: "EXAMPLE", Category: usualCategory(p), Kind: order.Merchandise, Quantity: 2, UnitPrice: price, TaxIncluded: true}},
		},
		Home: Home{Binding: actorID(21), Store: shopA, Person: StaffOf(lin), Since: placed.AddDate(0, 0, -100), Source: "till"},
		Stores: map[shop.ID]Store{
			shopA: {Code: "A", Kind: "shop"}, shopB: {Code: "B", Kind: "shop"}, webShop: {Code: "WEB", Kind: "online"}, counterC: {Code: "C", Kind: plan.Counter, HouseBP: 2500},
		},
		StaffCodes: map[shop.ID]string{lin: "lin", wu: "wu", ho: "ho"},
	}
}

// usualCategory is the first that a rule names and that earns; none where no rule does.
func usualCategory(p *plan.Plan) string {
	for _, r := range p.Rules {
		if c := r.When.Category; c != "" && !p.Excludes("", c) {
			return c
		}
	}
	return ""
}

func (in *Input) handOver(kind order.FulfilmentKind, store shop.ID) {
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: kind, Store: store, At: in.Order.PlacedAt.AddDate(0, 0, 1)}}
}
