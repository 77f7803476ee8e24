package scan

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// ByClick is the scan that a click id vouches for at the instant now: ErrUnknownClick and ErrExpiredClick as Click, and
// shop.ErrNotFound when it is not in the database yet (the spool is being drained) or no longer (its month has expired).
func (s *Service) ByClick(ctx context.Context, brand shop.BrandID, click string, now time.Time) (Scan, error) {
	id, err := s.Click(brand, click, now, DefaultClickLife)
	if err != nil {
		return Scan{}, err
	}
	var found []Scan
	err = s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		found, err = byIDs(ctx, tx, brand, []shop.ID{id})
		return err
	})
	if err != nil {
		return Scan{}, fmt.Errorf("read the scan of a click id: %w", err)
	}
	if len(found) == 0 {
		return Scan{}, shop.ErrNotFound
	}
	return found[0], nil
}
