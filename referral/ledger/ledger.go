// Package ledger keeps the book of commission: double entry, append only.
//
// Always true: one row is one transfer between two accounts, so the book balances by construction; no row is ever changed or
// deleted; what takes something back names the transfer of which it takes it, and never takes more; what an order's
// beneficiaries have in the book is what attribution says of the order's facts as they are known now. A fact that arrives
// late, twice or out of order therefore changes rows, never anybody's total: the order is credited anew and the difference
// to what was posted is posted.
//
// Nothing is dated in a closed month: what belongs to one and comes later is dated in the first open month. A transfer is sealed
// after it was posted: whoever changes, removes or swaps a sealed one behind the program is named by Invariants.
//
// An order that looks wrong when it becomes due is held: nothing of it is payable before somebody has decided (Hold).
//
// It decides nothing about who earns: see attribution; nor when a month is closed: see period.
package ledger

import (
	"crypto/sha256"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// AccountKind is the state of the money that an account holds.
type AccountKind string

const (
	Expense AccountKind = "expense" // the brand's, from which all commission comes
	Pending AccountKind = "pending" // earned, while the customer may still return the goods
	Payable AccountKind = "payable" // earned for good, on no statement yet
	Stated  AccountKind = "stated"
	Paid    AccountKind = "paid"
)

// Account is one column of the book: what state of money, whose, in which currency.
type Account struct {
	Kind     AccountKind
	Holder   attribution.Beneficiary // nobody: the brand itself
	Currency shop.Currency
}

// ID is computed from what the account is (UUIDv8, RFC 9562: the first bytes of a SHA-256), so that a posting needs no
// look-up. The brand is not in it: it stands beside it in every key.
func (a Account) ID() shop.ID {
	text := strings.Join([]string{string(a.Kind), string(a.Holder.Kind), a.Holder.ID.String(), string(a.Currency)}, "|")
	sum := sha256.Sum256([]byte(text))
	id := shop.ID(sum[:16])
	id[6] = 0x80 | id[6]&0x0f
	id[8] = 0x80 | id[8]&0x3f
	return id
}

func (a Account) holderKind() string {
	if a.Holder.IsNobody() {
		return "brand"
	}
	return string(a.Holder.Kind)
}

// TransferKind says what a transfer is for.
type TransferKind string

const (
	Credited  TransferKind = "credit"     // an order's share, as first known
	Corrected TransferKind = "correction" // the order was credited anew: a binding, an edit, a fact that came late
	Refunded  TransferKind = "refund"     // goods or money went back
	Vested    TransferKind = "vest"       // the return period is over: pending became payable

	// What stands on no order, but on a month or on a decision of head office. See period.
	Tier        TransferKind = "tier"         // more for the volume of a month
	Reached     TransferKind = "target"       // more for a target reached
	MonthMin    TransferKind = "month_min"    // up to the least that a month gives
	MonthCap    TransferKind = "month_cap"    // down to the most that a month gives
	ClawbackCap TransferKind = "clawback_cap" // what refunds took in a month beyond the most that they may
	Divided     TransferKind = "pool"         // a pool's, to those who worked there
	Adjusted    TransferKind = "adjust"
	ToState     TransferKind = "state" // payable became stated: it is on a statement
	PaidOut     TransferKind = "pay"   // stated became paid
)

// Transfer is one row of the book.
type Transfer struct {
	ID          shop.ID // carries PostedAt
	Kind        TransferKind
	Role        plan.Role
	Debit       Account
	Credit      Account
	Minor       int64 // > 0
	Order       shop.ID
	Parcel      string
	Line        int    // 0 for a parcel's fixed fee, and for all lines together (Vested)
	Fact        string // "" the order itself; else the event that took something back
	Reverses    shop.ID
	Reason      []byte    // JSON: attribution.Why for a credit
	EffectiveAt time.Time // when the fact happened: says to which month it belongs
	Month       time.Time // in which it is dated, its first day as midnight UTC: the first open one where its own is closed
	PostedAt    time.Time
}

// key is one cell of an order's commission that is compared between attribution and book.
type key struct {
	Role   plan.Role
	To     attribution.Beneficiary
	Parcel string
	Line   int

	Currency shop.Currency // a later version of the order may say another: what was given in one is taken back in it
}
