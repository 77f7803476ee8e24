package attribution

import (
	"cmp"
	"math/big"
	"slices"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// whole is the weight of a claim that nobody shares. Weights are replaced, never changed.
var whole = big.NewRat(1, 1)

// claim is somebody's part in an order before any rate is known.
type claim struct {
	role     plan.Role
	to       Beneficiary
	store    shop.ID // under which the role is earned
	weight   *big.Rat
	evidence Evidence
}

// claims are the parts that stand, as ties are broken, and those that lost to another.
func (in *Input) claims() ([]claim, []Lost) {
	c := &contest{home: in.Home, display: &in.Plan.Display}
	c.enterHome(in.Home)
	c.enterDisplays(in)
	c.enterSellers(&in.Order)
	c.settle(in.Plan.Conflict)
	slices.SortStableFunc(c.standing, func(a, b claim) int { return in.earlier(a.role, a.to, b.role, b.to) })
	slices.SortStableFunc(c.lost, func(a, b Lost) int {
		return cmp.Or(in.earlier(a.Role, a.To, b.Role, b.To), cmp.Compare(a.Why, b.Why))
	})
	return c.standing, c.lost
}

// contest collects claims and settles which of them stand.
type contest struct {
	home     Home
	display  *plan.Display
	standing []claim
	lost     []Lost
}

// enter adds a claim unless there is nobody to have it.
func (c *contest) enter(cl claim) {
	if cl.to.IsNobody() {
		return
	}
	if cl.weight == nil {
		cl.weight = whole
	}
	c.standing = append(c.standing, cl)
}

func (c *contest) enterHome(h Home) {
	if h.IsNobody() {
		return
	}
	e := h.evidence()
	c.enter(claim{role: plan.HomeStore, to: StoreOf(h.Store), store: h.Store, evidence: e})
	c.enter(claim{role: plan.HomeStaff, to: h.Person, store: h.Store, evidence: e})
}

// enterSellers adds those whom the order itself names: an assistant in any channel, the seller of a till order, the web
// store of an online one.
func (c *contest) enterSellers(o *order.Order) {
	c.enter(claim{role: plan.AssistStaff, to: StaffOf(o.AssistStaff), store: o.AssistStore})
	switch o.Channel {
	case order.Till:
		c.enter(claim{role: plan.SellingStore, to: StoreOf(o.Store), store: o.Store})
		c.enter(claim{role: plan.SellingStaff, to: StaffOf(o.Staff), store: o.Store})
	case order.Online:
		c.enter(claim{role: plan.OnlineTeam, to: StoreOf(o.Store), store: o.Store})
	}
}

// drop moves the claims that match from standing to lost.
func (c *contest) drop(why LostTo, matches func(claim) bool) {
	kept := c.standing[:0]
	for _, cl := range c.standing {
		if matches(cl) {
			c.lost = append(c.lost, Lost{Role: cl.role, To: cl.to, Why: why, Evidence: cl.evidence})
		} else {
			kept = append(kept, cl)
		}
	}
	c.standing = kept
}

func (c *contest) has(matches func(claim) bool) bool { return slices.ContainsFunc(c.standing, matches) }

func inRole(r plan.Role) func(claim) bool { return func(cl claim) bool { return cl.role == r } }
