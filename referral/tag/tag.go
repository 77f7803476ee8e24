// Package tag keeps the codes that hang on shelves: whose they are, in what state, and where they lead.
//
// Always true: a code is unique in the whole system and is never given out again; a tag leads only to hosts which its
// brand allows, checked when it is made and again when it is scanned; what a tag was when it was scanned is copied into the
// scan, so a change here never changes the past. Destination and state of a printed tag may change without printing again.
//
// It does not count who scanned: see scan. It does not draw: see label.
package tag

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"homestore/clienteling/shop"
)

// State is what a tag is now.
type State string

const (
	Draft    State = "draft"    // made, not yet hung up; its code answers as if it did not exist
	Live     State = "live"     // leads to its destination and hands out click ids
	Paused   State = "paused"   // leads to the brand's site, credits nobody, may be resumed
	Retired  State = "retired"  // for good; its page leads to the brand's site
	Replaced State = "replaced" // another tag answers in its place
)

// Placement is where a tag is to be found. Reports compare placements.
type Placement string

const (
	Shelf         Placement = "shelf"
	FittingRoom   Placement = "fitting_room"
	Window        Placement = "window"
	PackageInsert Placement = "package_insert"
	Receipt       Placement = "receipt"
	StaffCard     Placement = "staff_card"
	Flyer         Placement = "flyer"
)

// Placements are all there are.
var Placements = []Placement{Shelf, FittingRoom, Window, PackageInsert, Receipt, StaffCard, Flyer}

// Refusals of this package, beside ErrUnknown and ErrDestination.
var (
	ErrRetired     = shop.Refuse(shop.Gone, "tag_retired", "This tag is no longer in use.")
	ErrReplacement = shop.Refuse(shop.Unprocessable, "tag_replacement_refused", "A tag is replaced by another live tag of the same brand.")
	ErrStore       = shop.Refuse(shop.Unprocessable, "tag_store_unknown", "A tag belongs to a store of the brand.")
	ErrStaff       = shop.Refuse(shop.Unprocessable, "tag_staff_unknown", "The staff member of a tag works for the brand.")
)

// Tag is one printed or shown QR code.
type Tag struct {
	ID          shop.ID
	Brand       shop.BrandID
	Code        Code
	Store       shop.ID
	Staff       shop.ID // zero: the store's own
	SKU         string  // of a product or variant; empty: none
	Placement   Placement
	Label       string // what people of the shop call it
	Batch       string // print batch
	ValidFrom   time.Time
	ValidUntil  time.Time // zero: for ever; the instant itself is outside
	State       State
	Destination string  // template, see CheckDestination
	ReplacedBy  shop.ID // zero unless Replaced
	CreatedBy   shop.ID
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// Leads is where a scan of a tag goes.
type Leads string

const (
	ToDestination Leads = "destination" // and a person gets a click id
	ToSite        Leads = "site"        // the brand's site, without a click id
	ToGone        Leads = "gone"        // the friendly page of a retired tag
	Nowhere       Leads = "nowhere"     // the friendly page of an unknown code
)

// LeadsAt says where a scan of a tag in this state and period goes at the instant. A tag outside its period is as paused.
func LeadsAt(state State, from, to, at time.Time) Leads {
	switch {
	case state == Draft:
		return Nowhere
	case state == Retired || state == Replaced: // a replaced tag whose successor could not answer
		return ToGone
	case state == Paused || at.Before(from) || (!to.IsZero() && !at.Before(to)):
		return ToSite
	}
	return ToDestination
}

// becomes is the table of what may follow on what. Retired and replaced are final: paper that was declared dead and then
// credits somebody again is how quarrels start.
var becomes = map[State][]State{
	Draft:  {Live, Retired},
	Live:   {Paused, Retired, Replaced},
	Paused: {Live, Retired, Replaced},
}

// Spec is what is said about a tag that is to be made. The code is drawn, never chosen.
type Spec struct {
	ID          shop.ID // zero: a new one; a tag that exists under it is taken for this one, so issuing it again issues it once
	Store       shop.ID
	Staff       shop.ID
	SKU         string
	Placement   Placement
	Label       string
	Batch       string
	ValidFrom   time.Time // zero: from now on
	ValidUntil  time.Time
	Draft       bool
	Destination string
}

// check names all wrong fields at once, except the destination, which has a refusal of its own.
func (s Spec) check() error {
	var c shop.Check
	c.That(!s.Store.IsZero(), "store", "required", "name the store that the tag belongs to")
	c.That(slices.Contains(Placements, s.Placement), "placement", "unknown", "use one of shelf, fitting_room, window, package_insert, receipt, staff_card, flyer")
	c.That(len(s.SKU) <= 100, "sku", "too_long", "use at most 100 bytes")
	c.That(len(s.Label) <= 200, "label", "too_long", "use at most 200 bytes")
	c.That(len(s.Batch) <= 100, "batch", "too_long", "use at most 100 bytes")
	c.That(s.ValidUntil.IsZero() || s.ValidUntil.After(s.ValidFrom), "valid_until", "before_valid_from", "end after the beginning")
	for name, text := range map[string]string{"sku": s.SKU, "label": s.Label, "batch": s.Batch} {
		c.That(utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl), name, "not_text", "use one line of text")
	}
	return c.Err()
}
