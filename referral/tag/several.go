package tag

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Several are the tags of these ids, in their sequence; shop.ErrNotFound when the actor may not see one of them.
func (s *Service) Several(ctx context.Context, actor shop.Actor, ids []shop.ID) ([]Tag, error) {
	var found []Tag
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		found, err = ByIDs(ctx, tx, actor.Brand, ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %d tags: %w", len(ids), err)
	}
	byID := make(map[shop.ID]Tag, len(found))
	for _, t := range found {
		byID[t.ID] = t
	}
	several := make([]Tag, len(ids))
	for i, id := range ids {
		t, ok := byID[id]
		if !ok || !maySee(actor, t) {
			return nil, shop.ErrNotFound
		}
		several[i] = t
	}
	return several, nil
}
