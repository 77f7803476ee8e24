package binding

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// SuccessionKind is why customers pass on.
type SuccessionKind string

const (
	Leaving SuccessionKind = "leave" // a person's customers, wherever their home store is
	Moving  SuccessionKind = "move"  // a person's customers of one store
	Closing SuccessionKind = "close" // a store's customers, whoever won them
)

// Succession says to whom customers pass from an instant on, when somebody leaves or moves or a store closes. It concerns
// those whom the person, or the store, holds at that instant; a closing, also those who are won for the store later. It is never
// changed.
type Succession struct {
	ID         shop.ID
	No         int // 1.. within the brand, as they were recorded
	Kind       SuccessionKind
	Staff      shop.ID // whose customers; zero: everybody's of the store
	Store      shop.ID // of which store; zero: of every store
	At         time.Time
	Heirs      []Heir
	Note       string // what those who take over should know
	By         string // shop.Actor.Pseudonym of who recorded it
	RecordedAt time.Time
}

// Person says who has the staff part from now on.
type Person string

const (
	Keep  Person = "keep"  // whoever had it
	Pool  Person = "pool"  // all who work at the home store, by their hours
	Named Person = "staff" // Heir.Staff
)

// Heir is one of those who take over.
type Heir struct {
	Store  shop.ID // zero: the home store stays
	Person Person
	Staff  shop.ID
	Share  int // of all the heirs' shares together, in customers
}

// Refusals of successions.
var (
	ErrHeir      = shop.Refuse(shop.Unprocessable, "heir_not_possible", "Whoever takes over must be somebody else who works here, or another open store, on that day.")
	ErrEffective = shop.Refuse(shop.Unprocessable, "effective_at_out_of_range", "It takes effect at most a year ago or a year ahead.")
	_            = postgres.RefuseOn("succession_heir_store_fkey", team.ErrStoreUnknown)
	_            = postgres.RefuseOn("succession_heir_staff_fkey", team.ErrStaffUnknown)
	_            = postgres.RefuseOn("succession_store_fkey", team.ErrStoreUnknown)
	_            = postgres.RefuseOn("succession_staff_fkey", team.ErrStaffUnknown)
)

// stretch is a part of a binding's time in which one holder had the customer.
type stretch struct {
	from   time.Time
	holder Holder
}

// stretches are the holders of a binding, one after the other: first who won her, then whom the successions passed her on to.
// The successions come as they take effect. Each passes her on once at most, so there is an end whatever circles they make.
func stretches(b Binding, successions []Succession) []stretch {
	h := Holder{Bound: true, Store: b.Store, Staff: b.Staff, Source: b.Source, Since: b.From, BindingID: b.ID}
	all := []stretch{{b.From, h}}
	for _, s := range successions {
		if !s.reaches(b) || !s.concerns(h) {
			continue
		}
		next := s.passOn(h, b.Customer)
		if next.Store == h.Store && next.Staff == h.Staff && next.Pool == h.Pool {
			continue // she moved and everything stays as it was
		}
		h = next
		from := s.At
		if from.Before(b.From) {
			from = b.From
		}
		all = append(all, stretch{from, h})
	}
	return all
}

// reaches says whether the succession is about bindings as old as this one. Whom a person wins after she has come back is hers;
// a store that has closed holds nobody, also not whom one of its printed tags wins later.
func (s Succession) reaches(b Binding) bool {
	return s.Kind == Closing || s.At.After(b.From) || s.At.Equal(b.From) && !b.RecordedAt.After(s.RecordedAt)
}

// heldBy is who has the customer of the binding at an instant of its time.
func heldBy(b Binding, successions []Succession, at time.Time) Holder {
	all := stretches(b, successions)
	for _, s := range slices.Backward(all) {
		if !s.from.After(at) {
			return s.holder
		}
	}
	return all[0].holder
}

// concerns says whether the holder is whose customers pass on. Nobody's customers do not.
func (s Succession) concerns(h Holder) bool {
	return !h.Store.IsZero() && (s.Staff.IsZero() || s.Staff == h.Staff) && (s.Store.IsZero() || s.Store == h.Store)
}

func (s Succession) passOn(h Holder, customer shop.ID) Holder {
	heir := s.Heirs[s.heirOf(customer)]
	h.Succession = s.ID
	if !heir.Store.IsZero() {
		h.Store = heir.Store
	}
	switch heir.Person {
	case Pool:
		h.Staff, h.Pool = shop.ID{}, true
	case Named:
		h.Staff, h.Pool = heir.Staff, false
	}
	return h
}

// heirOf is the place of the heir to whom a customer passes: the same whenever it is asked, and in proportion to the shares
// over many customers. It is drawn from her id and not counted out, so that nothing need be written for each customer, and who
// becomes known late gets the heir that she would have had. Whose customers they are is mixed in, else those whom
// a second succession passes on would all fall to one heir.
func (s Succession) heirOf(customer shop.ID) int {
	if len(s.Heirs) == 1 {
		return 0
	}
	all := 0
	for _, h := range s.Heirs {
		all += h.Share
	}
	sum := sha256.Sum256(slices.Concat(customer[:], s.Staff[:], s.Store[:]))
	lot := int(binary.BigEndian.Uint64(sum[:8]) % uint64(all))
	for i, h := range s.Heirs {
		if lot -= h.Share; lot < 0 {
			return i
		}
	}
	return len(s.Heirs) - 1
}

// inForce puts successions in the order in which they take effect.
func inForce(a, b Succession) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.No, b.No)) }
