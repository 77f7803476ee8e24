package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// Inputs are all that the credits of orders of one brand depend on, as Credit gathers it, under the plans in force when they were
// placed. Nothing is locked and nothing is written, so that a transaction which only reads may ask too.
func (l *Ledger) Inputs(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order) ([]attribution.Input, error) {
	b, err := readBook(ctx, tx, brand)
	if err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	return l.inputs(ctx, tx, b, orders)
}

// InputsUnder are Inputs as if the plan had always been in force, and no other.
func (l *Ledger) InputsUnder(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p plan.Plan, orders []order.Order) ([]attribution.Input, error) {
	b, err := readBook(ctx, tx, brand)
	if err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	p.FirstDay = plan.Day{}
	b.plans = []plan.Plan{p}
	return l.inputs(ctx, tx, b, orders)
}

func (l *Ledger) inputs(ctx context.Context, tx pgx.Tx, b book, orders []order.Order) ([]attribution.Input, error) {
	b.onlyReads = true
	in, err := l.gather(ctx, tx, b, orders)
	if err != nil {
		return nil, fmt.Errorf("read what credits depend on: %w", err)
	}
	return in, nil
}
