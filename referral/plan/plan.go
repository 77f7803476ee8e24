// Package plan keeps a brand's commission rules, in versions, each with its first day.
//
// Always true: an order is credited by the version in force on the day it was placed, in the brand's time zone; a version
// never changes once it is stored, and a new one begins after today. It computes nothing: see attribution.
package plan

import (
	"time"

	"homestore/clienteling/shop"
)

// Role is in what part somebody earned from an order. The order of Roles is the order of ties in rounding.
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

// Roles in the order in which ties are broken.
var Roles = []Role{HomeStore, HomeStaff, DisplayStore, DisplayStaff, AssistStaff, SellingStore, SellingStaff, OnlineTeam, PickupStore, PackingStore}

// Plan is one version of a brand's commission rules. Its JSON is the one of the scenario files, of the API and of the database.
type Plan struct {
	ID       shop.ID `json:"-"`
	Version  int     `json:"version"`
	FirstDay Day     `json:"first_day"`
	Rules    []Rule  `json:"rules"`

	HoldDays              int            `json:"hold_days"`                // days after receipt before a credit is payable; default 14, at least 7
	ClawbackDays          *int           `json:"clawback_days"`            // nil: refunds are taken back for ever
	ClawbackMonthCapMinor *int64         `json:"clawback_month_cap_minor"` // nil: no cap
	Display               Display        `json:"display"`
	Conflict              Conflict       `json:"conflict"`
	Exclude               Exclude        `json:"exclude"`
	OrderCapMinor         *int64         `json:"order_cap_minor"`
	RoleCapMinor          map[Role]int64 `json:"role_cap_minor"`
	CounterBase           string         `json:"counter_base"`     // gross | net of the house's share
	Exchange              string         `json:"exchange"`         // keep | anew
	PriceAdjustment       string         `json:"price_adjustment"` // neutral | reverse
	Leaver                string         `json:"leaver"`           // keep | pool
	Tiers                 []Tier         `json:"tiers"`
	MonthCapMinor         map[Role]int64 `json:"month_cap_minor"`
}

// Rule gives a role a share. Per line and role the first rule of which every condition holds decides; none means nothing.
type Rule struct {
	Role       Role  `json:"role"`
	RateBP     int64 `json:"rate_bp,omitempty"`     // basis points of the line's base
	FixedMinor int64 `json:"fixed_minor,omitempty"` // pickup_store and packing_store only: once for each handover
	When       When  `json:"when,omitzero"`
}

// When holds the conditions of a rule; an empty one always holds.
type When struct {
	StoreKind   string `json:"store_kind,omitempty"` // of the store under which the role is earned
	Channel     string `json:"channel,omitempty"`
	Category    string `json:"category,omitempty"`
	SKU         string `json:"sku,omitempty"`
	Tag         string `json:"tag,omitempty"`           // code of the display's tag
	BondMinDays *int   `json:"bond_min_days,omitempty"` // home roles: order minus start of the binding is at least n x 24 h
}

// Display says which scans earn.
type Display struct {
	WindowDays int    `json:"window_days"` // default 30
	Choice     string `json:"choice"`      // last | first | even
}

// Conflict says what happens when several have a claim on the same order.
type Conflict struct {
	HomeDisplay string  `json:"home_display"` // both | split | home | display
	Weights     []int64 `json:"weights"`      // of split: [home, display]
	SameStore   string  `json:"same_store"`   // home | both
	AssistHome  string  `json:"assist_home"`  // both | assist | home
	SellingHome string  `json:"selling_home"` // both | selling | home
}

// Exclude takes goods out of the base.
type Exclude struct {
	SKUs       []string `json:"skus"`
	Categories []string `json:"categories"`
}

// Tier pays more for a month's volume; computed at the close of a month, never in an order's credit.
type Tier struct {
	Role  Role   `json:"role"`
	Kind  string `json:"kind"` // marginal | whole
	Steps []Step `json:"steps"`
}

// Step is one step of a tier: from this volume on, so many basis points more.
type Step struct {
	FromMinor int64 `json:"from_minor"`
	ExtraBP   int64 `json:"extra_bp"`
}

// Day is a calendar day in the brand's time zone, written YYYY-MM-DD.
type Day struct{ time.Time }
