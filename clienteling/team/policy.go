package team

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"homestore/clienteling/shop"
)

// Policy is the brand's switches about customers and messages; commission is the plan's. Days are of 24 hours from the
// evidence. Its JSON is what the table keeps and what `policy` is in the scenarios.
type Policy struct {
	ID                 shop.ID `json:"-"`                              // the version; zero: the defaults
	Touch              string  `json:"touch"`                          // first or last: which live click binds
	RebindInactiveDays *int    `json:"rebind_inactive_days,omitempty"` // nil: staff cannot rebind her, ever
	ClickDays          int     `json:"click_days"`                     // how long a click id lives
	ChoiceDays         int     `json:"choice_days"`                    // how often she may choose her store herself
	Move               Move    `json:"move"`
	Confirm            Confirm `json:"confirm"`       // which claims wait until she has confirmed them
	ConfirmHours       int     `json:"confirm_hours"` // how long they do
	Guard              Guard   `json:"guard"`
	Alarms             Alarms  `json:"alarms"`
	VisibleTo          string  `json:"visible_to"`  // store, region or brand: who reads her history without a visit
	QuietFrom          string  `json:"quiet_from"`  // HH:MM in her time zone
	QuietUntil         string  `json:"quiet_until"` // no marketing message between the two
	WeeklyCap          int     `json:"weekly_cap"`  // marketing messages a person and week, over all campaigns

	AdjustmentLimitMinor int64 `json:"adjustment_limit_minor"` // commission given or taken by hand above it needs a second person
	DisputeDays          int   `json:"dispute_days"`           // how long after it staff may quarrel about an order, or about who won somebody
}

// Move says what becomes of customers when their staff member moves to another store.
type Move struct {
	Store string `json:"store"` // stay or follow
	Staff string `json:"staff"` // keep or pool
}

// ErrPolicyNotForward refuses a policy that would change what was true before now.
var ErrPolicyNotForward = shop.Refuse(shop.Unprocessable, "policy_not_forward", "A policy begins now or later.")

// DefaultPolicy is in force until a brand sets its own (product.md, "The rules").
func DefaultPolicy() Policy {
	return Policy{
		Touch: "first", ClickDays: 30, ChoiceDays: 90, Move: Move{Store: "stay", Staff: "keep"},
		Confirm: ConfirmNone, ConfirmHours: 48, Guard: defaultGuard(), Alarms: defaultAlarms(),
		VisibleTo: "store", QuietFrom: "22:00", QuietUntil: "09:00", WeeklyCap: 2, DisputeDays: 90,
	}
}

// KeptPolicy is a version of the policy, which never changes once it is kept.
type KeptPolicy struct {
	Policy Policy
	Since  time.Time // when it begins, or began
}

// UnmarshalJSON fills in defaults: a policy written before a switch existed means that switch's default.
func (p *Policy) UnmarshalJSON(b []byte) error {
	type plain Policy
	filled := plain(DefaultPolicy())
	if err := json.Unmarshal(b, &filled); err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	*p = Policy(filled)
	return nil
}

var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// Validate is shop.ErrFields with everything that is wrong with the policy, nil when nothing is.
func (p Policy) Validate() error {
	var c shop.Check
	c.That(p.Touch == "first" || p.Touch == "last", "touch", "touch_unknown", "first or last.")
	c.That(p.RebindInactiveDays == nil || *p.RebindInactiveDays > 0, "rebind_inactive_days", "days_invalid", "A positive number of days, or null for never.")
	c.That(p.ClickDays >= 1 && p.ClickDays <= 365, "click_days", "days_invalid", "From 1 to 365.")
	c.That(p.ChoiceDays >= 0 && p.ChoiceDays <= 3650, "choice_days", "days_invalid", "From 0 to 3650.")
	c.That(p.Move.Store == "stay" || p.Move.Store == "follow", "move.store", "move_unknown", "stay or follow.")
	c.That(p.Move.Staff == "keep" || p.Move.Staff == "pool", "move.staff", "move_unknown", "keep or pool.")
	c.That(p.Confirm.isKnown(), "confirm", "confirm_unknown", "none, till, staff or both.")
	c.That(p.ConfirmHours >= 1 && p.ConfirmHours <= 720, "confirm_hours", "hours_invalid", "From 1 to 720.")
	p.Guard.check(&c)
	p.Alarms.check(&c)
	c.That(p.VisibleTo == "store" || p.VisibleTo == "region" || p.VisibleTo == "brand", "visible_to", "visibility_unknown", "store, region or brand.")
	c.That(clockForm.MatchString(p.QuietFrom), "quiet_from", "time_invalid", "HH:MM.")
	c.That(clockForm.MatchString(p.QuietUntil), "quiet_until", "time_invalid", "HH:MM.")
	c.That(p.WeeklyCap >= 0 && p.WeeklyCap <= 100, "weekly_cap", "cap_invalid", "From 0 to 100.")
	c.That(p.AdjustmentLimitMinor >= 0, "adjustment_limit_minor", "limit_invalid", "0 or more minor units of the brand's currency; 0: always a second person.")
	c.That(p.DisputeDays >= 1 && p.DisputeDays <= 3650, "dispute_days", "days_invalid", "From 1 to 3650.")
	return c.Err()
}

// beginning is when a policy that was asked for from an instant begins: not before now unless Homestore itself imports the
// past, and a millisecond after the one before, since of two that begin together neither would be the last.
func beginning(actor shop.Actor, from, now, last time.Time) (time.Time, error) {
	if from.IsZero() {
		from = now
	}
	from = shop.Millis(from)
	if from.Before(shop.Millis(now)) && actor.Role != shop.RoleSystem {
		return time.Time{}, ErrPolicyNotForward
	}
	if from.Equal(last) {
		from = from.Add(time.Millisecond)
	}
	return from, nil
}
