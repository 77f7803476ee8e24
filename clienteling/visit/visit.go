// Package visit decides who may see whom. Every staff read of a customer goes through Look, which knows her home store, the
// brand's policy and her visits, and writes the audit, whatever the answer.
//
// Always true: staff see the customers of their own stores, and others only while they are proven to be present: for two
// hours after the member code in her app was shown, the person to whom it was shown, and after a purchase at the till,
// the people of that store. Otherwise they learn that she is a member, and her tier. Systems and finance see nobody. A
// member code works once, for one customer, one person and one store, and for minutes; only its keyed hash is stored.
//
// It keeps no customer's data: see customer. It does not count how often somebody looks.
package visit

import (
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Lasts is how long a proof of presence opens her history: product.md, "Privacy".
const Lasts = 2 * time.Hour

// Proof is how a customer has proven to be present.
type Proof string

const (
	ByMemberCode Proof = "member_code" // she showed the code in her app
	ByTill       Proof = "till"        // she bought, or was enrolled, at the till
)

// Visit is a proven presence.
type Visit struct {
	ID       shop.ID
	Customer shop.ID
	Store    shop.ID
	Staff    shop.ID // to whom she showed her code; at the till, who served her, zero when nobody said
	Proof    Proof
	ProvenAt time.Time
}

// Until is when the visit is over; the instant itself is outside.
func (v Visit) Until() time.Time { return v.ProvenAt.Add(Lasts) }

// opensTo says whether the visit opens her history to somebody at an instant. The clock of the machine that recorded it may
// be ahead of ours.
func (v Visit) opensTo(actor shop.Actor, now time.Time) bool {
	if !now.Before(v.Until()) || !(actor.Store == v.Store || slices.Contains(actor.Stores, v.Store)) {
		return false
	}
	return v.Proof == ByTill || v.Staff == actor.ID
}

// Sight is how much of a customer somebody may see.
type Sight string

const (
	Full       Sight = "full"
	MemberOnly Sight = "member_only" // whether she is a member, her tier, no more
	Nothing    Sight = "nothing"
)

// Err is shop.ErrForbidden when nothing may be seen. Commit before returning it: the audit of the look is in the transaction.
func (s Sight) Err() error {
	if s == Nothing {
		return shop.ErrForbidden
	}
	return nil
}

// Refusals. An unknown, a used and an outdated code are the same answer.
var (
	ErrCode  = shop.Refuse(shop.Unprocessable, "member_code_refused", "This member code is not valid, or no longer. Ask her to show a fresh one.")
	ErrPlace = shop.Refuse(shop.Unprocessable, "store_not_known", "Sign in on a device of the shop, so that it is known where she is.")
	_        = postgres.RefuseOn("visit_store_fkey", ErrPlace)
)

// circle is whose customers somebody sees without a visit.
type circle struct {
	everybody bool
	stores    []shop.ID
	why       string // as the audit has it
}

func (c circle) holds(home shop.ID) bool {
	return c.everybody || !home.IsZero() && slices.Contains(c.stores, home)
}

// sightOf is the whole rule: whom an actor may see, and why, as the audit has it.
func sightOf(actor shop.Actor, who, home shop.ID, around circle, visits []Visit, now time.Time) (Sight, string) {
	switch actor.Role {
	case shop.RoleHQ, shop.RoleSystem:
		return Full, string(actor.Role)
	case shop.RoleCustomer:
		if actor.ID == who {
			return Full, "herself"
		}
		return Nothing, "role"
	case shop.RoleStaff, shop.RoleManager:
	default:
		return Nothing, "role"
	}
	if around.holds(home) {
		return Full, around.why
	}
	if slices.ContainsFunc(visits, func(v Visit) bool { return v.opensTo(actor, now) }) {
		return Full, "visit"
	}
	return MemberOnly, "elsewhere"
}
