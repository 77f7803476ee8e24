package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// InputsUnder are all that the credits of orders of one brand depend on, as Credit gathers it, as if the plan had always been in force
// and no other; who has left by now, has, and what was decided is decided. Nothing is locked and nothing is written, so that a
// transaction which only reads may ask too.
func (l *Ledger) InputsUnder(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p plan.Plan, orders []order.Order, now time.Time) ([]attribution.Input, error) {
	b, err := readBook(ctx, tx, brand)
	if err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	p.FirstDay = plan.Day{}
	b.plans, b.now, b.onlyReads = []plan.Plan{p}, now, true
	in, err := l.gather(ctx, tx, b, orders)
	if err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	if err := decided(ctx, tx, brand, in); err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	if err := exits(ctx, tx, b, in); err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	return in, nil
}
