// Package customer keeps who the brand's customers are: what other systems call them (identities), what they said about
// themselves, what they agreed to, and one row of figures about each (customer_profile).
//
// Always true: a phone number, an address or a system's id leads to one customer of the brand; contacts that nobody has
// verified never lead to a member, so nobody's history is taken over by typing her phone number into a web shop; a change
// of consent is in the audit with its source and its time; of somebody who was erased nothing is left that leads to her, and her
// id stands where it stood, so that no figure changes. Whoever writes about a customer locks her profile row first.
//
// It does not decide who may see her: see visit. It does not know who won her: see referral/binding, which calls NoteHome.
package customer

import (
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// ErrUnknown is the answer for a customer who does not exist, who is not yours, or whom an identity does not lead to.
var ErrUnknown = shop.Refuse(shop.NotFound, "customer_unknown", "There is no such customer.")

var (
	_ = postgres.RefuseOn("identity_customer_fkey", ErrUnknown)
	_ = postgres.RefuseOn("consent_customer_fkey", ErrUnknown)
	_ = postgres.RefuseOn("customer_profile_customer_fkey", ErrUnknown)
)

// Customer is what is said about a person. Empty fields are not known.
type Customer struct {
	ID        shop.ID
	Name      string
	Language  shop.Language
	TimeZone  string // for quiet hours; empty: the brand's
	Tier      string
	Staff     shop.ID   // she works for the brand: her own purchases earn nobody anything
	JoinedAt  time.Time // zero: known from orders only, not a member
	CreatedAt time.Time
	ErasedAt  time.Time // zero: she was not
}

// IsMember says whether she has joined.
func (c Customer) IsMember() bool { return !c.JoinedAt.IsZero() }

// Figures are sums over a customer's orders. As a change given to NoteOrder, counts and amounts are added; the earliest
// FirstOrder and the latest LastOrder stay, also when the order is cancelled afterwards: she was there.
type Figures struct {
	Orders     int
	SpentMinor int64 // paid for merchandise in the brand's currency, less what was refunded
	Currency   shop.Currency
	FirstOrder time.Time
	LastOrder  time.Time
}

// Profile is the one row of figures that others read instead of each other's tables.
type Profile struct {
	Customer shop.ID
	Figures
	HomeStore shop.ID // zero: unbound, or she chose nobody
	HomeStaff shop.ID
	HomeSince time.Time
}

// Details are what a person, or a system that knows her, says about her.
type Details struct {
	Name     string
	Language shop.Language
	TimeZone string
}

func (d Details) check() error {
	var c shop.Check
	c.That(isPlainText(d.Name, 100), "name", "text_invalid", "use at most 100 characters and no control characters")
	c.That(d.Language == "" || d.Language == shop.TraditionalChinese || d.Language == shop.English, "language", "unknown", "use zh-TW or en")
	_, err := time.LoadLocation(d.TimeZone)
	c.That(err == nil && d.TimeZone != "Local", "time_zone", "unknown", "use an IANA name such as Asia/Taipei")
	return c.Err()
}
