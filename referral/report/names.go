package report

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Names are what the stores and people of these ids are called.
func (s *Service) Names(ctx context.Context, actor shop.Actor, ids []shop.ID) (map[shop.ID]Name, error) {
	var names map[shop.ID]Name
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		names, err = namesOf(ctx, tx, actor.Brand, ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("names of %d: %w", len(ids), err)
	}
	return names, nil
}
