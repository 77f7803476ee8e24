package scan

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Awaited is a scan that an order named before it was heard of: her click id was signed by us, and the scan waits on the disk of some
// process until the database takes it.
type Awaited struct {
	Order, Scan shop.ID
	NamedAt     time.Time // when the order was first told of with it
}

// Await notes scans that are not there yet. Again changes nothing.
func (s *Service) Await(ctx context.Context, tx pgx.Tx, brand shop.BrandID, scans []Awaited) error {
	if err := noteAwaited(ctx, tx, brand, scans); err != nil {
		return fmt.Errorf("await %d scans: %w", len(scans), err)
	}
	return nil
}

// AwaitedBy are the scans that an order waits for, and those that are there but of which nothing came yet.
func (s *Service) AwaitedBy(ctx context.Context, tx pgx.Tx, brand shop.BrandID, order shop.ID) ([]Awaited, error) {
	awaited, err := awaitedBy(ctx, tx, brand, order)
	if err != nil {
		return nil, fmt.Errorf("read what order %s waits for: %w", order, err)
	}
	return awaited, nil
}

// Arrived are awaited scans that are there now, a few hundred at most.
func (s *Service) Arrived(ctx context.Context, tx pgx.Tx, brand shop.BrandID) ([]Awaited, error) {
	arrived, err := arrivedOf(ctx, tx, brand)
	if err != nil {
		return nil, fmt.Errorf("look for awaited scans: %w", err)
	}
	return arrived, nil
}

// AwaitNoMore is said of a scan that arrived, once its order is credited by it.
func (s *Service) AwaitNoMore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, arrived Awaited) error {
	if err := deleteAwaited(ctx, tx, brand, arrived); err != nil {
		return fmt.Errorf("await scan %s no more: %w", arrived.Scan, err)
	}
	return nil
}
