package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Each posting holds the brand's months shared until it commits, and CloseMonth takes them alone: a posting that found the
// month open commits before it is closed, and one that comes after finds it closed. To ask without holding would let a
// posting through that has asked already and not yet committed. It is an advisory lock, not a lock on a row, because every
// sale takes it: a row that is locked shared is written to each time, by all sales at once.

// CloseMonth ends a month and all before it, from the commit on: what belongs to them is dated in the next month. It waits
// for postings under way, and new ones wait for its transaction, which should do nothing else that takes long. It returns
// false when the month was closed already.
func (l *Ledger) CloseMonth(ctx context.Context, tx pgx.Tx, actor shop.Actor, month, now time.Time) (bool, error) {
	if err := lockMonths(ctx, tx, actor.Brand); err != nil {
		return false, fmt.Errorf("close month: %w", err)
	}
	closed, err := closedUntil(ctx, tx, actor.Brand)
	if err != nil {
		return false, fmt.Errorf("close month: %w", err)
	}
	if !month.After(closed) {
		return false, nil
	}
	return true, insertClosedMonth(ctx, tx, actor, month, now)
}

// CountMonth keeps what is dated in a closed month: from then on I5 tells when that changes. Counted again it stays as it was.
func (l *Ledger) CountMonth(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time) error {
	return insertClosedTotal(ctx, tx, brand, month)
}

// date puts each transfer into the month of its fact, or the first open one where that is closed; EffectiveAt goes on saying
// to which it belongs. Whoever calls it holds the months as they are.
func date(transfers []Transfer, closed time.Time, zone *time.Location) {
	open := closed.AddDate(0, 1, 0)
	for i := range transfers {
		t := &transfers[i]
		t.Month = monthOf(t.EffectiveAt, zone)
		if t.Month.Before(open) {
			t.Month = open
		}
	}
}

// day is the day to which the transfer adds in the roll-ups: that of its fact, or the first of the month in which it is dated.
func (t Transfer) day(zone *time.Location) time.Time {
	y, m, d := t.EffectiveAt.In(zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if day.Before(t.Month) {
		return t.Month
	}
	return day
}

// ClosedUntil is the last closed month, as midnight UTC of its first day; zero: none is.
func ClosedUntil(ctx context.Context, db postgres.DB, brand shop.BrandID) (time.Time, error) {
	return closedUntil(ctx, db, brand)
}
