// Package binding keeps which store, and which person in it, won a customer: her home store, for life.
//
// Always true: a customer has at most one live binding, and her bindings never overlap; the database refuses both. A binding
// begins at its evidence: one that a scan won, at the scan; every other, and every one that replaces another, when it was
// recorded, so nobody's past is changed behind her. Each attempt to win her is kept, also the refused ones. What she chose
// herself binds staff and managers alike. A click id and an invoice bind one customer once.
//
// When people leave or move, or a store closes, no binding is touched: a succession says to whom customers pass from which
// instant on, and whose a customer is at an instant is her binding and the successions since. Who held her before stays.
//
// It does not decide who earns from a sale: see attribution. Whoever must hear of a change implements Listener.
package binding

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Source is what a binding rests on.
type Source string

const (
	FromScan      Source = "scan"       // she joined with a live click id
	FromStaffCode Source = "staff_code" // she scanned a staff member's own code in the app
	FromTill      Source = "till"       // an employee number was entered while she was enrolled or served
	FromInvoice   Source = "invoice"    // she showed the invoice of a sale
	FromImport    Source = "import"     // another system said so
	ByTransfer    Source = "transfer"   // a manager decided, with a reason
	ByCustomer    Source = "customer"   // she chose her store herself, or none
)

// Won is the outcome of a claim that became a binding; all other outcomes are codes of refusals.
const Won = "won"

// Refusals, in the order in which a claim is checked, then those of transfers and of her own choice. Beside them,
// scan.ErrUnknownClick and scan.ErrExpiredClick can come back from Join.
var (
	ErrClickUsed      = shop.Refuse(shop.Conflict, "click_used", "This click id has bound somebody already.")
	ErrInvoiceUsed    = shop.Refuse(shop.Conflict, "invoice_used", "This invoice has been shown before.")
	ErrNotAssigned    = shop.Refuse(shop.Unprocessable, "not_assigned", "This person does not work at this store on that day.")
	ErrSelfReferral   = shop.Refuse(shop.Unprocessable, "self_referral", "Nobody wins herself as a customer.")
	ErrCustomerChoice = shop.Refuse(shop.Conflict, "customer_choice", "She chose her home store herself; only she can change it.")
	ErrAlreadyBound   = shop.Refuse(shop.Conflict, "already_bound", "She has a home store already.")
	ErrReason         = shop.Refuse(shop.Unprocessable, "reason_required", "Give the reason for the transfer.")
	ErrChoiceTooSoon  = shop.Refuse(shop.Conflict, "choice_too_soon", "The home store was chosen a short time ago and cannot be changed yet.")
)

// What the database itself refuses.
var (
	_ = postgres.RefuseOn("binding_one_live_per_customer", ErrAlreadyBound)
	_ = postgres.RefuseOn("binding_never_overlaps", ErrAlreadyBound)
	_ = postgres.RefuseOn("binding_store_fkey", team.ErrStoreUnknown)
	_ = postgres.RefuseOn("binding_staff_fkey", team.ErrStaffUnknown)
	_ = postgres.RefuseOn("click_used_once", ErrClickUsed)
	_ = postgres.RefuseOn("invoice_used_once", ErrInvoiceUsed)
)

// Holder is whose a customer is at an instant.
type Holder struct {
	Bound      bool    // false: nobody has won her yet
	Store      shop.ID // zero while Bound: she chose nobody
	Staff      shop.ID // zero: the store alone, or the pool
	Pool       bool    // the staff part is that of all who work at Store: who had it has left
	Source     Source
	Since      time.Time // of the binding, also where she has passed on to others since
	BindingID  shop.ID
	Succession shop.ID // by which she came to this holder; zero: the binding itself says so
}

// Binding is one stretch of a customer's history.
type Binding struct {
	ID         shop.ID
	Customer   shop.ID
	No         int     // 1.. within the customer, as they were recorded
	Store      shop.ID // zero: she chose nobody
	Staff      shop.ID
	Source     Source
	Evidence   Evidence
	From       time.Time
	Until      time.Time // zero: live; the instant itself is outside
	RecordedAt time.Time
}

// IsLive says whether the binding is the one in force.
func (b Binding) IsLive() bool { return b.Until.IsZero() }

// Evidence is what a claim or a binding rests on, copied: scans expire.
type Evidence struct {
	Scan      shop.ID   `json:"scan,omitzero"`
	Tag       shop.ID   `json:"tag,omitzero"`
	Code      string    `json:"code,omitempty"`
	Placement string    `json:"placement,omitempty"`
	ScannedAt time.Time `json:"scanned_at,omitzero"`
	Invoice   string    `json:"invoice,omitempty"`
	By        string    `json:"by,omitempty"`     // shop.Actor.Pseudonym of who recorded it
	Session   shop.ID   `json:"session,omitzero"` // the sign-in by which it was recorded
	Device    shop.ID   `json:"device,omitzero"`  // the shop's device
	Visit     shop.ID   `json:"visit,omitzero"`   // by which she was there
	Policy    shop.ID   `json:"policy,omitzero"`  // the version that decided; zero: the defaults
	Hold      shop.ID   `json:"hold,omitzero"`    // it waited until then
	Reason    string    `json:"reason,omitempty"`
	Since     string    `json:"listed_since,omitempty"` // the day that an imported list says; she was bound when it was imported
}

// Claim is one attempt to win a customer.
type Claim struct {
	Customer   shop.ID
	No         int // 1.. within the customer, as they were recorded
	Store      shop.ID
	Staff      shop.ID
	Source     Source
	Outcome    string // Won, or the code of the refusal
	Evidence   Evidence
	RecordedAt time.Time
	Against    shop.ID // the binding that was live: the claim lost to it, or replaced it; zero: nobody had won her
	Rule       string  // by which it won or lost; empty where the outcome says it all
}

// Attempt is a claim that is to be made for a store, and perhaps a person in it.
type Attempt struct {
	Customer shop.ID
	Store    shop.ID
	Staff    shop.ID // zero: for the store alone
	Source   Source  // staff_code, till, invoice or import
	Invoice  string  // of source invoice

	ListedSince string // of source import: the day that the list says

	visit shop.ID // by which she is there
	shown bool    // she has shown her member code for it, which is a yes
}

// Outcome is what came of an attempt. A refusal is not an error: the refused claim is kept, so the transaction commits.
type Outcome struct {
	Bound   bool
	Refusal *shop.Refusal // why not; nil also where nothing was claimed
	Binding Binding       // when Bound
}

// Code is Won, or the code of the refusal.
func (o Outcome) Code() string {
	if o.Refusal != nil {
		return o.Refusal.Code
	}
	return Won
}

// Err is the refusal as an error, nil when there is none.
func (o Outcome) Err() error {
	if o.Refusal == nil {
		return nil
	}
	return o.Refusal
}

// Listener hears of every changed binding in the transaction that changes it, and of scans that became a customer's own.
type Listener interface {
	BindingChanged(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c Change, now time.Time) error
}

// Change is that a customer is somebody else's, or has scanned more, than was known before.
type Change struct {
	Customer shop.ID
	Since    time.Time // from when on; before At when a scan won her
	At       time.Time // when that happened by which she is; before now when it is heard of late
}

// LeaverListener is a Listener that hears besides when somebody has left the brand, and when somebody has moved or a store has closed,
// so that work which was to go on may have ended: in a transaction of its own that holds no customer, and more than once.
type LeaverListener interface {
	StaffLeft(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, now time.Time) error
	WorkEnded(ctx context.Context, tx pgx.Tx, brand shop.BrandID, since, now time.Time) error
}
