package plan

import (
	"slices"
	"time"
)

// Rule gives a role a share. Per line and role the first rule of which every condition holds decides; none means nothing.
type Rule struct {
	Role       Role  `json:"role"`
	RateBP     int64 `json:"rate_bp,omitempty"`     // basis points of the line's base
	FixedMinor int64 `json:"fixed_minor,omitempty"` // PickupStore and PackingStore only: once for each handover
	When       When  `json:"when,omitzero"`
}

// When holds the conditions of a rule; an empty one always holds.
type When struct {
	StoreKind   string `json:"store_kind,omitempty"` // of the store under which the role is earned
	Channel     string `json:"channel,omitempty"`
	Category    string `json:"category,omitempty"`
	SKU         string `json:"sku,omitempty"`
	Tag         string `json:"tag,omitempty"`           // display roles: code of the scanned tag
	BondMinDays *int   `json:"bond_min_days,omitempty"` // home roles: order minus start of the binding is at least n x 24 h
	BondMaxDays *int   `json:"bond_max_days,omitempty"` // home roles: it is less than n x 24 h
	Campaign    string `json:"campaign,omitempty"`      // code of the campaign that the order came by
	Customer    string `json:"customer,omitempty"`      // NewCustomer or ReturningCustomer; neither holds for an order without a customer
}

// What a customer is to the brand when she orders.
const (
	NewCustomer       = "new"       // she placed no order before this one
	ReturningCustomer = "returning" // she did
)

// Conditions are the facts of one line and one claim, which rules are held against.
type Conditions struct {
	StoreKind string // of the store under which the role is earned
	Channel   string
	Category  string
	SKU       string
	Tag       string        // of the display; empty for other roles
	Bound     bool          // the claim stands on a binding
	Bond      time.Duration // how old that binding was when the order was placed
	Campaign  string        // empty: none
	Customer  string        // NewCustomer or ReturningCustomer; empty: the order is nobody's
}

// Rule is the first rule for the role of which all conditions hold, and its number counted from 1.
func (p *Plan) Rule(role Role, c Conditions) (rule *Rule, number int, ok bool) {
	for i := range p.Rules {
		if p.Rules[i].Role == role && p.Rules[i].When.Holds(c) {
			return &p.Rules[i], i + 1, true
		}
	}
	return nil, 0, false
}

// Holds says whether every condition that is set holds.
func (w When) Holds(c Conditions) bool {
	return agrees(w.StoreKind, c.StoreKind) && agrees(w.Channel, c.Channel) && agrees(w.Category, c.Category) &&
		agrees(w.SKU, c.SKU) && agrees(w.Tag, c.Tag) && agrees(w.Campaign, c.Campaign) && agrees(w.Customer, c.Customer) &&
		(w.BondMinDays == nil || c.Bound && c.Bond >= days(*w.BondMinDays)) &&
		(w.BondMaxDays == nil || c.Bound && c.Bond < days(*w.BondMaxDays))
}

func agrees(wanted, fact string) bool { return wanted == "" || wanted == fact }

// days are times 24 h, not calendar days: a bond is measured by the clock.
func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// Excludes says whether the plan takes the goods out of the base.
func (p *Plan) Excludes(sku, category string) bool {
	return slices.Contains(p.Exclude.SKUs, sku) || slices.Contains(p.Exclude.Categories, category)
}

// AsksWhetherNew says whether a rule depends on the customer's earlier orders, which cost a question to the database.
func (p *Plan) AsksWhetherNew() bool {
	return slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.When.Customer != "" })
}
