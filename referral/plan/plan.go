// Package plan keeps a brand's commission rules, in versions, each with its first day.
//
// Always true: an order is credited by the version in force on the day it was placed, in the brand's time zone; a version
// never changes once it is stored, and a new one begins after today. It computes nothing: see attribution.
package plan

import (
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// Role is in what part somebody earned from an order.
type Role string

const (
	HomeStore    Role = "home_store"
	HomeStaff    Role = "home_staff"
	DisplayStore Role = "display_store"
	DisplayStaff Role = "display_staff"
	AssistStaff  Role = "assist_staff"
	SellingStore Role = "selling_store"
	SellingStaff Role = "selling_staff"
	OnlineTeam   Role = "online_team"
	PickupStore  Role = "pickup_store"
	PackingStore Role = "packing_store"
)

// Roles in the order in which ties of rounding are broken.
var Roles = []Role{HomeStore, HomeStaff, DisplayStore, DisplayStaff, AssistStaff, SellingStore, SellingStaff, OnlineTeam, PickupStore, PackingStore}

// Place is the role's place in Roles; len(Roles) for a role that does not exist.
func (r Role) Place() int {
	for i, known := range Roles {
		if r == known {
			return i
		}
	}
	return len(Roles)
}

// IsHome says whether the role is earned by the customer's binding.
func (r Role) IsHome() bool { return r == HomeStore || r == HomeStaff }

// IsDisplay says whether the role is earned by a scanned tag.
func (r Role) IsDisplay() bool { return r == DisplayStore || r == DisplayStaff }

// IsPersons says whether people earn in the role; in the others stores do.
func (r Role) IsPersons() bool {
	return r == HomeStaff || r == DisplayStaff || r == AssistStaff || r == SellingStaff
}

// IsParcel says whether the role is earned at handover, apart from the sale: own rounding, outside all caps.
func (r Role) IsParcel() bool { return r == PickupStore || r == PackingStore }

// Plan is one version of a brand's commission rules. Its JSON is the one of the scenario files, of the API and of the
// database; reading it fills what is absent with the defaults named here and refuses keys that it does not know.
type Plan struct {
	ID       shop.ID `json:"-"`
	Version  int     `json:"version"`
	FirstDay Day     `json:"first_day"`
	Rules    []Rule  `json:"rules"`

	HoldDays              int            `json:"hold_days"`                // days after receipt before a credit is payable; default 14, at least 7
	ClawbackDays          *int           `json:"clawback_days"`            // days after receipt in which refunds are taken back; default 60, nil: for ever
	ClawbackMonthCapMinor *int64         `json:"clawback_month_cap_minor"` // nil: no cap
	Display               Display        `json:"display"`
	Conflict              Conflict       `json:"conflict"`
	Exclude               Exclude        `json:"exclude"`
	OrderCapMinor         *int64         `json:"order_cap_minor"` // nil: no cap
	RoleCapMinor          map[Role]int64 `json:"role_cap_minor"`
	CounterBase           string         `json:"counter_base"`     // Gross (default) or Net of the house's share
	Exchange              string         `json:"exchange"`         // Keep (default) or Anew
	PriceAdjustment       string         `json:"price_adjustment"` // Neutral (default) or Reverse
	Leaver                string         `json:"leaver"`           // Keep (default) or Pool
	Tiers                 []Tier         `json:"tiers"`
	MonthCapMinor         map[Role]int64 `json:"month_cap_minor"`

	OrderMinMinor *int64         `json:"order_min_minor,omitempty"` // nil: every order earns; else a sale whose bases come to less earns nobody a share
	Targets       []Target       `json:"targets,omitempty"`
	MonthMinMinor map[Role]int64 `json:"month_min_minor,omitempty"`
}

// The words of a plan's switches. A word means what the field it stands in says.
const (
	Last     = "last"   // the latest scan earns
	First    = "first"  // the earliest scan earns
	Even     = "even"   // each scanned store earns the same part
	ByWeight = "weight" // each scanned store earns by where its tag is to be found: see Display.Weights

	Both    = "both"    // nobody yields
	Split   = "split"   // both, by weights
	Home    = "home"    // home stays, the other yields
	Shown   = "display" // the display stays, home yields
	Assist  = "assist"  // the assistant stays, home staff yields
	Selling = "selling" // the seller stays, home staff yields

	Gross = "gross" // commission on what was paid at a counter
	Net   = "net"   // commission on what the house leaves of it

	Keep    = "keep"    // an exchange is an edit of the old order; a leaver keeps what is pending
	Anew    = "anew"    // an exchange is a return and a new order
	Pool    = "pool"    // what a leaver has pending goes to the pool of the last store
	Neutral = "neutral" // a price adjustment leaves the credit as it is
	Reverse = "reverse" // a price adjustment is taken back like a refund

	Marginal = "marginal" // each slice of the volume earns the rate of its step
	Whole    = "whole"    // the whole volume earns the rate of the highest step reached
)

// Counter is the store kind whose house keeps a share of each sale.
const Counter = "counter"

// Display says which scans earn.
type Display struct {
	WindowDays int    `json:"window_days"` // a scan counts for so many times 24 h before the order; default 30
	Choice     string `json:"choice"`      // Last (default), First, Even or ByWeight

	// Weights are what a scan counts with ByWeight, by the placement of its tag; one that is not named counts 1.
	Weights map[tag.Placement]int64 `json:"weights,omitempty"`
}

// Weight is what a scan of a tag at the placement counts beside the other stores'.
func (d Display) Weight(at tag.Placement) int64 {
	if w, named := d.Weights[at]; named {
		return w
	}
	return 1
}

// Conflict says what happens when several have a claim on the same order.
type Conflict struct {
	HomeDisplay string  `json:"home_display"` // Both (default), Split, Home or Shown
	Weights     []int64 `json:"weights"`      // of Split: [home, display]
	SameStore   string  `json:"same_store"`   // a display at the home store is paid once, as Home (default), or Both
	AssistHome  string  `json:"assist_home"`  // Both (default), Assist or Home
	SellingHome string  `json:"selling_home"` // Both (default), Selling or Home
}

// Exclude takes goods out of the base, and whole orders.
type Exclude struct {
	SKUs             []string `json:"skus"`
	Categories       []string `json:"categories"`
	EmployeeDiscount bool     `json:"employee_discount,omitempty"` // orders bought with it earn nobody anything
}

// Tier pays more for a month's volume; computed at the close of a month, never in an order's credit.
type Tier struct {
	Role  Role   `json:"role"`
	Kind  string `json:"kind"` // Marginal or Whole
	Steps []Step `json:"steps"`
}

// Step is one step of a tier: from this volume on, so many basis points more.
type Step struct {
	FromMinor int64 `json:"from_minor"`
	ExtraBP   int64 `json:"extra_bp"`
}

// Target pays more to who reached the month's target; computed at the close of a month, like a tier.
type Target struct {
	Role  Role         `json:"role"`
	Steps []TargetStep `json:"steps"`
}

// TargetStep is paid from an achievement on: so many basis points more of the month's volume, and a bonus once.
type TargetStep struct {
	FromBP     int64 `json:"from_bp"` // of the target, in basis points: 10000 is the target itself
	ExtraBP    int64 `json:"extra_bp,omitempty"`
	BonusMinor int64 `json:"bonus_minor,omitempty"`
}
