package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// StaffLeft credits anew what somebody who has left had pending then, also what has become payable since, where her leaving is heard of
// late: the plan of each order says whether that goes to the pool of her last store or stays hers. What was bought since is nobody's
// own purchase for her sake. See binding.LeaverListener.
func (l *Ledger) StaffLeft(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, now time.Time) error {
	departures, err := team.Departures(ctx, tx, brand, []shop.ID{staff}, now)
	if err != nil {
		return err
	}
	left := now
	if d, hasLeft := departures[staff]; hasLeft {
		left = d.At
	}
	ids, err := pendingOf(ctx, tx, brand, staff, left)
	if err != nil {
		return err
	}
	own, err := selfPurchases(ctx, tx, brand, left)
	if err != nil {
		return err
	}
	return l.creditAgain(ctx, tx, brand, slices.Concat(ids, own), act{left, now}) // none is both: of her own purchase nobody has anything
}

// WorkEnded credits anew what was bought by people of the brand since some of them may have been it no more. See binding.LeaverListener.
func (l *Ledger) WorkEnded(ctx context.Context, tx pgx.Tx, brand shop.BrandID, since, now time.Time) error {
	own, err := selfPurchases(ctx, tx, brand, since)
	if err != nil {
		return err
	}
	return l.creditAgain(ctx, tx, brand, own, act{since, now})
}

// exits are those of the people who may earn that are in force by now: what was decided is known before. Only a plan that passes on
// what a leaver has pending asks.
func exits(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) error {
	asked := slices.ContainsFunc(in, func(one attribution.Input) bool { return one.Plan != nil && one.Plan.Leaver == plan.Pool })
	if !asked {
		return nil
	}
	departures, err := team.Departures(ctx, tx, b.brand, peopleIn(in), b.now)
	if err != nil || len(departures) == 0 {
		return err
	}
	left := make(map[shop.ID]attribution.Exit, len(departures))
	for who, d := range departures {
		left[who] = attribution.Exit{At: d.At, Store: d.LastStore}
	}
	for i := range in {
		in[i].Left = left
	}
	return nil
}

// creditAgain takes the locks that Credit wants held, in the house's sequence, and credits the orders anew.
func (l *Ledger) creditAgain(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID, by act) error {
	if len(ids) == 0 {
		return nil
	}
	orders, err := order.LoadMany(ctx, tx, brand, ids)
	if err != nil {
		return err
	}
	customers := map[shop.ID]bool{}
	for _, o := range orders {
		customers[o.Customer] = true
	}
	delete(customers, shop.ID{})
	if err := customer.LockAll(ctx, tx, brand, slices.Collect(maps.Keys(customers))); err != nil {
		return err
	}
	if orders, err = order.Lock(ctx, tx, brand, ids); err != nil {
		return fmt.Errorf("lock %d orders: %w", len(ids), err)
	}
	if err := l.credit(ctx, tx, brand, orders, by); err != nil {
		return err
	}
	return l.follow(ctx, tx, orders, by.now)
}
