package ledger

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
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

// HoldMonths is the last closed month, and keeps it so until the transaction ends: what the transaction writes of a month that is
// open is there when that is closed.
func HoldMonths(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (time.Time, error) {
	return holdMonths(ctx, tx, brand)
}

// VolumesOf is what each line counts for the month's tiers and targets; a parcel's fixed fee, which has no line, counts nothing.
func VolumesOf(r attribution.Result) map[int]*big.Rat {
	volumes := make(map[int]*big.Rat, len(r.Lines))
	volumes[0] = new(big.Rat)
	for _, l := range r.Lines {
		if l.Reversed.Sign() == 0 {
			volumes[l.No] = l.Base
			continue
		}
		left := new(big.Rat).Sub(big.NewRat(1, 1), l.Reversed)
		volumes[l.No] = left.Mul(left, l.Base)
	}
	return volumes
}

// lateMonths are the closed months to which something of what is written belongs: the months of the orders, and those in which
// something is taken back. Those in which something was, are noted as that is forgotten.
func (w *writing) lateMonths(closed time.Time, zone *time.Location) []time.Time {
	if closed.IsZero() {
		return nil
	}
	var late []time.Time
	add := func(at time.Time) {
		if m := monthOf(at, zone); !m.After(closed) && !slices.Contains(late, m) {
			late = append(late, m)
		}
	}
	for _, o := range w.orders {
		add(o.Order.Time())
	}
	for _, c := range w.clawbacks {
		add(c.At)
	}
	slices.SortFunc(late, time.Time.Compare)
	return late
}
