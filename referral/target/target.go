// Package target keeps what a month's close needs to know and no sale tells: what each store and person is to sell in a month
// (業績目標), and how long each person worked at each store, by which the store's pool is divided.
//
// Always true: nothing that was set is changed or removed: setting it again adds a version, of which the latest counts; a file
// is set as a whole or not at all, and one that is sent again changes nothing; nobody sets her own target, and that of a store
// is set by those who answer for the brand.
//
// A closed month may be set too, since hours come late: it changes nothing in that month, only what the next close finds due.
// What a target is worth is the plan's to say, and what was reached is worked out at close: see period.
package target

import (
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// Target is what its holder, a store or a person, is to sell in a month: net merchandise in the brand's currency.
type Target struct {
	Month    time.Time // its first day, midnight UTC of that date
	Holder   attribution.Beneficiary
	Minor    int64 // 0: none any more
	Currency shop.Currency
	SetBy    string // shop.Actor.Pseudonym
	SetAt    time.Time
}

// Hours are how long a person worked at a store in a month.
type Hours struct {
	Month   time.Time // its first day, midnight UTC of that date
	Store   shop.ID
	Staff   shop.ID
	Minutes int64 // 0: she did not work there after all
	SetBy   string
	SetAt   time.Time
}

// Refusals, beside shop.ErrFields, team.ErrStoreUnknown and team.ErrStaffUnknown.
var (
	ErrHolder      = shop.Refuse(shop.Unprocessable, "target_holder_invalid", "A target is a store's or a person's: name one of them.")
	ErrOwnTarget   = shop.Refuse(shop.Forbidden, "own_target", "Nobody sets her own target.")
	ErrStoreTarget = shop.Refuse(shop.Forbidden, "store_target_not_yours", "The target of a store is set by head office or finance.")
	ErrFile        = shop.Refuse(shop.Unprocessable, "target_csv_unreadable", "The file is no CSV of targets or hours.")
	ErrFileLong    = shop.Refuse(shop.TooLarge, "target_csv_too_long", "A file has at most 10,000 rows. Split it.")
	ErrRows        = shop.Refuse(shop.Unprocessable, "target_csv_rows_wrong", "Nothing was set, since some rows are wrong. Mend them and send the file again.")
)

// largest is beyond what any brand sells in a month, and far from where a bigint ends when some of them are added.
const largest = 100_000_000_000_000

// longest is a month of 31 days without an hour of sleep.
const longest = 31 * 24 * 60

// entry is either of them as it is set: a target is of a store or of a person, hours are of both.
type entry struct {
	place
	amount int64
}

// place is where an entry stands.
type place struct {
	month        time.Time
	store, staff shop.ID
}

func (p place) holder() attribution.Beneficiary {
	if p.staff.IsZero() {
		return attribution.StoreOf(p.store)
	}
	return attribution.StaffOf(p.staff)
}

func (t Target) entry() (entry, error) {
	e := entry{place: place{month: t.Month.UTC()}, amount: t.Minor}
	switch {
	case t.Holder.IsNobody():
		return e, ErrHolder
	case t.Holder.Kind == attribution.ToStore:
		e.store = t.Holder.ID
	case t.Holder.Kind == attribution.ToStaff:
		e.staff = t.Holder.ID
	default:
		return e, ErrHolder
	}
	return e, nil
}

func (h Hours) entry() entry { return entry{place{h.Month.UTC(), h.Store, h.Staff}, h.Minutes} }
