package binding

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// followAtOnce is how many customers one transaction looks at: each may have orders that are credited anew in it.
const followAtOnce = 100

// Whoever bound a customer or placed an order while a succession was recorded may not have known of it. Such a transaction is long
// over after this time, when all is looked at once more.
const secondLookAfter = time.Minute

// Follow brings what is kept of each customer in line with the successions that are in force: the home store and person in
// her profile, by which she is seen and counted, and the credit of what she bought since. Who holds her needs no such work.
// It may run at any time, in several processes, and be broken off: each transaction goes on where the one before ended, and
// what is right already stays as it is.
func (s *Service) Follow(ctx context.Context, brand shop.BrandID) error {
	now := shop.Millis(s.now())
	for more := true; more; {
		err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) (err error) {
			more, err = s.followSome(ctx, tx, brand, now)
			return err
		})
		if err != nil {
			return fmt.Errorf("follow successions: %w", err)
		}
	}
	return nil
}

func (s *Service) followSome(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) (bool, error) {
	f, due, err := takeFollow(ctx, tx, brand, now)
	if err != nil || !due {
		return false, err
	}
	succession, err := successionByID(ctx, tx, brand, f.succession)
	if err != nil {
		return false, err
	}
	origin, err := originOf(ctx, tx, brand, succession)
	if err != nil {
		return false, err
	}
	found, last, err := passages(ctx, tx, brand, succession, origin, chunk{f.reached, followAtOnce})
	if err != nil {
		return false, err
	}
	if err := s.followEach(ctx, tx, brand, found, now); err != nil {
		return false, fmt.Errorf("succession %s: %w", f.succession, err)
	}
	if !last.IsZero() {
		f.reached = last
		return true, updateFollow(ctx, tx, brand, f)
	}
	if err := s.tellOfLeaver(ctx, tx, brand, succession, now); err != nil {
		return false, fmt.Errorf("succession %s: %w", f.succession, err)
	}
	if f.look == 1 {
		return true, lookAgain(ctx, tx, brand, f, now.Add(secondLookAfter))
	}
	return true, deleteFollow(ctx, tx, brand, f)
}

func (s *Service) tellOfLeaver(ctx context.Context, tx pgx.Tx, brand shop.BrandID, by Succession, now time.Time) error {
	for _, l := range s.listeners {
		hears, ok := l.(LeaverListener)
		if !ok {
			continue
		}
		var err error
		if by.Kind == Leaving {
			err = hears.StaffLeft(ctx, tx, brand, by.Staff, now)
		} else {
			err = hears.WorkEnded(ctx, tx, brand, by.At, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) followEach(ctx context.Context, tx pgx.Tx, brand shop.BrandID, found []Passage, now time.Time) error {
	ids := make([]shop.ID, len(found))
	at := make([]time.Time, len(found))
	for i, p := range found {
		ids[i], at[i] = p.Customer, now
	}
	if err := customer.LockAll(ctx, tx, brand, ids); err != nil {
		return err
	}
	holders, err := holdersAt(ctx, tx, brand, ids, at)
	if err != nil {
		return err
	}
	for i, p := range found {
		a := actIn(shop.System(brand), p.Customer, now)
		if err := noteHome(ctx, tx, a, holders[i]); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, p.At, p.At); err != nil {
			return err
		}
	}
	return nil
}

// noteHome writes whose she is now into her profile, and into the audit where a succession has made it another.
func noteHome(ctx context.Context, tx pgx.Tx, a *act, h Holder) error {
	p, err := customer.ProfileOf(ctx, tx, a.actor.Brand, a.who)
	if err != nil || p.HomeStore == h.Store && p.HomeStaff == h.Staff {
		return err
	}
	if err := customer.NoteHome(ctx, tx, a.actor.Brand, a.who, h.Store, h.Staff, h.Since); err != nil {
		return err
	}
	return audit.Note(ctx, tx, a.actor, a.now, audit.Entry{
		Act: "customer_passed_on", Customer: a.who, Subject: h.Succession, Detail: map[string]any{"store": h.Store, "staff": h.Staff, "pool": h.Pool},
	})
}
