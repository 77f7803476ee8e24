// Package attribution says who earns from an order, how much of which line, and why: order + scans + binding + plan in,
// credits with their reasons out. It is pure: it reads no clock, no database and no history, and the same facts give the same
// cents in whatever sequence they come.
//
// Always true: the shares of an order add up to its rounded sum exactly; what is taken back never exceeds a share, per line;
// a line that came back wholly gives its share back wholly; nothing is computed in floating point.
//
// It posts nothing (see ledger), and what depends on other orders (tiers, monthly caps, pools) is the month's close (see
// period). Who holds a customer is binding's answer, which plan is in force is plan's.
package attribution

import (
	"math/big"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// Input is everything that an order's credit depends on, as of the instant at which it was placed.
type Input struct {
	Order        order.Order
	Plan         *plan.Plan // in force on the order's day; nil: none was
	Home         Home       // who held the customer; the zero Home: nobody
	Displays     []Display  // scans by people that the order, the customer or her joining named, in any sequence
	Stores       map[shop.ID]Store
	StaffCodes   map[shop.ID]string // employee numbers, by which ties between people are broken
	SelfPurchase bool               // the buyer is staff and was employed when she bought
	IsRefused    bool               // it looked wrong, and a manager has refused to pay for it
	Left         map[shop.ID]Exit   // of those who may earn, who has left the brand by now
	Returning    bool               // the customer had placed another order before; asked only where the plan does (plan.AsksWhetherNew)
	Zone         *time.Location     // of the brand: its midnight begins a day
	Decisions    []Decision         // of disputes about the order, as they were decided
}

// Home is the binding that held the customer when she ordered.
type Home struct {
	Binding shop.ID // evidence, copied into reasons
	Store   shop.ID
	Person  Beneficiary // a staff member, the pool of the store, or nobody
	Since   time.Time
	Source  string

	Succession shop.ID // by which she passed to whoever holds her from who won her; zero: they are the same
}

// IsNobody says that no store held the customer: she is unbound, or chose to have none.
func (h Home) IsNobody() bool { return h.Store.IsZero() }

func (h Home) evidence() Evidence {
	return Evidence{Binding: h.Binding, Source: h.Source, Passed: h.Succession, At: h.Since}
}

// Display is one scan of a tag by a person.
type Display struct {
	Scan      shop.ID // evidence; also breaks ties between scans of one instant
	Tag       string  // code
	Placement tag.Placement
	Store     shop.ID
	Person    Beneficiary // the tag's staff member, or nobody
	At        time.Time
}

// Store is what commission needs to know of a store.
type Store struct {
	Code    string // by which ties between stores are broken
	Kind    string
	HouseBP int64 // of a counter: what the department store keeps of a sale, in basis points
}

// Reason says why an order earns nobody anything.
type Reason string

const (
	SelfPurchase     Reason = "self_purchase"
	HoldRefused      Reason = "hold_refused" // it looked wrong and was held, and a manager has refused it
	NoPlan           Reason = "no_plan"
	TestOrder        Reason = "test_order"
	EmployeeDiscount Reason = "employee_discount" // bought with it, and the plan excludes such orders
	BelowMinimum     Reason = "below_minimum"     // of the sale alone: who packed it or handed it over is paid
)

// Result is an order's credit. Amounts are minor units of the order's currency.
type Result struct {
	Reason      Reason // "" when the order may earn
	Lines       []Line // by line number
	Credits     []Credit
	Lost        []Lost
	Reversals   []Reversal
	Takings     []Taking      // the same, by whose it was then
	Returns     order.Returns // what each refund did, with its outcome; see also Outcome
	ReceivedAt  time.Time     // zero: not yet
	PayableAt   time.Time     // zero: not received yet, or there is no plan
	ClawbackEnd time.Time     // refunds from this instant on take nothing back; zero: there is no end
}

// Line is what a line of the order was worth.
type Line struct {
	No       int
	Paid     int64
	Net      int64
	Base     *big.Rat // what rates are taken of
	Reversed *big.Rat // 0..1: the part of it that was returned in time, so takes credit and volume back
}

// Credit is what one beneficiary earns in one role from one line.
type Credit struct {
	Role     plan.Role
	To       Beneficiary
	Store    shop.ID // under which the role is earned
	Parcel   string  // pickup and packing: name of the fulfilment; "" for a sale
	Line     int     // 0: the fixed fee of a parcel, which is never reversed
	Minor    int64
	Reversed int64     // 0..Minor
	Since    time.Time // when a decision gave it to whoever has it; zero: from the order on
	Why      Why
}

// Left is the credit net of what was taken back.
func (c Credit) Left() int64 { return c.Minor - c.Reversed }

// Compute credits an order.
func Compute(in Input) Result {
	r, _ := compute(in)
	return r
}

func compute(in Input) (Result, workings) {
	lines := basesOf(in)
	amounts := lines.amounts
	returns := in.Order.Returned(amounts, in.Plan != nil && in.Plan.PriceAdjustment == plan.Reverse)
	r := Result{Returns: returns, Reason: in.earnsNothing(), ReceivedAt: in.Order.ReceivedAt(returns)}
	if in.Plan != nil {
		r.PayableAt = payableAt(r.ReceivedAt, in.Plan, in.Zone)
		r.ClawbackEnd = clawbackEnd(r.ReceivedAt, in.Plan, in.Zone)
	}
	r.Lines = lines.returned(returns.Before(r.ClawbackEnd))
	if r.Reason != "" {
		return r, workings{lines: lines}
	}
	w := workings{lines: lines}
	if in.isBelowMinimum(lines) {
		r.Reason = BelowMinimum
	} else {
		w.claims, r.Lost = in.claims()
		w.rows = in.rowsOf(w.claims, lines)
		r.Credits = in.saleCredits(w.rows, lines)
	}
	r.Credits = append(r.Credits, in.parcelCredits(lines)...)
	r.reverse()
	r.passOn(in)
	return r, w
}

// earnsNothing is why nobody is credited, or "". Who buys comes before what is in force: it stays true under any plan.
func (in *Input) earnsNothing() Reason {
	switch {
	case in.Order.State == order.Test:
		return TestOrder
	case in.SelfPurchase:
		return SelfPurchase
	case in.IsRefused:
		return HoldRefused
	case in.Plan == nil:
		return NoPlan
	case in.Plan.Exclude.EmployeeDiscount && in.Order.EmployeeDiscount:
		return EmployeeDiscount
	}
	return ""
}
