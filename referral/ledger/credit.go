package ledger

import (
	"encoding/json"
	"math/big"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// Credit is one beneficiary's part in one line of an order, as the rules say now.
type Credit struct {
	Order    shop.ID
	Role     plan.Role
	To       attribution.Beneficiary
	Parcel   string
	Line     int
	Store    shop.ID // under which the role is earned
	Minor    int64
	Reversed int64
	Volume   *big.Rat        // the base of the line less what came back of it in time
	Reason   json.RawMessage // attribution.Why
}

// OrderCredit is what the rules say now of one order.
type OrderCredit struct {
	Order     shop.ID
	Plan      shop.ID // zero: none was in force
	Reason    string  // why nobody earns, or empty
	Lost      []Lost
	Trace     *attribution.Trace // nil: credited before traces were kept
	PayableAt time.Time          // zero: not received yet
	VestedAt  time.Time          // zero: its credits are pending
	Credits   []Credit

	VestedMonth time.Time // in which their becoming payable is dated
	IsHeld      bool      // it waits for somebody to decide whether it is paid at all
}

// Lost is a claim on an order that earned nothing, as it is kept and shown.
type Lost struct {
	Role     plan.Role            `json:"role"`
	ToKind   attribution.Kind     `json:"to_kind"`
	To       shop.ID              `json:"to"`
	Why      attribution.LostTo   `json:"why"`
	Evidence attribution.Evidence `json:"evidence,omitzero"`
}
