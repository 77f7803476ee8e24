package scan

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// SlotLength is how finely the scans of a day are told: opening hours begin and end on its multiples.
const SlotLength = 15 * time.Minute

// Slot is what people did at a tag in a quarter of an hour.
type Slot struct {
	Tag       shop.ID
	From      time.Time
	Sessions  int // that began in it
	Devices   int // of which this is the first scan of the tag since the instant that was asked from
	AtStore   int // sessions in the network of the tag's store
	Elsewhere int // and in that of another store of the brand
}

// Slots are what people did at tags from one instant to another, the latter not included, by tag and time; a quarter of an hour
// in which no session began is missing. However many scans there were, a tag and a day have at most 96 of them.
func (s *Service) Slots(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []shop.ID, from, to time.Time) ([]Slot, error) {
	slots, err := slotsOf(ctx, tx, brand, tags, from, to)
	if err != nil {
		return nil, fmt.Errorf("slots of %d tags: %w", len(tags), err)
	}
	return slots, nil
}

// Silent are those of the tags that no person has scanned from an instant on.
func (s *Service) Silent(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []shop.ID, since time.Time) ([]shop.ID, error) {
	silent, err := silentOf(ctx, tx, brand, tags, since)
	if err != nil {
		return nil, fmt.Errorf("silent ones of %d tags: %w", len(tags), err)
	}
	return silent, nil
}
