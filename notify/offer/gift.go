package offer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// Welcome promises a gift to who has just joined. She gets it once, and only with a verified telephone number: one leads to
// one customer, so ten accounts of one person get one gift. Nothing is promised while the offer may not be sent; no refusal
// keeps her from joining. By says whence the gift comes: tag:<id>.
func Welcome(ctx context.Context, tx pgx.Tx, brand shop.BrandID, gift, who shop.ID, by string, now time.Time) error {
	found, err := ByIDs(ctx, tx, brand, []shop.ID{gift})
	if err != nil {
		return err
	}
	if o, exists := found[gift]; !exists || !o.isSendable(now) {
		return nil
	}
	known, err := customer.Identities(ctx, tx, brand, who)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(known, func(i customer.Identity) bool { return i.Kind == customer.Phone && i.Verified }) {
		return nil
	}
	if _, err := GrantTo(ctx, tx, brand, gift, []shop.ID{who}, by, now); err != nil {
		return fmt.Errorf("welcome customer %s: %w", who, err)
	}
	return nil
}

func (o Offer) isSendable(now time.Time) bool { return o.MaySend(now) == nil }
