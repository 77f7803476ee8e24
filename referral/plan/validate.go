package plan

import (
	"fmt"
	"maps"
	"slices"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// LawfulHoldDays is the return period of Taiwan's Consumer Protection Act, article 19 (七日鑑賞期): money is not payable while
// the customer may still return the goods without a reason.
const LawfulHoldDays = 7

const wholeBP = 10000 // basis points of the whole

// maxDays keeps n x 24 h within time.Duration: about a century.
const maxDays = 36500

// mostRules are more than anybody can read. What is said of a plan compares each rule with each.
const mostRules = 500

var (
	storeKinds = []string{"shop", Counter, "online", "popup", "reseller"}
	channels   = []string{"online", "till"}
	customers  = []string{NewCustomer, ReturningCustomer}
)

// Validate is nil, or shop.ErrFields naming every wrong field at once.
func (p *Plan) Validate() error {
	c := &check{}
	c.That(p.Version >= 1, "version", "out_of_range", "Count versions from 1.")
	c.That(!p.FirstDay.IsZero(), "first_day", "required", "Say from which day on the plan is in force, YYYY-MM-DD.")
	c.That(p.Rules != nil, "rules", "required", "List the rules; an empty list pays nobody.")
	c.That(len(p.Rules) <= mostRules, "rules", "too_many", "At most 500 rules.")
	for i, r := range p.Rules {
		c.rule(fmt.Sprintf("rules[%d]", i), r)
	}
	c.That(p.HoldDays >= LawfulHoldDays && p.HoldDays <= maxDays, "hold_days", "out_of_range", "At least 7: the customer may return goods for seven days by law.")
	c.days("clawback_days", p.ClawbackDays)
	c.That(p.ClawbackMonthCapMinor == nil || *p.ClawbackMonthCapMinor >= 0, "clawback_month_cap_minor", "out_of_range", "0 or more minor units, or null for no cap.")
	c.display(p.Display)
	c.conflict(p.Conflict)
	c.filled("exclude.skus", p.Exclude.SKUs)
	c.filled("exclude.categories", p.Exclude.Categories)
	c.That(p.OrderCapMinor == nil || *p.OrderCapMinor > 0, "order_cap_minor", "out_of_range", "More than 0 minor units, or null for no cap.")
	c.caps("role_cap_minor", p.RoleCapMinor)
	for _, role := range []Role{PickupStore, PackingStore} {
		_, capped := p.RoleCapMinor[role]
		c.That(!capped, "role_cap_minor."+string(role), "not_allowed", "Parcel fees stand outside the caps of an order.")
	}
	c.oneOf("counter_base", p.CounterBase, Gross, Net)
	c.oneOf("exchange", p.Exchange, Keep, Anew)
	c.oneOf("price_adjustment", p.PriceAdjustment, Neutral, Reverse)
	c.oneOf("leaver", p.Leaver, Keep, Pool)
	for i, t := range p.Tiers {
		c.tier(fmt.Sprintf("tiers[%d]", i), t)
	}
	c.caps("month_cap_minor", p.MonthCapMinor)
	c.That(p.OrderMinMinor == nil || *p.OrderMinMinor > 0, "order_min_minor", "out_of_range", "More than 0 minor units, or null for no minimum.")
	for i, t := range p.Targets {
		c.target(fmt.Sprintf("targets[%d]", i), t)
	}
	c.caps("month_min_minor", p.MonthMinMinor)
	return c.Err()
}

// check adds the shapes that a plan is made of to shop.Check.
type check struct{ shop.Check }

func (c *check) rule(at string, r Rule) {
	c.role(at+".role", r.Role)
	c.That(r.RateBP >= 0 && r.RateBP <= wholeBP, at+".rate_bp", "out_of_range", "0 to 10000 basis points.")
	c.That(r.FixedMinor >= 0, at+".fixed_minor", "out_of_range", "0 or more minor units.")
	c.That(r.FixedMinor == 0 || r.Role.IsParcel(), at+".fixed_minor", "not_allowed", "Only pickup_store and packing_store have a fixed fee.")
	c.That(r.When.StoreKind == "" || slices.Contains(storeKinds, r.When.StoreKind), at+".when.store_kind", "unknown", "One of shop, counter, online, popup, reseller.")
	c.That(r.When.Channel == "" || slices.Contains(channels, r.When.Channel), at+".when.channel", "unknown", "online or till.")
	c.That(r.When.Customer == "" || slices.Contains(customers, r.When.Customer), at+".when.customer", "unknown", "new or returning.")
	c.days(at+".when.bond_min_days", r.When.BondMinDays)
	c.days(at+".when.bond_max_days", r.When.BondMaxDays)
}

// mostWeight keeps sums of weights small in exact fractions.
const mostWeight = 1_000_000

func (c *check) display(d Display) {
	c.days("display.window_days", &d.WindowDays)
	c.oneOf("display.choice", d.Choice, Last, First, Even, ByWeight)
	c.That(d.Choice != ByWeight || len(d.Weights) > 0, "display.weights", "required", "The choice weight needs a weight for each placement that counts other than 1.")
	for _, at := range slices.Sorted(maps.Keys(d.Weights)) {
		c.That(slices.Contains(tag.Placements, at), "display.weights."+string(at), "unknown", fmt.Sprintf("One of %v.", tag.Placements))
		c.That(d.Weights[at] >= 1 && d.Weights[at] <= mostWeight, "display.weights."+string(at), "out_of_range", "1 to 1000000.")
	}
}

func (c *check) conflict(k Conflict) {
	c.oneOf("conflict.home_display", k.HomeDisplay, Both, Split, Home, Shown)
	c.oneOf("conflict.same_store", k.SameStore, Home, Both)
	c.oneOf("conflict.assist_home", k.AssistHome, Both, Assist, Home)
	c.oneOf("conflict.selling_home", k.SellingHome, Both, Selling, Home)
	c.That(k.HomeDisplay != Split || len(k.Weights) == 2, "conflict.weights", "required", "A split needs [home, display].")
	if len(k.Weights) == 0 {
		return
	}
	ok := len(k.Weights) == 2 && k.Weights[0]+k.Weights[1] > 0
	for _, w := range k.Weights {
		ok = ok && w >= 0 && w <= mostWeight
	}
	c.That(ok, "conflict.weights", "out_of_range", "Two weights from 0 to 1000000, not both 0.")
}

func (c *check) tier(at string, t Tier) {
	c.role(at+".role", t.Role)
	c.oneOf(at+".kind", t.Kind, Marginal, Whole)
	c.That(len(t.Steps) > 0, at+".steps", "required", "A tier has at least one step.")
	for i, s := range t.Steps {
		step := fmt.Sprintf("%s.steps[%d]", at, i)
		c.That(s.FromMinor >= 0 && (i == 0 || s.FromMinor > t.Steps[i-1].FromMinor), step+".from_minor", "out_of_range", "0 or more, and above the step before.")
		c.That(s.ExtraBP >= 0 && s.ExtraBP <= wholeBP, step+".extra_bp", "out_of_range", "0 to 10000 basis points.")
	}
}

func (c *check) target(at string, t Target) {
	c.role(at+".role", t.Role)
	c.That(len(t.Steps) > 0, at+".steps", "required", "A target has at least one step.")
	for i, s := range t.Steps {
		step := fmt.Sprintf("%s.steps[%d]", at, i)
		c.That(s.FromBP >= 0 && s.FromBP <= mostWeight && (i == 0 || s.FromBP > t.Steps[i-1].FromBP), step+".from_bp", "out_of_range", "0 to 1000000 basis points of the target, and above the step before.")
		c.That(s.ExtraBP >= 0 && s.ExtraBP <= wholeBP, step+".extra_bp", "out_of_range", "0 to 10000 basis points.")
		c.That(s.BonusMinor >= 0, step+".bonus_minor", "out_of_range", "0 or more minor units.")
	}
}

func (c *check) role(at string, r Role) {
	c.That(slices.Contains(Roles, r), at, "unknown", "See the list of roles.")
}

func (c *check) oneOf(at, word string, words ...string) {
	c.That(slices.Contains(words, word), at, "unknown", fmt.Sprintf("One of %v.", words))
}

func (c *check) days(at string, n *int) {
	c.That(n == nil || *n >= 0 && *n <= maxDays, at, "out_of_range", "0 to 36500 days.")
}

func (c *check) filled(at string, words []string) {
	c.That(!slices.Contains(words, ""), at, "required", "Leave no empty text in the list; it would exclude goods without one.")
}

// caps go through Roles first, so that wrong fields are named in one sequence.
func (c *check) caps(at string, caps map[Role]int64) {
	for _, role := range Roles {
		n, capped := caps[role]
		c.That(!capped || n > 0, at+"."+string(role), "out_of_range", "More than 0 minor units.")
	}
	var strangers []string
	for role := range caps {
		if !slices.Contains(Roles, role) {
			strangers = append(strangers, string(role))
		}
	}
	slices.Sort(strangers)
	for _, role := range strangers {
		c.That(false, at+"."+role, "unknown", "See the list of roles.")
	}
}
