package brandapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/notify/offer"
)

// promise is an offer as it was made to her.
type promise struct {
	ID         shop.ID    `json:"id"`
	Kind       offer.Kind `json:"kind"`
	Title      string     `json:"title"`
	Body       string     `json:"body"`
	Terms      string     `json:"terms"`
	Link       string     `json:"link,omitempty"`
	Code       string     `json:"code"` // hers alone; till and web shop take it
	StartsAt   time.Time  `json:"starts_at"`
	EndsAt     time.Time  `json:"ends_at"`
	RedeemedAt time.Time  `json:"redeemed_at,omitzero"`
}

func (f *Face) offers(ctx context.Context, in endpoint.Paging) (endpoint.List[promise], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[promise]{}, err
	}
	mine, next, err := f.Offers.Mine(ctx, endpoint.Actor(ctx), page)
	out := endpoint.List[promise]{NextCursor: next}
	language := endpoint.Language(ctx)
	for _, o := range mine {
		out.Items = append(out.Items, promise{
			ID: o.Offer.ID, Kind: o.Offer.Kind, Title: o.Offer.Title.In(language), Body: o.Offer.Body.In(language), Terms: o.Offer.Terms.In(language),
			Link: o.Offer.Link, Code: o.Grant.Code, StartsAt: o.Offer.StartsAt, EndsAt: o.Offer.EndsAt, RedeemedAt: o.Grant.RedeemedAt,
		})
	}
	return out, err
}
