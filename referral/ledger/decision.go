package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// Decide keeps what was decided about orders and credits them by it: what was somebody's is taken back and given to whom it
// was decided for, dated now, so that no closed month changes. Whatever becomes known of the orders later follows the
// decisions too. The caller holds the locks of the customers and the orders, and has seen to who may decide.
func (l *Ledger) Decide(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order, decisions []attribution.Decision, now time.Time) error {
	for _, o := range orders {
		if err := insertDecisions(ctx, tx, brand, o.ID, decisions); err != nil {
			return fmt.Errorf("decide about order %s: %w", o.ID, err)
		}
	}
	if err := l.Credit(ctx, tx, brand, orders, now); err != nil {
		return err
	}
	return l.follow(ctx, tx, orders, now)
}

// decided reads what was decided about the orders: in disputes, and about holds.
func decided(ctx context.Context, tx pgx.Tx, brand shop.BrandID, in []attribution.Input) error {
	decisions, err := decisionsOf(ctx, tx, brand, ordersOf(in))
	if err != nil {
		return err
	}
	refused, err := refusedAmong(ctx, tx, brand, ordersOf(in))
	for i := range in {
		id := in[i].Order.ID
		in[i].Decisions, in[i].IsRefused = decisions[id], slices.Contains(refused, id)
	}
	return err
}
