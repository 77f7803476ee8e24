// Package tag keeps the codes that hang on shelves: whose they are, what they point at, in what state, and where they lead.
//
// Always true: a code is unique in the whole system and is never given out again; a tag leads only to hosts which its
// brand allows, checked when it is made and again when it is scanned; what a tag was when it was scanned is copied into the
// scan, so a change here never changes the past. What is printed is the code alone: everything else may change without
// printing again, and each change is kept with who made it and when.
//
// It does not count who scanned: see scan. It does not draw: see label.
package tag

import (
	"fmt"
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
	Reseller      Placement = "reseller" // on a shelf that is not ours: only in a store of that kind
)

// Placements are all there are.
var Placements = []Placement{Shelf, FittingRoom, Window, PackageInsert, Receipt, StaffCard, Flyer, Reseller}

// Kind is what a tag points at.
type Kind string

const (
	Product    Kind = "product"    // by the product's code
	Variant    Kind = "variant"    // by its SKU
	Collection Kind = "collection" // by the name that the web shop has for it
	Offer      Kind = "offer"      // by its id
	Free       Kind = "free"       // anything; its reference, if any, is the brand's own affair
)

// Kinds are all there are.
var Kinds = []Kind{Product, Variant, Collection, Offer, Free}

// Refusals of this package, beside ErrUnknown, ErrDestination and ErrTemplate.
var (
	ErrRetired     = shop.Refuse(shop.Gone, "tag_retired", "This tag is no longer in use.")
	ErrReplacement = shop.Refuse(shop.Unprocessable, "tag_replacement_refused", "A tag is replaced by another live tag of the same brand.")
	ErrStore       = shop.Refuse(shop.Unprocessable, "tag_store_unknown", "A tag belongs to a store of the brand.")
	ErrStaff       = shop.Refuse(shop.Unprocessable, "tag_staff_unknown", "The staff member of a tag works for the brand.")
	ErrReseller    = shop.Refuse(shop.Unprocessable, "tag_reseller_store", "A tag on a reseller's shelf belongs to a store of the kind reseller.")
	ErrGift        = shop.Refuse(shop.Unprocessable, "tag_gift_unknown", "The gift of a tag is an offer of the brand.")
)

// Tag is one printed or shown QR code.
type Tag struct {
	ID          shop.ID
	Brand       shop.BrandID
	Code        Code
	Store       shop.ID
	Staff       shop.ID // zero: the store's own
	Kind        Kind
	Reference   string // what it points at, as its kind says
	Placement   Placement
	Label       string // what people of the shop call it
	Batch       string // print batch
	ValidFrom   time.Time
	ValidUntil  time.Time // zero: for ever; the instant itself is outside
	State       State
	Template    string  // whose address it leads to; empty: it has a destination of its own
	Destination string  // its own or its template's, see CheckDestination
	Rules       []Rule  // of where else it leads
	Gift        shop.ID // the offer that a customer gets who joins by it; zero: none
	ReplacedBy  shop.ID // zero unless Replaced
	CreatedBy   shop.ID
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// SKU is the article that the tag points at; empty when it points at something else.
func (t Tag) SKU() string { return articleOf(t.Kind, t.Reference) }

func articleOf(k Kind, reference string) string {
	if k == Product || k == Variant {
		return reference
	}
	return ""
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
	Kind        Kind // empty: free
	Reference   string
	Placement   Placement
	Label       string
	Batch       string
	ValidFrom   time.Time // zero: from now on
	ValidUntil  time.Time
	Draft       bool
	Template    string // without it and without a destination: the template that is called as the kind
	Destination string
	Rules       []Rule
	Gift        shop.ID
}

// complete fills in what a spec may leave out.
func (s Spec) complete() Spec {
	if s.Kind == "" {
		s.Kind = Free
	}
	if s.Template == "" && s.Destination == "" {
		s.Template = string(s.Kind)
	}
	return s
}

// check names all wrong fields at once, except the destination, which has a refusal of its own.
func (s Spec) check() error {
	var c shop.Check
	c.That(!s.Store.IsZero(), "store", "required", "name the store that the tag belongs to")
	c.That(slices.Contains(Placements, s.Placement), "placement", "unknown", "use one of "+listed(Placements))
	c.That(slices.Contains(Kinds, s.Kind), "kind", "unknown", "use one of "+listed(Kinds))
	c.That(s.Reference != "" || s.Kind == Free, "reference", "required", "name what the tag points at")
	c.That(s.Kind != Offer || isID(s.Reference), "reference", "not_an_id", "name the offer by its id")
	checkLine(&c, "reference", s.Reference, 100)
	checkLine(&c, "batch", s.Batch, 100)
	c.That(s.Template == "" || s.Destination == "", "destination", "ambiguous", "name a template or a destination, not both")
	checkRules(&c, s.Rules)
	Details{Label: s.Label, ValidFrom: s.ValidFrom, ValidUntil: s.ValidUntil}.check(&c)
	return c.Err()
}

// Details are what may be said anew of a printed tag, beside where it leads.
type Details struct {
	Label      string
	ValidFrom  time.Time
	ValidUntil time.Time
	Gift       shop.ID
}

func (d Details) check(c *shop.Check) {
	checkLine(c, "label", d.Label, 200)
	c.That(d.ValidUntil.IsZero() || d.ValidUntil.After(d.ValidFrom), "valid_until", "before_valid_from", "end after the beginning")
}

func checkLine(c *shop.Check, name, text string, most int) {
	c.That(len(text) <= most, name, "too_long", fmt.Sprintf("use at most %d bytes", most))
	c.That(utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl), name, "not_text", "use one line of text")
}

func isID(text string) bool {
	_, err := shop.ParseID(text)
	return err == nil
}

func listed[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}
