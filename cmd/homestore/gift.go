package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/notify/offer"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// gifts are what tags promise to those who join by them: binding.Greeter. Membership and gift are there together or neither is.
type gifts struct{}

// Joined promises her the gift of each tag by which she came.
func (gifts) Joined(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, by []scan.Scan, now time.Time) error {
	tags := make([]shop.ID, len(by))
	for n, s := range by {
		tags[n] = s.Tag
	}
	promised, err := tag.Gifts(ctx, tx, brand, tags)
	if err != nil {
		return err
	}
	for of, gift := range promised {
		if err := offer.Welcome(ctx, tx, brand, gift, customer, "tag:"+of.String(), now); err != nil {
			return err
		}
	}
	return nil
}
