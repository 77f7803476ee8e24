package statement

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/period"
)

// Preview is what closing a month would state now, with names, and what to see to first. The refusals are those of period.Close.
func (s *Service) Preview(ctx context.Context, actor shop.Actor, month time.Time, in shop.Language) ([]Entry, []period.Finding, error) {
	p, err := s.periods.Preview(ctx, actor, month)
	if err != nil {
		return nil, nil, err
	}
	var all []Entry
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = entriesOf(ctx, tx, actor.Brand, p.Statements, in)
		return err
	})
	return all, p.Checks, err
}
