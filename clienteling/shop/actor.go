package shop

import (
	"slices"
	"strings"
)

// Role is what somebody may be in Homestore.
type Role string

const (
	RoleStaff       Role = "staff"       // serves customers in the stores of her assignments
	RoleManager     Role = "manager"     // runs the stores of her assignments
	RoleHQ          Role = "hq"          // head office: the whole brand
	RoleFinance     Role = "finance"     // reads all money of the brand, changes none of its people
	RoleCustomer    Role = "customer"    // a member, about herself
	RoleIntegration Role = "integration" // a system of the brand, within its scopes
	RoleSystem      Role = "system"      // Homestore itself: jobs and commands
)

// Actor is who is asking, proven by api/signin, and what she may touch. Services decide by it; they never see a token.
type Actor struct {
	Brand   BrandID
	Role    Role
	ID      ID   // staff, customer or integration key; zero for the system
	Session ID   // sign-in session, zero where there is none
	Device  ID   // enrolled device of a staff member
	Store   ID   // store of that device: where she stands
	Stores  []ID // stores of today's assignments (staff, manager)
	Scopes  []string
}

// System is Homestore acting by itself for a brand.
func System(brand BrandID) Actor { return Actor{Brand: brand, Role: RoleSystem} }

// Is says whether the actor has one of the roles.
func (a Actor) Is(roles ...Role) bool { return slices.Contains(roles, a.Role) }

// WorksAt says whether the store is one of the actor's, or the actor answers for the whole brand.
func (a Actor) WorksAt(store ID) bool {
	return a.Is(RoleHQ, RoleSystem) || slices.Contains(a.Stores, store)
}

// MayScope says whether an integration key carries the scope; other roles do not have scopes and never pass.
func (a Actor) MayScope(scope string) bool {
	return a.Role == RoleIntegration && slices.Contains(a.Scopes, scope)
}

// Pseudonym names the actor in logs and audit: role and id, nothing that a person is called by.
func (a Actor) Pseudonym() string {
	if a.ID.IsZero() {
		return string(a.Role)
	}
	return string(a.Role) + ":" + a.ID.String()
}

// Named is the id in a pseudonym; zero where it names nobody.
func Named(pseudonym string) ID {
	_, id, _ := strings.Cut(pseudonym, ":")
	of, err := ParseID(id)
	if err != nil {
		return ID{}
	}
	return of
}

// ErrForbidden is for an actor whose role does not allow the act.
var ErrForbidden = Refuse(Forbidden, "forbidden", "Your role does not allow this.")

// ErrOwnApproval is for whoever would approve what she asked for herself, or what is to her own good.
var ErrOwnApproval = Refuse(Forbidden, "own_approval", "Nobody approves her own case. Ask somebody else who may.")

// Allow is ErrForbidden unless the actor has one of the roles.
func (a Actor) Allow(roles ...Role) error {
	if a.Is(roles...) {
		return nil
	}
	return ErrForbidden
}
