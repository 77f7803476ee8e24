package attribution

import (
	"math/big"

	"homestore/referral/plan"
)

// settle applies the plan's conflict rules one after the other: a display at the home store, home against displays
// elsewhere, then home staff against the assistant and against the seller. A claim that has lost takes no further part.
func (c *contest) settle(rules plan.Conflict) {
	c.settleSameStore(rules)
	c.settleHomeDisplay(rules)
	c.settleHomeStaff(rules.AssistHome, plan.Assist, plan.AssistStaff, AssistWins)
	c.settleHomeStaff(rules.SellingHome, plan.Selling, plan.SellingStaff, SellingWins)
}

// settleSameStore pays a store once, as home, for a customer who scanned its tag. The weights of displays elsewhere stay as
// they are: her home store's tag is no reason to pay others more.
func (c *contest) settleSameStore(rules plan.Conflict) {
	if rules.SameStore == plan.Home && !c.home.IsNobody() {
		c.drop(SameStore, func(cl claim) bool { return cl.role.IsDisplay() && cl.store == c.home.Store })
	}
}

// settleHomeDisplay decides between home and the displays of other stores, when there are both.
func (c *contest) settleHomeDisplay(rules plan.Conflict) {
	elsewhere := func(cl claim) bool { return cl.role.IsDisplay() && cl.store != c.home.Store }
	home := func(cl claim) bool { return cl.role.IsHome() }
	if !c.has(home) || !c.has(elsewhere) {
		return
	}
	switch rules.HomeDisplay {
	case plan.Home:
		c.drop(HomeWins, elsewhere)
	case plan.Shown:
		c.drop(DisplayWins, home)
	case plan.Split:
		w := rules.Weights
		c.weigh(big.NewRat(w[0], w[0]+w[1]), home)
		c.weigh(big.NewRat(w[1], w[0]+w[1]), elsewhere)
	}
}

// settleHomeStaff decides between home staff and one other person; the home store keeps its share in any case.
func (c *contest) settleHomeStaff(rule, other string, role plan.Role, otherWins LostTo) {
	if !c.has(inRole(plan.HomeStaff)) || !c.has(inRole(role)) {
		return
	}
	switch rule {
	case other:
		c.drop(otherWins, inRole(plan.HomeStaff))
	case plan.Home:
		c.drop(HomeWins, inRole(role))
	}
}

func (c *contest) weigh(by *big.Rat, matches func(claim) bool) {
	for i, cl := range c.standing {
		if matches(cl) {
			c.standing[i].weight = new(big.Rat).Mul(cl.weight, by)
		}
	}
}
