package binding

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// of fills in who recorded a claim, where, and by which version of the policy it is decided. A claim that waited keeps what
// was known when it was made.
func (e Evidence) of(actor shop.Actor, p team.Policy) Evidence {
	if e.Hold.IsZero() {
		e.Session, e.Device, e.Policy = actor.Session, actor.Device, p.ID
	}
	return e
}

func (s standing) liveID() shop.ID {
	if live := s.live(); live != nil {
		return live.ID
	}
	return shop.ID{}
}

// evidenceAt is when what a claim rests on was recorded: now, or when a claim that waited was made. One that replaces another
// binding begins when that is recorded all the same, so that nobody's past is changed behind her.
func (a *act) evidenceAt() time.Time {
	if a.freed != nil && a.live() == nil {
		return a.freed.OpenedAt
	}
	return a.now
}

// holdOf is a hold of a claim that is being decided.
func (a *act) holdOf(b bid) *Hold {
	h := &Hold{ID: shop.NewID(a.now), Customer: a.who, Store: b.Store, Staff: b.Staff, Source: b.Source, OpenedAt: a.now, State: HoldOpen, Signs: []Sign{}}
	if live := a.live(); live != nil {
		h.Against, h.AgainstStore, h.AgainstStaff = live.ID, a.holder.Store, a.holder.Staff
	}
	return h
}

// guard says whether a claim that could win waits, and for whom.
func (s *Service) guard(ctx context.Context, tx pgx.Tx, a *act, b bid, e Evidence, p team.Policy) (*Hold, *shop.Refusal, error) {
	if !isGuarded(b) {
		return nil, nil, nil
	}
	h := a.holdOf(b)
	if p.Guard.HoldAt > 0 {
		saw, err := s.look(ctx, tx, a, b, e)
		if err != nil {
			return nil, nil, fmt.Errorf("look at a claim: %w", err)
		}
		if h.Signs = append(h.Signs, signsOf(saw, p.Guard)...); ScoreOf(h.Signs) >= p.Guard.HoldAt {
			h.WaitsFor = ForManager
			return h, ErrHeld, nil
		}
	}
	if !b.shown && needsConfirming(b.Source, p.Confirm) {
		h.WaitsFor, h.LapsesAt = ForCustomer, a.now.Add(time.Duration(p.ConfirmHours)*time.Hour)
		return h, ErrUnconfirmed, nil
	}
	return nil, nil, nil
}

// told is for both people and their managers to see: a claim that takes her from another store, or one by somebody of another
// store to whom she has shown her code, which did not. Nil for all others.
func (a *act) told(b bid, refusal *shop.Refusal) *Hold {
	if !isGuarded(b) || a.holder.Store.IsZero() || a.holder.Store == b.Store || refusal != nil && !b.shown {
		return nil
	}
	h := a.holdOf(b)
	h.WaitsFor, h.State = ForNobody, HoldTold
	return h
}

// Release lets a claim that was held go on as if it had not been: by the policy of the moment at which it was made, from its
// evidence on, provided that nobody else has won her since. What came of it is in the outcome, kept as a claim of hers.
// ErrHoldUnknown, ErrHoldDecided, ErrOwnHold and ErrHoldReason can come back.
func (s *Service) Release(ctx context.Context, actor shop.Actor, id shop.ID, why string) (Hold, Outcome, error) {
	return s.decide(ctx, actor, id, why, HoldReleased)
}

// Refuse ends a claim that was held: ErrHoldRefused is kept as its outcome. It can refuse as Release does.
func (s *Service) Refuse(ctx context.Context, actor shop.Actor, id shop.ID, why string) (Hold, error) {
	h, _, err := s.decide(ctx, actor, id, why, HoldRefused)
	return h, err
}

func (s *Service) decide(ctx context.Context, actor shop.Actor, id shop.ID, why string, to HoldState) (h Hold, out Outcome, err error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Hold{}, Outcome{}, err
	}
	if why, err = HoldReason(why); err != nil {
		return Hold{}, Outcome{}, err
	}
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		who, err := customerOfHold(ctx, tx, actor.Brand, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrHoldUnknown
		}
		if err != nil {
			return err
		}
		a, c, err := s.waiting(ctx, tx, actIn(actor, who, now), id)
		if err != nil {
			return err
		}
		if !a.freed.concerns(actor) {
			return ErrHoldUnknown
		}
		if !a.freed.isOpen(a.now) {
			return ErrHoldDecided
		}
		if err := a.freed.mayDecide(actor, c, a.self); err != nil {
			return err
		}
		h, out, err = s.settle(ctx, tx, a, c, why, to)
		return err
	})
	if err != nil {
		return Hold{}, Outcome{}, fmt.Errorf("decide on held claim %s: %w", id, err)
	}
	return h, out, nil
}

// maxReason is as long as a transfer's may be.
const maxReason = 2000

// HoldReason is the reason of a decision about what is held, as it is kept: ErrHoldReason for none, or too long a one.
func HoldReason(why string) (string, error) {
	switch why = strings.TrimSpace(why); {
	case why == "":
		return "", ErrHoldReason
	case len(why) > maxReason:
		return "", ErrHoldReason.Saying("Use at most %d bytes.", maxReason)
	}
	return why, nil
}

// waiting reads a claim that waits: she is locked first, so that it is decided once.
func (s *Service) waiting(ctx context.Context, tx pgx.Tx, a *act, id shop.ID) (*act, Claim, error) {
	if err := a.lock(ctx, tx); err != nil {
		return nil, Claim{}, err
	}
	h, err := holdByID(ctx, tx, a.actor.Brand, id)
	if err != nil {
		return nil, Claim{}, err
	}
	a.freed = &h
	c, err := claimByNo(ctx, tx, a.actor.Brand, a.who, h.ClaimNo)
	return a, c, err
}

// settle decides a hold and keeps what came of its claim as another claim.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, a *act, c Claim, why string, to HoldState) (Hold, Outcome, error) {
	h := a.freed
	h.State, h.DecidedAt, h.DecidedBy, h.Why = to, a.now, a.actor.Pseudonym(), why
	if err := decideHold(ctx, tx, a.actor.Brand, *h); err != nil {
		return Hold{}, Outcome{}, err
	}
	err := audit.Note(ctx, tx, a.actor, a.now, audit.Entry{Act: "held_claim_decided", Customer: a.who, Subject: h.ID, Detail: map[string]any{"state": to}})
	if err != nil {
		return Hold{}, Outcome{}, err
	}
	c.Evidence.Hold = h.ID
	b := bid{
		Attempt:   Attempt{Customer: a.who, Store: c.Store, Staff: c.Staff, Source: c.Source, Invoice: c.Evidence.Invoice},
		scannedAt: c.Evidence.ScannedAt,
	}
	if to != HoldReleased {
		refused := map[Waits]*shop.Refusal{ForManager: ErrHoldRefused, ForCustomer: ErrDenied}[h.WaitsFor]
		if to == HoldLapsed {
			refused = ErrLapsed
		}
		out, err := s.conclude(ctx, tx, a, b, c.Evidence, verdict{refusal: refused})
		return *h, out, err
	}
	out, err := s.again(ctx, tx, a, b, c)
	return *h, out, err
}

// again decides a claim that waited as of when it was made.
func (s *Service) again(ctx context.Context, tx pgx.Tx, a *act, b bid, c Claim) (Outcome, error) {
	brand := a.actor.Brand
	policy, err := team.PolicyAt(ctx, tx, brand, c.RecordedAt)
	if err != nil {
		return Outcome{}, err
	}
	if b.assigned, err = isAssigned(ctx, tx, brand, b, c.RecordedAt); err != nil {
		return Outcome{}, err
	}
	refusal := refusalOf(b, a.standing, policy, c.RecordedAt)
	return s.conclude(ctx, tx, a, b, c.Evidence, verdict{refusal: refusal, rule: ruling(b, a.standing, policy, refusal), wait: a.told(b, refusal)})
}
