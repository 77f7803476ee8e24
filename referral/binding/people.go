package binding

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Departure is somebody leaving the brand.
type Departure struct {
	Staff shop.ID
	Heirs []Heir // none: the pool of each customer's home store
	Terms
}

// Relocation is somebody going to another store for good.
type Relocation struct {
	Staff    shop.ID
	From, To shop.ID
	Move     team.Move // what becomes of her customers at From; empty: as the policy of that instant says
	Terms
}

// Closure is the end of a store.
type Closure struct {
	Store shop.ID
	Heirs []Heir // stores
	Terms
}

// Terms are what every succession has.
type Terms struct {
	ID      shop.ID   // of the succession; zero: a new one. One that is recorded under it already is taken for this one
	At      time.Time // zero: now
	Note    string
	Preview bool // nothing is done: only say what would be
}

// Handover is a succession and whom it concerns.
type Handover struct {
	Succession Succession
	Customers  int   // whom it passes on, as is known now; at least so many of a partial count
	ByHeir     []int // of them, in the places of Succession.Heirs
	IsPartial  bool  // there are more customers than were counted
	Preview    bool  // nothing was done
}

// StaffLeaves makes an instant the end of somebody's time here, and passes her customers on from then: the staff part to heirs or
// to the pool, while the home store stays. ErrEffective, ErrHeir, shop.ErrFields, shop.ErrNotFound and team.ErrStaffLeft can
// come back. Only head office: one person may hold customers of several stores.
func (s *Service) StaffLeaves(ctx context.Context, actor shop.Actor, d Departure) (Handover, error) {
	heirs := withShares(d.Heirs)
	if len(heirs) == 0 {
		heirs = []Heir{{Person: Pool, Share: 1}}
	}
	return s.succeed(ctx, actor, Succession{Kind: Leaving, Staff: d.Staff, Heirs: heirs}, d.Terms, func(tx pgx.Tx, by *Succession) error {
		for _, h := range by.Heirs {
			if err := mayInherit(ctx, tx, actor.Brand, h, by); err != nil {
				return err
			}
		}
		return team.Leave(ctx, tx, actor.Brand, by.Staff, by.At, by.RecordedAt)
	})
}

// mayInherit: the pool always, a person who is not the one who leaves and works here then.
func mayInherit(ctx context.Context, tx pgx.Tx, brand shop.BrandID, h Heir, by *Succession) error {
	if h.Person != Named {
		return nil
	}
	is, err := team.MayBeGiven(ctx, tx, brand, h.Staff, by.At)
	if err == nil && (!is || h.Staff == by.Staff) {
		err = ErrHeir
	}
	return err
}

// StaffMoves ends somebody's work at one store and begins it at another with an instant, and says what becomes of the customers
// whom she holds there. The refusals are those of StaffLeaves and team.MoveStaff.
func (s *Service) StaffMoves(ctx context.Context, actor shop.Actor, m Relocation) (Handover, error) {
	if err := m.check(); err != nil {
		return Handover{}, err
	}
	return s.succeed(ctx, actor, Succession{Kind: Moving, Staff: m.Staff, Store: m.From}, m.Terms, func(tx pgx.Tx, by *Succession) error {
		if m.From == m.To {
			return ErrHeir
		}
		policy, err := team.PolicyAt(ctx, tx, actor.Brand, by.At)
		if err != nil {
			return err
		}
		heir := Heir{Person: Person(cmp.Or(m.Move.Staff, policy.Move.Staff)), Share: 1}
		if cmp.Or(m.Move.Store, policy.Move.Store) == "follow" {
			heir.Store = m.To
		}
		by.Heirs = []Heir{heir}
		return team.MoveStaff(ctx, tx, actor.Brand, m.Staff, m.From, m.To, by.At)
	})
}

func (m Relocation) check() error {
	var c shop.Check
	c.That(!m.To.IsZero(), "to", "required", "name the store")
	c.That(slices.Contains([]string{"", "stay", "follow"}, m.Move.Store), "move.store", "move_unknown", "stay or follow.")
	c.That(slices.Contains([]string{"", "keep", "pool"}, m.Move.Staff), "move.staff", "move_unknown", "keep or pool.")
	return c.Err()
}

// StoreCloses makes an instant the end of a store: its customers are its successors' from then on, and whoever holds the staff
// part keeps it. The refusals are those of StaffLeaves and team.CloseStore.
func (s *Service) StoreCloses(ctx context.Context, actor shop.Actor, c Closure) (Handover, error) {
	heirs := withShares(c.Heirs)
	var stores []shop.ID
	for i := range heirs {
		heirs[i].Person, heirs[i].Staff = Keep, shop.ID{}
		stores = append(stores, heirs[i].Store)
	}
	return s.succeed(ctx, actor, Succession{Kind: Closing, Store: c.Store, Heirs: heirs}, c.Terms, func(tx pgx.Tx, by *Succession) error {
		if slices.Contains(stores, c.Store) {
			return ErrHeir
		}
		return team.CloseStore(ctx, tx, actor.Brand, c.Store, stores, by.At)
	})
}

// withShares gives those who have no share one.
func withShares(heirs []Heir) []Heir {
	out := slices.Clone(heirs)
	for i := range out {
		if out[i].Share == 0 {
			out[i].Share = 1
		}
	}
	return out
}

// errPreviewed undoes an act that was only to be looked at.
var errPreviewed = errors.New("previewed")

// succeed does what happens to people and places, records the succession and makes work of following it. A preview does the
// same and undoes it, so that it is refused whatever the act would be.
func (s *Service) succeed(ctx context.Context, actor shop.Actor, by Succession, t Terms, do func(pgx.Tx, *Succession) error) (Handover, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Handover{}, err
	}
	now := shop.Millis(s.now())
	by.ID, by.At, by.Note, by.By, by.RecordedAt = t.ID, shop.Millis(t.At), strings.TrimSpace(t.Note), actor.Pseudonym(), now
	if by.ID.IsZero() {
		by.ID = shop.NewID(now)
	}
	if t.At.IsZero() {
		by.At = now
	}
	if err := by.check(now); err != nil {
		return Handover{}, err
	}
	var h Handover
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if err := team.LockBrand(ctx, tx, actor.Brand); err != nil {
			return err
		}
		if made, err := successionByID(ctx, tx, actor.Brand, by.ID); !errors.Is(err, shop.ErrNotFound) {
			by = made
			return err
		}
		if err := do(tx, &by); err != nil {
			return err
		}
		if err := s.record(ctx, tx, actor, by); err != nil || !t.Preview {
			return err
		}
		var err error
		if h, err = handover(ctx, tx, actor.Brand, by, inRequest); err != nil {
			return err
		}
		return errPreviewed
	})
	switch {
	case errors.Is(err, errPreviewed):
		h.Preview = true
		return h, nil
	case err == nil:
		err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
			h, err = handover(ctx, tx, actor.Brand, by, inRequest)
			return err
		})
	}
	if err != nil {
		return Handover{}, fmt.Errorf("%s of staff %s, store %s: %w", by.Kind, by.Staff, by.Store, err)
	}
	return h, nil
}

// A year is how far back or ahead a succession may take effect.
const mostYears = 1

func (s Succession) check(now time.Time) error {
	var c shop.Check
	c.That(s.Kind == Closing || !s.Staff.IsZero(), "staff", "required", "name the person")
	c.That(s.Kind == Leaving || !s.Store.IsZero(), "store", "required", "name the store")
	c.That(s.Kind == Moving || len(s.Heirs) > 0, "heirs", "required", "name at least one")
	c.That(len(s.Heirs) <= 50, "heirs", "too_many", "name at most 50")
	for _, h := range s.Heirs {
		c.That(h.Share >= 1 && h.Share <= 10000, "heirs.share", "out_of_range", "From 1 to 10000.")
		c.That(s.Kind != Leaving || (h.Person == Named) != h.Staff.IsZero(), "heirs.staff", "required", "Name the person, or the pool.")
		c.That(s.Kind != Leaving || h.Person != Keep && h.Store.IsZero(), "heirs.store", "not_possible", "The home store stays.")
		c.That(s.Kind != Closing || !h.Store.IsZero(), "heirs.store", "required", "Name the store.")
	}
	c.That(len(s.Note) <= 2000, "note", "too_long", "use at most 2000 bytes")
	if err := c.Err(); err != nil {
		return err
	}
	if s.At.Before(now.AddDate(-mostYears, 0, 0)) || s.At.After(now.AddDate(mostYears, 0, 0)) {
		return ErrEffective
	}
	return nil
}

func (s *Service) record(ctx context.Context, tx pgx.Tx, actor shop.Actor, by Succession) error {
	if err := insertSuccession(ctx, tx, actor.Brand, by); err != nil {
		return fmt.Errorf("insert succession: %w", err)
	}
	due := by.At
	if due.Before(by.RecordedAt) {
		due = by.RecordedAt
	}
	if err := insertFollow(ctx, tx, actor.Brand, by.ID, due); err != nil {
		return err
	}
	return audit.Note(ctx, tx, actor, by.RecordedAt, audit.Entry{
		Act: "succession_recorded", Subject: by.ID,
		Detail: map[string]any{"kind": by.Kind, "staff": by.Staff, "store": by.Store, "at": by.At, "heirs": by.Heirs},
	})
}
