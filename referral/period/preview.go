package period

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/ledger"
)

// Preview is what a close would do now.
type Preview struct {
	Statements []Statement
	Checks     []Finding
}

// Finding is something that whoever closes may want to see to first. None of them stops a close: what is mended later is posted by
// the next one.
type Finding struct {
	Code  string
	Count int
}

// Codes of findings.
const (
	FactsWaiting       = "facts_waiting"         // facts whose order has not come
	MessagesSetAside   = "messages_set_aside"    // messages of platforms that were not understood
	PoolsWithoutHours  = "pools_without_hours"   // pools that have something of the month, and nobody's hours
	AdjustmentsWaiting = "adjustments_waiting"   // nobody has decided
	NotPayableYet      = "not_payable_yet"       // orders of the month whose return period is not over: they are for a later month
	BookBroken         = "book_invariant_broken" // rows that homestore doctor would name
)

// errPreviewed ends the transaction of a preview, so that nothing of it stays.
var errPreviewed = errors.New("previewed")

// Preview says what closing a month would state, by doing it and undoing it, and what to look at first. The refusals are those of
// Close. Nothing of it is kept but that what fell due is payable, as it is within a minute anyway; and sales do not wait.
func (s *Service) Preview(ctx context.Context, actor shop.Actor, month time.Time) (Preview, error) {
	var p Preview
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return p, err
	}
	now := shop.Millis(s.now())
	if err := s.mayClose(ctx, actor, month, now); err != nil {
		return p, fmt.Errorf("preview %s: %w", month.Format("2006-01"), err)
	}
	if _, err := s.book.Vest(ctx, actor.Brand, now); err != nil {
		return p, fmt.Errorf("preview %s: %w", month.Format("2006-01"), err)
	}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if err := lockClosing(ctx, tx, actor.Brand); err != nil {
			return err
		}
		closed, err := ledger.ClosedUntil(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if !month.After(closed) { // what is closed states what it stated
			if p.Statements, err = Statements(ctx, tx, actor.Brand, month); err != nil {
				return err
			}
			return errPreviewed
		}
		if p.Statements, err = s.settle(ctx, tx, actor.Brand, closing{month, actor.Pseudonym()}, now); err != nil {
			return err
		}
		if p.Checks, err = s.findings(ctx, tx, actor.Brand, month); err != nil {
			return err
		}
		return errPreviewed
	})
	if !errors.Is(err, errPreviewed) {
		return p, fmt.Errorf("preview %s: %w", month.Format("2006-01"), err)
	}
	return p, nil
}

// findings are asked when the month is settled, before that is undone.
func (s *Service) findings(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time) ([]Finding, error) {
	br, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	work := settling{brand: br, month: month}
	found, err := countFindings(ctx, tx, brand, month, work.begins(month), work.begins(month.AddDate(0, 1, 0)))
	if err != nil {
		return nil, err
	}
	broken, err := Violations(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	rows := 0
	for _, v := range broken {
		rows += len(v.Rows)
	}
	if rows > 0 {
		found = append(found, Finding{BookBroken, rows})
	}
	return found, nil
}
