// Package alarm finds tags that look wrong, each morning by the brand's clock, and keeps what the manager thinks of each.
//
// A tag may have moved (it is read in another store's network), be dead (live, and nobody reads it), be copied (it is read where
// or when one display cannot be) or be stormed (far more than its usual). The rules are pure, and what they say is a suspicion:
// nothing is paused or refused by it.
//
// Always true: of a tag and a kind one alarm stands at most, so that one which stands does not come anew each morning; a
// morning that was missed is made up for, up to a week, and one that is done twice changes nothing; a morning reads the scans of
// one day, however many there were before. Whom a wrong tag has credited is not judged here: see binding.
package alarm

import (
	"encoding/json"
	"time"

	"homestore/clienteling/shop"
)

// Kind is what looks wrong.
type Kind string

const (
	Moved  Kind = "moved"
	Dead   Kind = "dead"
	Copied Kind = "copied"
	Burst  Kind = "burst"
)

// Kinds are all there are.
var Kinds = []Kind{Moved, Dead, Copied, Burst}

// State is how far an alarm has come.
type State string

const (
	Open      State = "open"      // nobody has looked at it
	Seen      State = "seen"      // somebody has; it ends by itself once it is no longer so
	Dismissed State = "dismissed" // somebody says that all is well, and why
	Over      State = "over"      // it is no longer so, or the tag is not live any more
)

// Standing are the states of an alarm that a manager is to look at.
var Standing = []State{Open, Seen}

// States are all there are.
var States = []State{Open, Seen, Dismissed, Over}

// Alarm is one suspicion about one tag.
type Alarm struct {
	ID        shop.ID
	Tag       shop.ID
	Store     shop.ID // the tag's
	Kind      Kind
	State     State
	Evidence  json.RawMessage // an Evidence, of its last day
	FirstDay  time.Time       // on which it was so, as midnight UTC
	LastDay   time.Time
	RaisedAt  time.Time
	DecidedBy shop.ID
	DecidedAt time.Time // zero: nobody has
	Reason    string    // of a dismissal
}

// ErrOver refuses to decide about an alarm that no longer stands.
var ErrOver = shop.Refuse(shop.Conflict, "alarm_over", "This alarm does not stand any more.")

// Evidence are the figures by which a tag is suspicious; those that do not belong to the kind are absent.
type Evidence struct {
	Sessions   int     `json:"sessions,omitempty"`   // scan sessions that count against it
	Of         int     `json:"of,omitempty"`         // of so many whose place is known
	Devices    int     `json:"devices,omitempty"`    // that first read it on the day while the store was closed
	Hours      int     `json:"hours,omitempty"`      // in which it was read here and elsewhere
	Hour       *int    `json:"hour,omitempty"`       // of the day, by the brand's clock, in which it was stormed
	Usual      float64 `json:"usual,omitempty"`      // sessions in that hour of its other days
	Deviations float64 `json:"deviations,omitempty"` // standard deviations above it
	Days       int     `json:"days,omitempty"`       // without a scan
}
