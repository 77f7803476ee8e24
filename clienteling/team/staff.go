package team

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Staff is a person who works for the brand. Hashes and secrets never leave the package.
type Staff struct {
	ID         shop.ID
	Brand      shop.BrandID
	EmployeeNo string
	Name       string
	Email      string    // managers sign in with it
	BrandRole  shop.Role // hq or finance for the whole brand; empty: her role comes from her assignments
	LeftOn     time.Time // her last day; zero: she is here
	LeftAt     time.Time // the instant on it from which she is nobody here; may lie ahead
	RevokedAt  time.Time // from then on signed out everywhere; zero: may sign in
	HasPIN     bool
	HasTOTP    bool
	CreatedAt  time.Time
}

// Assignment is where somebody works, from day to day, both included. Assignments may overlap: people help out elsewhere.
type Assignment struct {
	ID    shop.ID
	Staff shop.ID
	Store shop.ID
	Role  shop.Role // staff or manager, in this store
	From  time.Time
	To    time.Time // zero: until further notice
}

// NewStaff is what is needed to take somebody on. PIN and Password may be empty: then she cannot sign in that way.
type NewStaff struct {
	EmployeeNo string
	Name       string
	Email      string
	BrandRole  shop.Role
	PIN        string
	Password   string
}

// Refusals about staff.
var (
	ErrStaffExists  = shop.Refuse(shop.Conflict, "staff_exists", "There is somebody with this employee number or e-mail address.")
	ErrStaffUnknown = shop.Refuse(shop.Unprocessable, "staff_unknown", "There is nobody with this id in this brand.")
	ErrStaffLeft    = shop.Refuse(shop.Conflict, "staff_left", "This person has left by then.")
	_               = postgres.RefuseOn("staff_employee_no_once_per_brand", ErrStaffExists)
	_               = postgres.RefuseOn("staff_email_once_per_brand", ErrStaffExists)
	_               = postgres.RefuseOn("assignment_staff_fkey", ErrStaffUnknown)
)

func (n *NewStaff) check() error {
	n.Email = foldEmail(n.Email)
	var c shop.Check
	c.That(storable(n.EmployeeNo, 40), "employee_no", "employee_no_invalid", "1 to 40 characters without line breaks.")
	c.That(storable(n.Name, 100), "name", "name_invalid", "1 to 100 characters without line breaks.")
	c.That(n.Email == "" || isEmail(n.Email), "email", "email_invalid", "An address such as name@example.com.")
	c.That(slices.Contains([]shop.Role{"", shop.RoleHQ, shop.RoleFinance}, n.BrandRole), "brand_role", "brand_role_unknown", "hq, finance or none.")
	if n.PIN != "" {
		c.That(isGoodPIN(n.PIN), "pin", "pin_weak", pinHint)
	}
	if n.Password != "" {
		c.That(isGoodPassword(n.Password), "password", "password_weak", passwordHint)
		c.That(n.Email != "", "email", "email_required", "A password needs the e-mail address to sign in with.")
	}
	return c.Err()
}

func (a Assignment) check() error {
	var c shop.Check
	c.That(!a.Store.IsZero(), "store", "required", "Name the store.")
	c.That(a.Role == shop.RoleStaff || a.Role == shop.RoleManager, "role", "assignment_role_unknown", "staff or manager.")
	c.That(!a.From.IsZero(), "from", "day_required", "Give the first day.")
	c.That(a.To.IsZero() || !a.To.Before(a.From), "to", "days_reversed", "The last day is not before the first.")
	return c.Err()
}

func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

// place is one of today's assignments.
type place struct {
	Store shop.ID
	Role  shop.Role
}

// roleOf is what somebody may be: her role for the whole brand, else manager if she manages any store today, else staff.
func roleOf(brandRole shop.Role, today []place) shop.Role {
	switch {
	case brandRole != "":
		return brandRole
	case slices.ContainsFunc(today, func(p place) bool { return p.Role == shop.RoleManager }):
		return shop.RoleManager
	}
	return shop.RoleStaff
}

// storesOf is where she works today. A manager who helps out elsewhere as staff does not manage there, so a manager's stores
// are those she manages.
func storesOf(role shop.Role, today []place) []shop.ID {
	var stores []shop.ID
	for _, p := range today {
		if (role != shop.RoleManager || p.Role == shop.RoleManager) && !slices.Contains(stores, p.Store) {
			stores = append(stores, p.Store)
		}
	}
	return stores
}

// standing is what decides what somebody may now.
type standing struct {
	brandRole   shop.Role
	isOut       bool // revoked, or has left
	device      shop.ID
	deviceStore shop.ID
	today       []place
}

// actor is what somebody who signed in by a method may. ErrSessionOver for who is out, and by PIN for a device that is. A PIN is
// six digits and may be seen over a shoulder: it gives the role of her assignments, never one over the whole brand.
func (st standing) actor(brand shop.BrandID, staff shop.ID, by Method) (shop.Actor, error) {
	if st.isOut || (by == ByPIN && st.device.IsZero()) {
		return shop.Actor{}, ErrSessionOver
	}
	if by == ByPIN {
		st.brandRole = ""
	}
	role := roleOf(st.brandRole, st.today)
	return shop.Actor{
		Brand: brand, Role: role, ID: staff, Device: st.device, Store: st.deviceStore, Stores: storesOf(role, st.today),
	}, nil
}
