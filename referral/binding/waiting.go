package binding

import (
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Waits says who decides about a claim that waits.
type Waits string

const (
	ForManager  Waits = "manager"  // it looks wrong
	ForCustomer Waits = "customer" // the policy asks her
	ForNobody   Waits = "nobody"   // it has won; both people and their managers are to see it
)

// HoldState is what became of it.
type HoldState string

const (
	HoldOpen     HoldState = "open"
	HoldReleased HoldState = "released" // the claim went on as if it had not waited; what came of it is a claim of hers
	HoldRefused  HoldState = "refused"
	HoldLapsed   HoldState = "lapsed" // nobody confirmed it in time
	HoldTold     HoldState = "told"
)

// IsKnown says whether it is one of them.
func (s HoldState) IsKnown() bool {
	return slices.Contains([]HoldState{HoldOpen, HoldReleased, HoldRefused, HoldLapsed, HoldTold}, s)
}

// Refusals of claims that wait, which are outcomes too, and of those who decide about them.
var (
	ErrHeld        = shop.Refuse(shop.Conflict, "held", "This claim waits for a manager to look at it.")
	ErrUnconfirmed = shop.Refuse(shop.Conflict, "to_confirm", "This claim waits until the customer confirms it.")
	ErrHoldRefused = shop.Refuse(shop.Conflict, "hold_refused", "A manager has looked at this claim and refused it.")
	ErrDenied      = shop.Refuse(shop.Conflict, "denied", "The customer says that she was not won here.")
	ErrLapsed      = shop.Refuse(shop.Conflict, "not_confirmed", "The customer did not confirm it in time.")

	ErrHoldUnknown = shop.Refuse(shop.NotFound, "hold_unknown", "There is no such held claim.")
	ErrHoldDecided = shop.Refuse(shop.Conflict, "hold_decided", "This claim was decided already.")
	ErrOwnHold     = shop.Refuse(shop.Forbidden, "own_hold", "Nobody decides about a claim that she gains from or made.")
	ErrHoldReason  = shop.Refuse(shop.Unprocessable, "hold_reason_required", "Give the reason for the decision.")
	_              = postgres.RefuseOn("binding_hold_one_per_claim", ErrHoldDecided)
)

// Hold is a claim that waits, or of which several people must know.
type Hold struct {
	ID           shop.ID
	Customer     shop.ID
	ClaimNo      int
	Store        shop.ID
	Staff        shop.ID
	Source       Source
	WaitsFor     Waits
	Signs        []Sign
	Against      shop.ID // the binding that was live
	AgainstStore shop.ID
	AgainstStaff shop.ID
	OpenedAt     time.Time
	LapsesAt     time.Time // zero: never
	State        HoldState
	DecidedAt    time.Time
	DecidedBy    string // shop.Actor.Pseudonym
	Why          string
}

// Score is what its signs add up to.
func (h Hold) Score() int { return ScoreOf(h.Signs) }

// isOpen says whether it can still be decided.
func (h Hold) isOpen(now time.Time) bool {
	return h.State == HoldOpen && (h.LapsesAt.IsZero() || now.Before(h.LapsesAt))
}

// mayDecide: a manager about claims of her stores, head office about all, and about those that would take a customer from
// another store alone. Nobody decides about what she gains from, or what she recorded herself.
func (h Hold) mayDecide(actor shop.Actor, c Claim, self shop.ID) error {
	switch {
	case h.WaitsFor != ForManager:
		return ErrHoldDecided
	case !actor.ID.IsZero() && (actor.ID == h.Staff || actor.ID == h.AgainstStaff || actor.ID == self || actor.Pseudonym() == c.Evidence.By):
		return ErrOwnHold
	case !h.AgainstStore.IsZero() && h.AgainstStore != h.Store && !actor.Is(shop.RoleHQ, shop.RoleSystem):
		return ErrOwnHold
	}
	return nil
}

// concerns says whether a manager sees it: it is of one of her stores, or against one.
func (h Hold) concerns(actor shop.Actor) bool {
	return actor.Is(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem) || actor.WorksAt(h.Store) || !h.AgainstStore.IsZero() && actor.WorksAt(h.AgainstStore)
}

// needsConfirming says whether the policy asks the customer about a claim from there.
func needsConfirming(source Source, c team.Confirm) bool {
	switch source {
	case FromTill:
		return c == team.ConfirmTill || c == team.ConfirmBoth
	case FromStaffCode:
		return c == team.ConfirmStaff || c == team.ConfirmBoth
	}
	return false
}

// ruling is by which rule a claim won or lost, for those who quarrel about it; empty where the outcome says it all.
func ruling(b bid, s standing, p team.Policy, refusal *shop.Refusal) string {
	live := s.live()
	switch {
	case refusal == nil && live == nil:
		return "first"
	case refusal == nil:
		return "replaces_inactive"
	case refusal == ErrCustomerChoice:
		return "her_own_choice"
	case refusal != ErrAlreadyBound || live == nil:
		return ""
	case b.Source == FromScan && b.scannedAt.Before(live.RecordedAt):
		return "earlier_click"
	case p.RebindInactiveDays == nil:
		return "won_for_life"
	}
	return "still_active"
}
