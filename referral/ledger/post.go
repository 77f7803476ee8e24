package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Post writes transfers that stand on no order, each dated in the month of its EffectiveAt or the first open one.
func (l *Ledger) Post(ctx context.Context, tx pgx.Tx, brand shop.BrandID, zone *time.Location, transfers []Transfer) error {
	if len(transfers) == 0 {
		return nil
	}
	closed, err := holdMonths(ctx, tx, brand)
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	date(transfers, closed, zone)
	return writeTransfers(ctx, tx, brand, zone, transfers)
}

// PostClosing writes what a month's own close finds due, dated in that month although it is closed to everybody else. It is for
// whoever closes it alone, before CountMonth.
func (l *Ledger) PostClosing(ctx context.Context, tx pgx.Tx, brand shop.BrandID, zone *time.Location, month time.Time, transfers []Transfer) error {
	if len(transfers) == 0 {
		return nil
	}
	for i := range transfers {
		transfers[i].Month = month
	}
	return writeTransfers(ctx, tx, brand, zone, transfers)
}
