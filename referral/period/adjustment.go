package period

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
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// Adjustment is what somebody gets or gives back by hand, with its reason.
type Adjustment struct {
	ID        shop.ID
	To        attribution.Beneficiary
	Currency  shop.Currency
	Minor     int64     // below zero: taken
	BelongsTo time.Time // first day of the month that it mends; zero: none
	Reason    string
	AskedBy   string // shop.Actor.Pseudonym
	AskedAt   time.Time

	Outcome   string // Approved, Refused; empty: it waits
	Note      string
	DecidedBy string
	DecidedAt time.Time
}

// Outcomes of an adjustment.
const (
	Approved = "approved"
	Refused  = "refused"
)

// Refusals about adjustments.
var (
	ErrReason     = shop.Refuse(shop.Unprocessable, "adjustment_reason_required", "Say why: whoever gets or gives it reads the reason.")
	ErrNothing    = shop.Refuse(shop.Unprocessable, "adjustment_of_nothing", "An adjustment gives or takes at least one minor unit.")
	ErrAdjustWhom = shop.Refuse(shop.Unprocessable, "adjustment_holder_unknown", "There is no such store or person in this brand.")
	ErrDecided    = shop.Refuse(shop.Conflict, "adjustment_decided", "This was decided before.")
)

var _ = postgres.RefuseOn("adjustment_decided_once", ErrDecided)

// Adjust asks for an adjustment. Up to the limit of the brand's policy it is posted at once, in the open month; above it a second
// person decides. Nobody adjusts her own account (shop.ErrOwnApproval). An adjustment with the id of one that was asked for changes
// nothing, and that one is returned. ErrReason, ErrNothing and ErrAdjustWhom can come back.
func (s *Service) Adjust(ctx context.Context, actor shop.Actor, a Adjustment) (Adjustment, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return a, err
	}
	if err := a.check(actor); err != nil {
		return a, err
	}
	now := shop.Millis(s.now())
	if a.ID.IsZero() {
		a.ID = shop.NewID(now)
	}
	a.AskedBy, a.AskedAt = actor.Pseudonym(), now
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if a.Currency == "" {
			a.Currency = brand.Currency
		}
		if err := isThere(ctx, tx, actor.Brand, a.To); err != nil {
			return err
		}
		if isNew, err := insertAdjustment(ctx, tx, actor.Brand, a); err != nil || !isNew {
			if err == nil {
				a, err = adjustmentByID(ctx, tx, actor.Brand, a.ID)
			}
			return err
		}
		if err := audit.Note(ctx, tx, actor, now, audit.Entry{Act: "adjustment_asked", Subject: a.ID, Detail: map[string]any{"to": a.To.String(), "minor": a.Minor}}); err != nil {
			return err
		}
		policy, err := team.PolicyAt(ctx, tx, actor.Brand, now)
		if err != nil || max(a.Minor, -a.Minor) > policy.AdjustmentLimitMinor {
			return err
		}
		a.Outcome, a.DecidedBy, a.DecidedAt = Approved, a.AskedBy, now
		return s.decide(ctx, tx, actor, brand, a)
	})
	if err != nil {
		return a, fmt.Errorf("adjust: %w", err)
	}
	return a, nil
}

func (a Adjustment) check(actor shop.Actor) error {
	switch {
	case strings.TrimSpace(a.Reason) == "":
		return ErrReason
	case a.Minor == 0:
		return ErrNothing
	case a.To.IsNobody():
		return ErrAdjustWhom
	case a.isOf(actor):
		return shop.ErrOwnApproval
	}
	return nil
}

// isOf says whether the account is the actor's own.
func (a Adjustment) isOf(actor shop.Actor) bool {
	return a.To.Kind == attribution.ToStaff && a.To.ID == actor.ID
}

func isThere(ctx context.Context, tx pgx.Tx, brand shop.BrandID, to attribution.Beneficiary) error {
	var err error
	if to.Kind == attribution.ToStaff {
		_, err = team.StaffByID(ctx, tx, brand, to.ID)
	} else {
		_, err = team.StoreByID(ctx, tx, brand, to.ID)
	}
	if errors.Is(err, shop.ErrNotFound) {
		return ErrAdjustWhom
	}
	return err
}

// DecideAdjustment approves or refuses what somebody else asked for. Neither she (team.SecondPerson) nor whose account it is decides
// (shop.ErrOwnApproval); ErrDecided when somebody has.
func (s *Service) DecideAdjustment(ctx context.Context, actor shop.Actor, id shop.ID, outcome, note string) (Adjustment, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance); err != nil {
		return Adjustment{}, err
	}
	now := shop.Millis(s.now())
	var a Adjustment
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if a, err = adjustmentByID(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		switch {
		case a.Outcome != "":
			return ErrDecided
		case a.isOf(actor):
			return shop.ErrOwnApproval
		}
		if err := team.SecondPerson(ctx, tx, actor, shop.Named(a.AskedBy)); err != nil {
			return err
		}
		a.Outcome, a.Note, a.DecidedBy, a.DecidedAt = outcome, note, actor.Pseudonym(), now
		return s.decide(ctx, tx, actor, brand, a)
	})
	if err != nil {
		return a, fmt.Errorf("decide adjustment %s: %w", id, err)
	}
	return a, nil
}

// decide keeps how it ended and, when it was approved, posts it: payable at once, since no goods can come back.
func (s *Service) decide(ctx context.Context, tx pgx.Tx, actor shop.Actor, brand team.Brand, a Adjustment) error {
	if err := insertDecision(ctx, tx, brand.ID, a); err != nil {
		return err
	}
	note := audit.Entry{Act: "adjustment_" + a.Outcome, Subject: a.ID, Detail: map[string]any{"to": a.To.String(), "minor": a.Minor}}
	if err := audit.Note(ctx, tx, actor, a.DecidedAt, note); err != nil || a.Outcome != Approved {
		return err
	}
	return s.book.Post(ctx, tx, brand.ID, brand.Zone(), []ledger.Transfer{a.transfer()})
}

func (a Adjustment) transfer() ledger.Transfer {
	from, to := ledger.Account{Kind: ledger.Expense, Currency: a.Currency}, ledger.Account{Kind: ledger.Payable, Holder: a.To, Currency: a.Currency}
	if a.Minor < 0 {
		from, to = to, from
	}
	return ledger.Transfer{
		ID: shop.NewID(a.DecidedAt), Kind: ledger.Adjusted, Debit: from, Credit: to, Minor: max(a.Minor, -a.Minor), Fact: "adjust:" + a.ID.String(),
		Reason: fmt.Appendf(nil, `{"adjustment":%q,"asked_by":%q,"approved_by":%q}`, a.ID, a.AskedBy, a.DecidedBy), EffectiveAt: a.DecidedAt, PostedAt: a.DecidedAt,
	}
}
