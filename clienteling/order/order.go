// Package order keeps what customers bought: orders, their lines, what was refunded and how they were handed over.
//
// Always true: the same outside fact changes nothing the second time (fact_key); a fact that names an order which has not
// come yet waits for it; an order's id carries the instant at which it was placed. Facts arrive twice, late and out of
// order, and the state afterwards is the same as if they had arrived once and in time. A sale that several systems tell of under
// one invoice is one order: see sale.go.
//
// It does not know who earns from an order. Whoever must hear of a change implements Listener and is named in
// cmd/homestore/wire.go.
package order

import (
	"time"

	"homestore/clienteling/shop"
)

// Channel is where an order was placed.
type Channel string

const (
	Online Channel = "online"
	Till   Channel = "till"
)

// State is what an order is now. Only a placed order earns anybody anything.
type State string

const (
	Placed    State = "placed"
	Cancelled State = "cancelled" // also voided by the platform: nothing is owed any more
	Test      State = "test"      // a platform's test order: kept, shown, counts nowhere
)

// LineKind says what a line sells. Commission is earned on merchandise alone.
type LineKind string

const (
	Merchandise LineKind = "merchandise"
	Shipping    LineKind = "shipping"
	GiftCard    LineKind = "gift_card"
	Tip         LineKind = "tip"
)

// Order is one purchase as it is known now.
type Order struct {
	ID         shop.ID // carries PlacedAt
	Brand      shop.BrandID
	Source     string // the system that told us: 'shopify', 'pos', 'api', 'file:online-retail', …
	ExternalID string // its name there, text as it came
	Version    int    // 1 as placed; each edit is a higher one
	PlacedAt   time.Time
	RecordedAt time.Time
	ChangedAt  time.Time // for who hears of a change: when the last of the facts that made it happened; else zero
	State      State
	Customer   shop.ID // zero: an order without a customer
	Former     shop.ID // for who hears of a change: whose it was before; zero where that is not another's
	Channel    Channel
	Store      shop.ID // who sold: the till's store; for online orders the web store
	Staff      shop.ID // till: who served; zero when nobody said
	Currency   shop.Currency
	TaxBP      int   // tax contained in TaxIncluded prices, in basis points, as of the order
	Discount   int64 // off the whole order, minor units, spread over merchandise lines
	Lines      []Line

	Clicks       []shop.ID // scans named by signed click ids that came with the order
	AssistStore  shop.ID   // cart link or employee number that it came by
	AssistStaff  shop.ID
	Campaign     string  // code of the campaign that it came by; empty: none, or nobody said
	PickupStore  shop.ID // intention only; the handover is a Fulfilment
	CashOnPickup bool    // to be paid when collected (超商取貨付款): receipt waits for PaidAt, at a till too
	PaidAt       time.Time
	DeliverLater bool // a till order that was not handed over at once

	EmployeeDiscount bool // bought at the price for the brand's own people; whether it earns is the plan's word

	CancelledAt   time.Time
	Fulfilments   []Fulfilment
	Refunds       []Refund
	NeutralAdjust []Adjustment // price adjustments; whether they are neutral or taken back like refunds is the plan's word
	Withdrawn     []Withdrawn  // lines that an edit or an exchange took out
	Exchanges     []Exchange
	ExchangeOf    shop.ID // the order of whose exchange this one was made; zero: none
}

// Line is one line of an order. Amounts are minor units of the order's currency.
type Line struct {
	No          int // 1.. within the order, never reused
	ExternalID  string
	SKU         string
	Name        string
	Category    string
	Kind        LineKind
	Quantity    int64
	UnitPrice   int64
	Discount    int64 // for the whole line
	TaxIncluded bool
	AddedAt     time.Time // when an edit or an exchange brought it; zero: as placed
}

// Withdrawn is a line that an edit or an exchange took out. It earns nothing any more, but what was received with it
// stays received, and the parcel it went in stays packed.
type Withdrawn struct {
	Line
	At time.Time
}

// Gross is quantity times unit price less the line's own discount; the order's discount is not in it.
func (l Line) Gross() int64 { return l.Quantity*l.UnitPrice - l.Discount }

// FulfilmentKind says how goods reached the customer.
type FulfilmentKind string

const (
	Ship   FulfilmentKind = "ship"
	Pickup FulfilmentKind = "pickup"
)

// Fulfilment is one parcel or one handover in a store.
type Fulfilment struct {
	ExternalID string
	Kind       FulfilmentKind
	Store      shop.ID // who packed or handed over; zero: a warehouse
	At         time.Time
	Lines      []int // line numbers; none: everything that the order then held
}

// RefundKind tells apart the papers that may speak of the same goods: they count once (the larger of the accounts).
type RefundKind string

const (
	RefundPaid RefundKind = "refund"    // the platform gave money back
	Allowance  RefundKind = "allowance" // 折讓, on the invoice
	Void       RefundKind = "void"      // 作廢, the whole invoice
)

// Refund is one paper by which goods or money went back.
type Refund struct {
	ExternalID string
	Kind       RefundKind
	At         time.Time
	Lines      []RefundLine // none: Amount over everything that is still refundable; Void: everything
	Amount     int64
}

// RefundLine says how much of a line a refund takes back: by pieces or by money, whichever is not zero.
type RefundLine struct {
	No       int
	Quantity int64
	Amount   int64
}

// Adjustment is money given back on a line while the goods stay (price adjustment). One paper may give it on several lines.
type Adjustment struct {
	ExternalID string
	At         time.Time
	No         int
	Amount     int64
}
