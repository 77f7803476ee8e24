package plan

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// KeepsOnExchange says whether what is exchanged of an order keeps its credit, by the plan in force on the day on which the
// order was placed (order.Exchanges). Where none was, it does: there is nothing to give back.
func (s *Service) KeepsOnExchange(ctx context.Context, tx pgx.Tx, brand shop.BrandID, placedAt time.Time) (bool, error) {
	br, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return false, fmt.Errorf("how exchanges count: %w", err)
	}
	plans, err := List(ctx, tx, brand)
	if err != nil {
		return false, fmt.Errorf("how exchanges count: %w", err)
	}
	p, ok := InForce(plans, DayOf(placedAt, br.Zone()))
	return !ok || p.Exchange != Anew, nil
}
