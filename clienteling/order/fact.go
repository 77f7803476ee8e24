package order

import (
	"time"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// Fact is something that happened to one order, as another system tells it. Facts may come twice, late and in any
// sequence; all of them name the order, and its lines, by the other system's own texts.
type Fact interface {
	// OrderName is the other system's name of the order.
	OrderName() string
	// key is what the fact is claimed under, so that it counts once.
	key() key
	// instant is when it happened there.
	instant() time.Time
	// check says which fields nobody can mean.
	check(c *shop.Check)
}

// key is a row of fact_key: kind, name and sequence, within a brand and a source.
type key struct {
	kind     string
	name     string
	sequence int64
}

// ErrOfAnother refuses a fact whose number its system has given to a fact of another order: both would be taken for one.
var ErrOfAnother = shop.Refuse(shop.Conflict, "fact_of_another_order", "This number was told of another order. Number refunds, parcels and the like apart within a system, not within an order.")

func (k key) ofAnother() error {
	return ErrOfAnother.Saying("The %s %.60q was told of another order. Number refunds, parcels and the like apart within a system, not within an order.", k.kind, k.name)
}

// Kinds of fact_key. A refund's is its RefundKind, since papers of different kinds are numbered apart.
const (
	kindOrder      = "order"
	kindFulfilment = "fulfilment"
	kindPaid       = "paid"
	kindCancel     = "cancel"
	kindAdjustment = "adjustment"
	kindExchange   = "exchange"
)

// WasPlaced is the whole order as one version of it. The first version that comes makes the order; a higher one that comes
// later edits it; a lower one is kept as history and changes nothing that is true now.
type WasPlaced struct {
	Order      string
	Version    int       // zero: 1. Platforms that count no versions give the instant of the last change
	At         time.Time // when this version was made; zero: PlacedAt
	PlacedAt   time.Time
	State      State // empty: Placed
	Customer   shop.ID
	Identities []customer.Identity // who she is where Customer is not known, strongest first; none: an order without a customer
	Channel    Channel
	Store      shop.ID
	Staff      shop.ID
	Currency   shop.Currency
	TaxBP      int
	Discount   int64
	Lines      []Line // No 0: numbered in their sequence. ExternalID empty: the number

	Clicks       []shop.ID
	AssistStore  shop.ID
	AssistStaff  shop.ID
	Campaign     string
	PickupStore  shop.ID
	CashOnPickup bool
	DeliverLater bool

	EmployeeDiscount bool

	Invoice string // number of the invoice or receipt, by which another system's word of the same sale is known; empty: none yet

	PaidAt      time.Time // zero: not paid, or nobody said
	Payment     string    // what stands for the card or account there, as long as it is the same for the same; empty: nobody said
	CancelledAt time.Time // with State Cancelled; zero: At
	ExchangeOf  shop.ID   // the order whose exchange tells this one; zero: another system does
}

// WasEdited replaces the lines and the discount of an order. It has no effect on one whose version is as high already.
type WasEdited struct {
	Order    string
	Version  int // 2 or higher
	At       time.Time
	Discount int64
	Lines    []Line
}

// WasRefunded is a paper by which goods or money of an order went back.
type WasRefunded struct {
	Order      string
	ExternalID string
	Kind       RefundKind // empty: RefundPaid
	At         time.Time
	Lines      []RefundedLine // none: Amount over everything that is still refundable; Void: everything
	Amount     int64
}

// RefundedLine says how much of a line goes back, by pieces or by money.
type RefundedLine struct {
	Line     string `json:"line"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

// WasFulfilled is a parcel that left or a handover in a store.
type WasFulfilled struct {
	Order      string
	ExternalID string
	Kind       FulfilmentKind
	Store      shop.ID // zero: a warehouse
	At         time.Time
	Lines      []string // none: everything that the order then held
}

// WasPaid is the payment of an order. Of several the earliest counts.
type WasPaid struct {
	Order string
	At    time.Time
}

// WasCancelled ends an order: nothing is owed any more. Of several the earliest counts.
type WasCancelled struct {
	Order string
	At    time.Time
}

// WasAdjusted is money given back on lines while the goods stay.
type WasAdjusted struct {
	Order      string
	ExternalID string
	At         time.Time
	Lines      []AdjustedLine
}

// AdjustedLine says how much money is given back on a line.
type AdjustedLine struct {
	Line   string
	Amount int64
}

// WasExchanged is goods of an order that went back for others. By the plan of the order's day it is an edit of the order, at
// its old instant and with its claims, or a return and a new order of this name.
type WasExchanged struct {
	Order      string
	ExternalID string
	At         time.Time
	Out        []string // names of lines, taken out whole
	In         []Line   // each with a name or a number of its own; of a name that the order has, in place of that line
	Store      shop.ID  // who sold the new order; zero: who sold the old one
	Staff      shop.ID
}

func (f WasPlaced) OrderName() string    { return f.Order }
func (f WasEdited) OrderName() string    { return f.Order }
func (f WasRefunded) OrderName() string  { return f.Order }
func (f WasFulfilled) OrderName() string { return f.Order }
func (f WasPaid) OrderName() string      { return f.Order }
func (f WasCancelled) OrderName() string { return f.Order }
func (f WasAdjusted) OrderName() string  { return f.Order }
func (f WasExchanged) OrderName() string { return f.Order }

// An edit and a whole order with one version are the same claim: whichever comes first is that version.
func (f WasPlaced) key() key    { return key{kindOrder, f.Order, int64(f.version())} }
func (f WasEdited) key() key    { return key{kindOrder, f.Order, int64(f.Version)} }
func (f WasRefunded) key() key  { return key{string(f.kind()), f.ExternalID, 0} }
func (f WasFulfilled) key() key { return key{kindFulfilment, f.ExternalID, 0} }
func (f WasPaid) key() key      { return key{kindPaid, f.Order, f.At.UnixMilli()} }
func (f WasCancelled) key() key { return key{kindCancel, f.Order, f.At.UnixMilli()} }
func (f WasAdjusted) key() key  { return key{kindAdjustment, f.ExternalID, 0} }
func (f WasExchanged) key() key { return key{kindExchange, f.ExternalID, 0} }

func (f WasPlaced) instant() time.Time    { return f.at() }
func (f WasEdited) instant() time.Time    { return f.At }
func (f WasRefunded) instant() time.Time  { return f.At }
func (f WasFulfilled) instant() time.Time { return f.At }
func (f WasPaid) instant() time.Time      { return f.At }
func (f WasCancelled) instant() time.Time { return f.At }
func (f WasAdjusted) instant() time.Time  { return f.At }
func (f WasExchanged) instant() time.Time { return f.At }

func (f WasPlaced) version() int { return max(f.Version, 1) }

func (f WasPlaced) at() time.Time {
	if f.At.IsZero() {
		return f.PlacedAt
	}
	return f.At
}

func (f WasRefunded) kind() RefundKind {
	if f.Kind == "" {
		return RefundPaid
	}
	return f.Kind
}
