package attribution

import (
	"math/big"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// Why explains one credit to the cent, for programs and for whoever asks "why?". Exact fractions are written "951/50".
//
// Share = sum over Grounds of base x rate x weight, then x each cap's factor. Minor is Share rounded as Rounding says, so
// that all shares of the order (or the parcel) add up to their rounded sum.
type Why struct {
	PlanVersion int      `json:"plan_version"`
	Base        *big.Rat `json:"base,omitempty"`
	Grounds     []Ground `json:"grounds"`
	Caps        []Cut    `json:"caps,omitempty"`
	Share       *big.Rat `json:"share"`
	Rounding    Rounding `json:"rounding"`
	Decided     []Ruling `json:"decided,omitempty"` // by which it came to whoever has it, in their sequence
	Parts       []Part   `json:"parts,omitempty"`   // when a decision gave one beneficiary two; Minor and Share are their sums
}

// Ground is one claim on which a credit stands and the rule that gives it its rate. A credit has several when one person's
// tags were scanned in several stores.
type Ground struct {
	Rule       int      `json:"rule"` // number in the plan, from 1
	RateBP     int64    `json:"rate_bp,omitempty"`
	FixedMinor int64    `json:"fixed_minor,omitempty"`
	Weight     *big.Rat `json:"weight"`
	Evidence
}

// Evidence is the fact that a claim stands on. For assist, selling, online and parcel roles that is the order itself.
type Evidence struct {
	Binding shop.ID   `json:"binding,omitzero"`
	Source  string    `json:"source,omitempty"`    // of the binding
	Passed  shop.ID   `json:"succession,omitzero"` // by which she came from who won her to who earns
	Scan    shop.ID   `json:"scan,omitzero"`
	Tag     string    `json:"tag,omitempty"`
	At      time.Time `json:"at,omitzero"` // since when bound, or scanned

	Display   *plan.Display `json:"display,omitempty"`   // of a scan: by which window and choice it earns, or lost
	Placement tag.Placement `json:"placement,omitempty"` // of the scanned tag, where displays are weighed by it
}

// Cut is a cap that was exceeded: every share under it was multiplied by Factor.
type Cut struct {
	Cap    string   `json:"cap"` // "role" or "order"
	Minor  int64    `json:"minor"`
	Factor *big.Rat `json:"factor"`
}

// Rounding says how a whole amount came from an exact share.
type Rounding string

const (
	Exact Rounding = "exact"
	Up    Rounding = "up"   // one of the units left over went to this share: its fraction was among the largest
	Down  Rounding = "down" // cut to whole units
)

func roundingOf(share *big.Rat, minor int64) Rounding {
	switch {
	case shop.Floor(share) < minor:
		return Up
	case share.IsInt():
		return Exact
	}
	return Down
}

// Lost is a claim that earned nothing because another came before it.
type Lost struct {
	Role     plan.Role
	To       Beneficiary
	Why      LostTo
	Evidence Evidence
}

// LostTo is what a claim lost to.
type LostTo string

const (
	HomeWins    LostTo = "home_wins"
	DisplayWins LostTo = "display_wins"
	AssistWins  LostTo = "assist_wins"
	SellingWins LostTo = "selling_wins"
	SameStore   LostTo = "same_store" // paid once, as home
	NotLast     LostTo = "not_last"
	NotFirst    LostTo = "not_first"
)
