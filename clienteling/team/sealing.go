package team

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// sealed is one secret that is kept sealed, by the row that it opens in.
type sealed struct {
	Row    shop.ID
	Secret []byte
}

// Sealing is how the sealed secrets of a brand stand: those of its platforms' webhooks and of its people's authenticator apps.
type Sealing struct {
	Former int // opened by a former key alone: without it, they are lost
	Lost   int // opened by none
}

// SealAnew seals with the newest key what a former one has sealed, and says how much that was; when nothing is left, the former key
// may go. It may run at any time and twice, and leaves alone what no key opens (see Sealing).
func (s *Service) SealAnew(ctx context.Context, brand shop.BrandID) (anew int, err error) {
	err = s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		anew = 0
		all, err := allSealed(ctx, tx, brand)
		if err != nil {
			return err
		}
		for _, old := range all {
			secret, key, err := s.sealer.openWith(old.Secret, brand, old.Row)
			if err != nil || key == 0 {
				continue
			}
			if err := updateSealed(ctx, tx, brand, old, s.sealer.seal(secret, brand, old.Row)); err != nil {
				return err
			}
			anew++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("seal secrets of brand %d anew: %w", brand, err)
	}
	return anew, nil
}

// Sealing counts the brand's secrets that are not sealed with the newest key.
func (s *Service) Sealing(ctx context.Context, brand shop.BrandID) (n Sealing, err error) {
	err = s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		all, err := allSealed(ctx, tx, brand)
		for _, one := range all {
			switch _, key, err := s.sealer.openWith(one.Secret, brand, one.Row); {
			case err != nil:
				n.Lost++
			case key > 0:
				n.Former++
			}
		}
		return err
	})
	if err != nil {
		return n, fmt.Errorf("count sealed secrets of brand %d: %w", brand, err)
	}
	return n, nil
}
