package customer

import (
	"context"
	"fmt"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// EmailsAmong are the e-mail addresses of the customers, with whose they are; also those that nobody has verified.
func EmailsAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[string]shop.ID, error) {
	addresses, err := emailsAmong(ctx, db, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("addresses of %d customers: %w", len(ids), err)
	}
	return addresses, nil
}
