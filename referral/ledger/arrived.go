package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
)

// CreditArrived credits anew the orders that named a scan before it was heard of: while the database is away scans wait on the disk of
// the process that took them, and her order may come by another one. What they earn by it is dated as if it had been known. It returns
// how many scans those were. A round takes a few hundred; run again it finds none.
func (l *Ledger) CreditArrived(ctx context.Context, brand shop.BrandID, now time.Time) (int, error) {
	var arrived []scan.Awaited
	err := l.pool.Brand(ctx, brand, func(tx pgx.Tx) (err error) {
		arrived, err = l.scans.Arrived(ctx, tx, brand)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("credit scans that arrived: %w", err)
	}
	credited := 0
	for _, one := range arrived {
		oneErr := l.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
			if err := l.creditAgain(ctx, tx, brand, []shop.ID{one.Order}, act{one.Scan.Time(), now}); err != nil {
				return err
			}
			return l.scans.AwaitNoMore(ctx, tx, brand, one)
		})
		if oneErr != nil { // keeps no other waiting
			err = errors.Join(err, fmt.Errorf("credit scan %s that arrived: %w", one.Scan, oneErr))
			continue
		}
		credited++
	}
	return credited, err
}
