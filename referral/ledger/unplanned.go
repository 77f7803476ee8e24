package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// unplannedAtOnce is how many orders one transaction credits: few enough that nobody waits for its locks.
const unplannedAtOnce = 200

// CreditUnplanned credits the orders that came before the brand's first plan and were placed since its first day: a brand may bring its
// orders along and approve its first plan after them, and whoever bought while it was being approved is among them. It returns how
// many orders those were. Later plans begin after today, so that none of their orders is there before them; run twice it finds nothing
// the second time.
func (l *Ledger) CreditUnplanned(ctx context.Context, brand shop.BrandID, now time.Time) (int, error) {
	total := 0
	for after := (shop.ID{}); ; {
		var ids []shop.ID
		err := l.pool.Brand(ctx, brand, func(tx pgx.Tx) (err error) {
			if ids, err = unplanned(ctx, tx, brand, after); err != nil {
				return err
			}
			return l.creditAgain(ctx, tx, brand, ids, act{now, now})
		})
		if err != nil {
			return total, fmt.Errorf("credit orders from before the first plan: %w", err)
		}
		total += len(ids)
		if len(ids) < unplannedAtOnce {
			return total, nil
		}
		after = ids[len(ids)-1]
	}
}

// unplanned are the next orders after one that no plan credited and that one covers now.
func unplanned(ctx context.Context, tx pgx.Tx, brand shop.BrandID, after shop.ID) ([]shop.ID, error) {
	b, err := readBook(ctx, tx, brand)
	if err != nil || len(b.plans) == 0 {
		return nil, err
	}
	first := slices.MinFunc(b.plans, func(p, q plan.Plan) int { return p.FirstDay.Compare(q.FirstDay.Time) }).FirstDay
	begins := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, b.zone)
	if after.IsZero() {
		after = shop.FloorID(begins) // no order has it
	}
	return ordersUnplanned(ctx, tx, brand, after, unplannedAtOnce)
}
