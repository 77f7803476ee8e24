package customer

import (
	"context"
	"fmt"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Addressee is what somebody who writes to a customer must know of her.
type Addressee struct {
	ID       shop.ID
	Language shop.Language // empty: the brand's
	TimeZone string        // empty: the brand's
	Granted  bool          // she agreed to the channel, and has not taken it back
}

// Addressees are those of the customers who exist and are neither erased nor merged into another, by id.
func Addressees(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID, channel Channel) ([]Addressee, error) {
	all, err := addressees(ctx, db, brand, ids, channel)
	if err != nil {
		return nil, fmt.Errorf("addressees: %w", err)
	}
	return all, nil
}

// MembersAfter are the ids of the next members by id, of one home store or (store zero) of all: the pages in which a
// campaign goes through its audience. Somebody who joins meanwhile may or may not be among them.
func MembersAfter(ctx context.Context, db postgres.DB, brand shop.BrandID, store, after shop.ID, limit int) ([]shop.ID, error) {
	read := membersAfter
	if !store.IsZero() {
		read = func(ctx context.Context, db postgres.DB, brand shop.BrandID, after shop.ID, limit int) ([]shop.ID, error) {
			return membersOfStoreAfter(ctx, db, brand, store, after, limit)
		}
	}
	ids, err := read(ctx, db, brand, after, limit)
	if err != nil {
		return nil, fmt.Errorf("members after %s: %w", after, err)
	}
	return ids, nil
}
