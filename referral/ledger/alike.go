package ledger

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// paidAlike lets what was paid with the same wait for each other: of two orders credited at once the second must see the first, whichever
// was placed earlier.
func paidAlike(ctx context.Context, tx pgx.Tx, b book, orders []shop.ID) (map[shop.ID][]shop.ID, error) {
	if b.onlyReads {
		return order.PaidAlike(ctx, tx, b.brand, orders)
	}
	return order.LockPaidAlike(ctx, tx, b.brand, orders)
}

// alike are the orders that were placed after these and paid for with the same, where these are purchases by people who work for the
// brand: one that is heard of late makes those self purchases that were credited before. Where nobody bought from herself, which is
// nearly always, nothing is asked.
func (l *Ledger) alike(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) ([]attribution.Input, error) {
	var own, known []shop.ID
	for _, one := range in {
		known = append(known, one.Order.ID)
		if one.SelfPurchase {
			own = append(own, one.Order.ID)
		}
	}
	if len(own) == 0 {
		return nil, nil
	}
	ids, err := order.LaterPaidAlike(ctx, tx, b.brand, own)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id shop.ID) bool { return slices.Contains(known, id) })
	orders, err := order.LoadMany(ctx, tx, b.brand, ids)
	if err != nil || len(orders) == 0 {
		return nil, err
	}
	return l.gather(ctx, tx, b, orders)
}
