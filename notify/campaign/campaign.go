// Package campaign keeps to whom an offer goes: an audience at a time, or one customer by a staff member.
//
// Always true: everybody in the audience is counted, as intended or as lost with the reason; a campaign that was
// interrupted goes on where it was, and addresses nobody twice; one that was stopped addresses nobody more. It writes no
// message itself and knows no phone: see delivery, which also asks for consent, quiet hours and the weekly cap.
package campaign

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/notify/delivery"
)

// State is how far a campaign has come.
type State string

// The states. Finished means that everybody was considered; messages may still be on their way, or wait for the morning.
const (
	Scheduled State = "scheduled"
	Running   State = "running"
	Finished  State = "finished"
	Stopped   State = "stopped"
)

// Refusals about campaigns.
var (
	ErrNotWaiting = shop.Refuse(shop.Conflict, "campaign_not_waiting", "This campaign has begun already, or was stopped.")
	ErrOver       = shop.Refuse(shop.Conflict, "campaign_over", "This campaign is finished or stopped already.")

	_ = postgres.RefuseOn("campaign_offer_fkey", shop.ErrNotFound)
)

// Refusals of an offer to one customer.
var (
	ErrNoConsent   = shop.Refuse(shop.Unprocessable, "no_consent", "She has not agreed to push messages.")
	ErrNoDevice    = shop.Refuse(shop.Unprocessable, "no_device", "She has no phone with the brand's app.")
	ErrQuietHours  = shop.Refuse(shop.Unprocessable, "quiet_hours", "She is not to be disturbed until the offer is over.")
	ErrWeeklyCap   = shop.Refuse(shop.Unprocessable, "weekly_cap", "She gets enough messages this week.")
	ErrAlreadySent = shop.Refuse(shop.Conflict, "already_sent", "She has got this offer already.")
)

// refusals say to staff why a customer was lost.
var refusals = map[delivery.Why]*shop.Refusal{
	delivery.NoConsent: ErrNoConsent, delivery.NoDevice: ErrNoDevice, delivery.QuietHours: ErrQuietHours,
	delivery.WeeklyCap: ErrWeeklyCap, delivery.AlreadySent: ErrAlreadySent, delivery.NotOurs: shop.ErrNotFound,
}

// Audience says who is addressed: exactly one of the three.
type Audience struct {
	All       bool      `json:"all,omitempty"`       // every member
	HomeStore shop.ID   `json:"home_store,omitzero"` // the members whose home store this is
	Customers []shop.ID `json:"customers,omitempty"` // these; who is no customer is counted as lost
}

// mostNamed bounds a list of customers; more of them are a rule, not a list.
const mostNamed = 10_000

// UnmarshalJSON refuses keys that it does not know: an audience that is read wider than it was meant cannot be taken back.
func (a *Audience) UnmarshalJSON(b []byte) error {
	type plain Audience
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode((*plain)(a)); err != nil {
		return shop.ErrFields.With(shop.Field{Name: "audience", Code: "audience_invalid", Hint: `{"all": true}, {"home_store": id} or {"customers": [ids]}.`})
	}
	return nil
}

func (a Audience) check(c *shop.Check) {
	named := 0
	for _, is := range []bool{a.All, !a.HomeStore.IsZero(), len(a.Customers) > 0} {
		if is {
			named++
		}
	}
	c.That(named == 1, "audience", "audience_invalid", "Name exactly one of all, home_store and customers.")
	c.That(len(a.Customers) <= mostNamed, "audience.customers", "too_many", "Name at most 10,000 customers.")
	c.That(!slices.Contains(a.Customers, shop.ID{}), "audience.customers", "id_malformed", "Each is a customer's id.")
}

// sorted names each customer once, by id: the order in which a page follows another.
func (a Audience) sorted() Audience {
	if len(a.Customers) > 0 {
		a.Customers = slices.Clone(a.Customers)
		slices.SortFunc(a.Customers, compareID)
		a.Customers = slices.Compact(a.Customers)
	}
	return a
}

func compareID(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }

// namedAfter are the next of the named customers.
func (a Audience) namedAfter(after shop.ID, limit int) []shop.ID {
	begin, found := slices.BinarySearchFunc(a.Customers, after, compareID)
	if found {
		begin++
	}
	return a.Customers[begin:min(begin+limit, len(a.Customers))]
}

// mayAddress is ErrForbidden for an audience that is not the actor's: head office addresses everybody and alone declares an
// emergency, a manager addresses the customers of her own stores.
func mayAddress(actor shop.Actor, a Audience, isEmergency bool) error {
	if actor.Is(shop.RoleHQ, shop.RoleSystem) {
		return nil
	}
	if actor.Is(shop.RoleManager) && !isEmergency && !a.HomeStore.IsZero() && actor.WorksAt(a.HomeStore) {
		return nil
	}
	return shop.ErrForbidden
}

// Draft is what somebody plans.
type Draft struct {
	ID          shop.ID // zero: a new one; a campaign that exists under it is taken for this one, so planning it again plans it once
	Name        string
	Offer       shop.ID
	Audience    Audience
	ScheduledAt time.Time // zero: prepared, and started by hand
	Emergency   bool      // passes the weekly cap, never consent or quiet hours
}

func (d Draft) check(now time.Time) error {
	var c shop.Check
	isName := strings.TrimSpace(d.Name) != "" && utf8.ValidString(d.Name) && utf8.RuneCountInString(d.Name) <= 100 &&
		!strings.ContainsFunc(d.Name, func(r rune) bool { return !unicode.IsGraphic(r) })
	c.That(isName, "name", "text_invalid", "One line of at most 100 characters.")
	c.That(!d.Offer.IsZero(), "offer", "required", "Name the offer.")
	c.That(d.ScheduledAt.Before(now.AddDate(1, 0, 0)), "scheduled_at", "too_far", "Within a year.")
	d.Audience.check(&c)
	return c.Err()
}

// Counts say what the fan-out did with everybody in the audience, in customers: Intended and the sum of Lost are Audience.
type Counts struct {
	Audience int                  `json:"audience"`
	Intended int                  `json:"intended"`
	Lost     map[delivery.Why]int `json:"lost"`
}

func (c *Counts) add(page delivery.Addressed) {
	c.Intended += len(page.Customers)
	c.Audience += len(page.Customers)
	for _, why := range page.Lost {
		c.lose(why, 1)
	}
}

func (c *Counts) lose(why delivery.Why, n int) {
	if n == 0 {
		return
	}
	if c.Lost == nil {
		c.Lost = map[delivery.Why]int{}
	}
	c.Lost[why] += n
	c.Audience += n
}

// Campaign is a draft that is kept.
type Campaign struct {
	ID shop.ID
	Draft
	State      State
	StartedAt  time.Time // zero: not yet
	FinishedAt time.Time // fan-out done, or stopped; zero: not yet
	Counts     Counts
	CreatedBy  shop.ID
	CreatedAt  time.Time

	reached shop.ID // the last customer whom the fan-out has handled
}

// grantedBy is how grants of this campaign's offer name it.
func (c Campaign) grantedBy() string { return "campaign:" + c.ID.String() }

// clockSkew is how far the clocks of machines that share a fan-out may be apart.
const clockSkew = time.Minute

// span is the time in which its deliveries were intended, and in whose partitions they are found.
func (c Campaign) span(now time.Time) (from, until time.Time) {
	until = c.FinishedAt
	if until.IsZero() {
		until = now
	}
	return c.StartedAt.Add(-clockSkew), until.Add(clockSkew)
}

// Funnel is what became of a campaign.
type Funnel struct {
	Counts   Counts          // in customers
	Messages delivery.Funnel // in messages: a customer with two phones has two
	Redeemed int             // codes that this campaign gave and a customer used
}
