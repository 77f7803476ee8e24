// Package dispute is how a quarrel ends: staff say of an order or a customer "that was mine", a manager or head office looks
// at what was kept at the time, and decides with a reason that both sides read.
//
// Always true: a dispute is decided once, and never by whoever raised it, gains from it or loses by it; a manager decides
// against her own stores and between them, what one store would take from another's is head office's to decide; what is
// decided is in the book in the transaction that decides it, dated then, so no closed month changes; whom a dispute was raised
// against is kept as it was when it was raised. How often a store or a person was right is counted as it happens.
//
// An order that nobody quarrels about but that looks wrong is decided here too: see held.go.
//
// It moves no money itself: see ledger.Decide, and binding for whose a customer is from then on. What is decided about an
// order changes no rule and no other order.
package dispute

import (
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// State is how far a dispute is.
type State string

const (
	Raised    State = "raised"
	Upheld    State = "upheld" // it was theirs, and now is
	Refused   State = "refused"
	Withdrawn State = "withdrawn" // by who raised it
)

// States are all of them.
var States = []State{Raised, Upheld, Refused, Withdrawn}

// Refusals. Who decides without a reason gets binding.ErrReason, who decides about her own case shop.ErrOwnApproval.
var (
	ErrUnknown = shop.Refuse(shop.NotFound, "dispute_unknown", "There is no such dispute.")
	ErrDecided = shop.Refuse(shop.Conflict, "dispute_decided", "This dispute was decided or withdrawn already.")
	ErrAlready = shop.Refuse(shop.Conflict, "dispute_already_raised", "You have raised this already; it waits to be decided.")
	ErrTooLate = shop.Refuse(shop.Unprocessable, "dispute_too_late", "This is too long ago to quarrel about. Ask head office.")
	ErrNothing = shop.Refuse(shop.Conflict, "dispute_over_nothing", "Nobody else has this: there is nothing that a decision could give.")
	_          = postgres.RefuseOn("dispute_one_open_per_order", ErrAlready)
	_          = postgres.RefuseOn("dispute_one_open_per_customer", ErrAlready)
)

// Side is somebody in a dispute, and the store under which she earns.
type Side struct {
	Party attribution.Beneficiary
	Store shop.ID
}

// Dispute is one quarrel.
type Dispute struct {
	ID        shop.ID // carries RaisedAt
	Order     shop.ID // zero: it is about a customer
	Customer  shop.ID // zero: it is about an order
	Role      plan.Role
	For       Side
	From      attribution.Beneficiary // from whom alone; nobody: from whoever has it
	Against   []Side                  // who had it when it was raised
	Since     time.Time               // when the order was placed; from when on she was theirs, they say
	Said      string
	Raiser    shop.ID // zero: Homestore itself
	RaisedBy  string  // shop.Actor.Pseudonym
	RaisedAt  time.Time
	State     State
	DecidedAt time.Time
	DecidedBy string
	Reason    string
}

// Plea is what somebody says was hers. Staff speak for themselves, managers for one of their stores too.
type Plea struct {
	Order    shop.ID // or
	Customer shop.ID
	Role     plan.Role               // in which she says she earned; about a customer home_staff, or home_store for the store alone
	Store    shop.ID                 // where she worked then, zero: the only one, or that of her device
	Since    time.Time               // about a customer: from when on
	For      attribution.Beneficiary // whom head office and Homestore speak for; nobody for all others
	From     attribution.Beneficiary // who has it wrongly; nobody: whoever has it
	Said     string
}

// maxText is as long as a transfer's reason may be.
const maxText = 2000

func (p *Plea) check(now time.Time) error {
	p.Said = strings.TrimSpace(p.Said)
	var c shop.Check
	c.That(p.Order.IsZero() != p.Customer.IsZero(), "order", "one_of", "Name an order or a customer, not both.")
	c.That(slices.Contains(plan.Roles, p.Role), "role", "role_unknown", "See the list of roles.")
	c.That(p.Customer.IsZero() || p.Role.IsHome(), "role", "role_not_hers", "About a customer say home_staff, or home_store for the store alone.")
	c.That(p.Customer.IsZero() || !p.Since.IsZero() && !p.Since.After(now), "since", "since_invalid", "From when on was she yours? Not later than now.")
	c.That(p.Said != "", "said", "required", "Say why it was yours.")
	c.That(len(p.Said) <= maxText, "said", "too_long", "Use at most 2000 bytes.")
	return c.Err()
}

// isPersons says whether people earn in the role, not stores.
func isPersons(r plan.Role) bool {
	return slices.Contains([]plan.Role{plan.HomeStaff, plan.DisplayStaff, plan.AssistStaff, plan.SellingStaff}, r)
}

// mayRaise: staff for themselves, in a role of people; managers for a store that they manage, too; head office for whom it
// names.
func (p Plea) mayRaise(actor shop.Actor) error {
	switch actor.Role {
	case shop.RoleHQ, shop.RoleSystem:
		return nil
	case shop.RoleManager:
		if p.For.IsNobody() {
			return nil
		}
	case shop.RoleStaff:
		if p.For.IsNobody() && isPersons(p.Role) {
			return nil
		}
	}
	return shop.ErrForbidden
}

// isIn says whether somebody's own credit is at stake: she raised it, it is for her, or against her.
func (d Dispute) isIn(who shop.ID) bool {
	if who.IsZero() {
		return false
	}
	is := func(s Side) bool { return s.Party == attribution.StaffOf(who) }
	return d.Raiser == who || is(d.For) || slices.ContainsFunc(d.Against, is)
}

// concerns says whether somebody sees it: who is in it, who manages a store on either side, and who answers for the brand.
func (d Dispute) concerns(actor shop.Actor) bool {
	switch actor.Role {
	case shop.RoleHQ, shop.RoleFinance, shop.RoleSystem:
		return true
	case shop.RoleManager:
		manages := func(s Side) bool { return actor.WorksAt(s.Store) }
		if manages(d.For) || slices.ContainsFunc(d.Against, manages) {
			return true
		}
	}
	return d.isIn(actor.ID)
}

// mayDecide says whether somebody may decide a dispute so, where holders are those from whom it would be taken now. A manager
// may give away what her own stores have, and may tell her own people no; the other way round she would be deciding for
// herself.
func (d Dispute) mayDecide(actor shop.Actor, to State, holders []Side) error {
	own := Dispute{Against: holders}
	switch {
	case d.isIn(actor.ID) || own.isIn(actor.ID):
		return shop.ErrOwnApproval
	case actor.Is(shop.RoleHQ, shop.RoleSystem):
		return nil
	}
	may := actor.WorksAt(d.For.Store)
	if to == Upheld && len(holders) > 0 {
		may = !slices.ContainsFunc(holders, func(s Side) bool { return !actor.WorksAt(s.Store) })
	}
	if !may {
		return shop.ErrOwnApproval.Saying("Head office decides what one store would take from another, or keep from it.")
	}
	return nil
}

// days are the whole days that it waited.
func (d Dispute) days() int { return int(d.DecidedAt.Sub(d.RaisedAt) / (24 * time.Hour)) }

// sides are both, as figures count them.
func (d Dispute) sides() map[string][]Side {
	return map[string][]Side{"for": {d.For}, "against": d.Against}
}
