package attribution

import (
	"math/big"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// Trace is everything from which an order's credits were worked out, kept once for each order beside them: from it alone
// Recompute gives every credit and every reversal again, to the cent. It names stores, staff and tags, never the customer.
//
// What rules ask about (store kind, channel, category, SKU, tag, age of the binding) is in it as facts. With the version of
// the plan, which never changes, they also say which rules were passed over and why: see Passed.
type Trace struct {
	Plan         int              `json:"plan,omitempty"`   // version in force; 0: none was
	Reason       Reason           `json:"reason,omitempty"` // why nobody earns
	Placed       time.Time        `json:"placed"`
	Zone         string           `json:"zone"` // whose midnight begins a day
	Channel      order.Channel    `json:"channel"`
	Campaign     string           `json:"campaign,omitempty"` // by which the order came
	Buyer        string           `json:"buyer,omitempty"`    // new or returning; absent: the plan does not ask, or the order is nobody's
	TaxBP        int              `json:"tax_bp,omitempty"`
	Discount     int64            `json:"discount,omitempty"` // off the whole order
	HouseBP      int64            `json:"house_bp,omitempty"` // of a counter: what the house keeps, where the plan leaves it out of the base
	Lines        []TracedLine     `json:"lines"`
	Home         *Evidence        `json:"home,omitempty"`      // the binding on which home roles stand
	Display      *plan.Display    `json:"display,omitempty"`   // by which window and choice the scans were judged
	OrderMin     *int64           `json:"order_min,omitempty"` // to which the bases did not come: the sale earns nobody anything
	Claims       []TracedClaim    `json:"claims,omitempty"`    // that stand, as ties are broken; those that lost are kept beside the trace
	Aside        []TracedScan     `json:"aside,omitempty"`     // scans that could claim nothing, one for each store
	Caps         []TracedCap      `json:"caps,omitempty"`      // that were exceeded
	Sale         *Rounded         `json:"sale,omitempty"`
	Parcels      []TracedParcel   `json:"parcels,omitempty"`
	Adjusts      bool             `json:"adjustments_count,omitempty"` // price adjustments take credit back, as refunds do
	Returned     []TracedReturn   `json:"returned,omitempty"`
	Left         []TracedExit     `json:"left,omitempty"`
	Decided      []TracedDecision `json:"decided,omitempty"`
	Received     time.Time        `json:"received,omitzero"`
	HoldDays     int              `json:"hold_days,omitempty"`
	ClawbackDays *int             `json:"clawback_days,omitempty"` // absent: refunds are taken back for ever
}

// TracedExit is the end of somebody's time at the brand, where the plan gives what she then had pending to a pool.
type TracedExit struct {
	Staff shop.ID   `json:"staff"`
	At    time.Time `json:"at"`
	Store shop.ID   `json:"store,omitzero"` // whose pool it is; absent: she worked nowhere
}

// TracedDecision is how a dispute about the order ended.
type TracedDecision struct {
	Dispute  shop.ID   `json:"dispute"`
	Role     plan.Role `json:"role"`
	FromKind Kind      `json:"from_kind,omitempty"` // absent: whoever had it
	From     shop.ID   `json:"from,omitzero"`
	ToKind   Kind      `json:"to_kind"`
	To       shop.ID   `json:"to"`
	Store    shop.ID   `json:"store,omitzero"`
	At       time.Time `json:"at"`
}

// TracedLine is a line from its price to its net. Paid = quantity x price - own discount - part; without tax it is Net.
type TracedLine struct {
	No       int            `json:"no"`
	SKU      string         `json:"sku,omitempty"`
	Category string         `json:"category,omitempty"`
	Kind     order.LineKind `json:"kind,omitempty"` // absent: merchandise
	Quantity int64          `json:"qty"`
	Price    int64          `json:"price"` // of a unit
	Discount int64          `json:"discount,omitempty"`
	Part     int64          `json:"part,omitempty"` // of the order's discount
	TaxFree  bool           `json:"tax_free,omitempty"`
	Net      int64          `json:"net"`
	Excluded bool           `json:"excluded,omitempty"` // by the plan: it has no base
}

// Paid is what the customer paid for the line.
func (l TracedLine) Paid() int64 { return l.Quantity*l.Price - l.Discount - l.Part }

// TracedClaim is a claim that stands, and the rules that give it its rates.
type TracedClaim struct {
	Role      plan.Role     `json:"role"`
	ToKind    Kind          `json:"to_kind"`
	To        shop.ID       `json:"to"`
	Store     shop.ID       `json:"store,omitzero"` // under which the role is earned; absent: To
	StoreKind string        `json:"store_kind"`
	Weight    *big.Rat      `json:"weight,omitempty"` // absent: nobody shares it
	Rules     []Applied     `json:"rules,omitempty"`  // none: no rule fits on any line
	Scan      shop.ID       `json:"scan,omitzero"`    // of a display, with its tag and when
	Tag       string        `json:"tag,omitempty"`
	At        time.Time     `json:"at,omitzero"`
	Placement tag.Placement `json:"placement,omitempty"` // of the tag, where displays are weighed by it
}

// Applied is the first rule of which all conditions hold, and the lines where it is.
type Applied struct {
	Rule   int   `json:"rule"`
	RateBP int64 `json:"rate_bp,omitempty"`
	Lines  []int `json:"lines,omitempty"` // absent: all that have a base
}

// TracedScan is a scan that could claim nothing: it lay outside the window that ends with the order.
type TracedScan struct {
	Scan  shop.ID   `json:"scan"`
	Tag   string    `json:"tag"`
	Store shop.ID   `json:"store"`
	Staff shop.ID   `json:"staff,omitzero"`
	At    time.Time `json:"at"`
}

// TracedCap is a cap that the shares under it exceeded: each was multiplied by Minor / Sum.
type TracedCap struct {
	Cap   string    `json:"cap"` // "role" or "order"
	Role  plan.Role `json:"role,omitempty"`
	Minor int64     `json:"minor"`
	Sum   *big.Rat  `json:"sum"`
}

// Rounded is the one rounding of a sale: the exact sum of its shares, half-up, and how many units were left over when each
// share was cut down to whole units. Those went one each to the largest fractions.
type Rounded struct {
	Sum   *big.Rat `json:"sum"`
	Minor int64    `json:"minor"`
	Left  int64    `json:"left,omitempty"`
}

// TracedParcel is a handover by a store: its fixed fee, and the rules of its lines.
type TracedParcel struct {
	Parcel    string    `json:"parcel"`
	Role      plan.Role `json:"role"`
	Store     shop.ID   `json:"store"`
	StoreKind string    `json:"store_kind"`
	FeeRule   int       `json:"fee_rule,omitempty"`
	FeeMinor  int64     `json:"fee_minor,omitempty"`
	Rules     []Applied `json:"rules,omitempty"` // each names its lines
}

// TracedReturn is one event that took goods or money back: what it asked for, and how much of each line had come back after it.
type TracedReturn struct {
	Kind   order.RefundKind `json:"kind"`
	Event  string           `json:"event,omitempty"` // its name in the system that told us
	At     time.Time        `json:"at"`
	Lines  []TracedRefund   `json:"lines,omitempty"`
	Minor  int64            `json:"minor,omitempty"`   // of a refund that names no lines
	Came   []*big.Rat       `json:"came"`              // 0..1 of each line
	TooOld bool             `json:"too_old,omitempty"` // it came after the clawback days and takes nothing back
}

// TracedRefund is what a refund asked of a line, in pieces or in money; what an exchange takes goes wholly and says neither.
type TracedRefund struct {
	No       int   `json:"no"`
	Quantity int64 `json:"qty,omitempty"`
	Minor    int64 `json:"minor,omitempty"`
}

// Parties are all whom the trace names.
func (t *Trace) Parties() []Beneficiary {
	var named []Beneficiary
	for _, c := range t.Claims {
		named = append(named, Beneficiary{c.ToKind, c.To}, StoreOf(c.under()))
	}
	for _, s := range t.Aside {
		named = append(named, StoreOf(s.Store), StaffOf(s.Staff))
	}
	for _, e := range t.Left {
		named = append(named, StaffOf(e.Staff), PoolOf(e.Store))
	}
	for _, d := range t.Decided {
		named = append(named, Beneficiary{d.FromKind, d.From}, Beneficiary{d.ToKind, d.To})
	}
	for _, p := range t.Parcels {
		named = append(named, StoreOf(p.Store))
	}
	return named
}
