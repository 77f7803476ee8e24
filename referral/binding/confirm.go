package binding

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// HerClaims are the claims that wait for the customer herself, and those by which another shop has won her, newest first. What
// managers look at is not hers to see.
func (s *Service) HerClaims(ctx context.Context, actor shop.Actor, page shop.Page) ([]Hold, string, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return nil, "", err
	}
	var holds []Hold
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		holds, err = herHolds(ctx, tx, actor.Brand, actor.ID, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("claims on customer %s: %w", actor.ID, err)
	}
	holds, next := shop.Cut(page, holds, func(h Hold) shop.ID { return h.ID })
	return holds, next, nil
}

// Confirm is the customer's yes to a claim that waits for her. It wins from its evidence on, unless somebody else has won her
// since; what came of it is in the outcome. ErrHoldUnknown for a claim that is not on her or not hers to confirm,
// ErrHoldDecided for one that was answered or has lapsed.
func (s *Service) Confirm(ctx context.Context, actor shop.Actor, id shop.ID) (Outcome, error) {
	return s.answer(ctx, actor, id, HoldReleased)
}

// Deny is her no. It refuses as Confirm does; the claim's outcome is ErrDenied.
func (s *Service) Deny(ctx context.Context, actor shop.Actor, id shop.ID) error {
	_, err := s.answer(ctx, actor, id, HoldRefused)
	return err
}

func (s *Service) answer(ctx context.Context, actor shop.Actor, id shop.ID, to HoldState) (out Outcome, err error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return Outcome{}, err
	}
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		who, err := customerOfHold(ctx, tx, actor.Brand, id)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && who != actor.ID {
			return ErrHoldUnknown
		}
		if err != nil {
			return err
		}
		a, c, err := s.waiting(ctx, tx, actIn(actor, who, now), id)
		if err != nil {
			return err
		}
		if a.freed.WaitsFor == ForManager {
			return ErrHoldUnknown
		}
		if !a.freed.isOpen(a.now) {
			return ErrHoldDecided
		}
		_, out, err = s.settle(ctx, tx, a, c, "answered in the app", to)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("answer claim %s: %w", id, err)
	}
	return out, nil
}

// confirmShown settles the claim of the actor's store on a customer who has just shown her member code there, if one waits for
// her: telling the cashier the code is a yes. She is locked.
func (s *Service) confirmShown(ctx context.Context, tx pgx.Tx, a *act, at Attempt) (Outcome, bool, error) {
	id, err := openFor(ctx, tx, a.actor.Brand, a.who, at)
	if errors.Is(err, pgx.ErrNoRows) {
		return Outcome{}, false, nil
	}
	if err != nil {
		return Outcome{}, false, err
	}
	a, c, err := s.waiting(ctx, tx, a, id)
	if err != nil || !a.freed.isOpen(a.now) {
		return Outcome{}, false, err
	}
	_, out, err := s.settle(ctx, tx, a, c, "member code shown", HoldReleased)
	return out, true, err
}

// maxLapses bounds one turn; what is left lapses in the next.
const maxLapses = 500

// Lapse ends the claims that customers have not confirmed in time, each in a transaction of its own, and says how many. Again
// changes nothing.
func (s *Service) Lapse(ctx context.Context, brand shop.BrandID) (int, error) {
	now := shop.Millis(s.now())
	var due []shop.ID
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		due, err = lapsed(ctx, tx, brand, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("claims that lapse: %w", err)
	}
	for n, id := range due {
		err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
			who, err := customerOfHold(ctx, tx, brand, id)
			if err != nil {
				return err
			}
			a, c, err := s.waiting(ctx, tx, actIn(shop.System(brand), who, now), id)
			if err != nil || a.freed.State != HoldOpen {
				return err
			}
			_, _, err = s.settle(ctx, tx, a, c, "not confirmed in time", HoldLapsed)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("lapse claim %s: %w", id, err)
		}
	}
	return len(due), nil
}
