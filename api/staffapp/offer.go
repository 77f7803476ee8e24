package staffapp

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
	"homestore/notify/offer"
)

// offerToSend is an approved offer that runs now.
type offerToSend struct {
	ID       shop.ID    `json:"id"`
	Kind     offer.Kind `json:"kind"`
	Title    string     `json:"title"`
	Body     string     `json:"body"`
	Terms    string     `json:"terms"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   time.Time  `json:"ends_at"`
}

func (f *Face) offers(ctx context.Context, in endpoint.Paging) (endpoint.List[offerToSend], error) {
	var out endpoint.List[offerToSend]
	page, err := in.Page()
	if err != nil {
		return out, err
	}
	all, next, err := f.Offers.Sendable(ctx, endpoint.Actor(ctx), page)
	out.NextCursor = next
	language := endpoint.Language(ctx)
	for _, o := range all {
		out.Items = append(out.Items, offerToSend{
			ID: o.ID, Kind: o.Kind, Title: o.Title.In(language), Body: o.Body.In(language), Terms: o.Terms.In(language),
			StartsAt: o.StartsAt, EndsAt: o.EndsAt,
		})
	}
	return out, err
}

type sendRequest struct {
	customerRequest
	Offer shop.ID `json:"offer"`
}

func (r *sendRequest) Validate() error {
	var c shop.Check
	c.That(!r.Offer.IsZero(), "offer", "required", "Name the offer to send.")
	return c.Err()
}

type sendResponse struct {
	Offer shop.ID   `json:"offer"`
	From  time.Time `json:"from"` // when the message goes: now, or when her quiet hours end
}

func (f *Face) sendOffer(ctx context.Context, in sendRequest) (sendResponse, error) {
	actor := endpoint.Actor(ctx)
	promised, err := f.Campaigns.SendToOne(ctx, actor, in.ID, in.Offer)
	if errors.Is(err, visit.ErrVisitNeeded) {
		// The refused look fell with the transaction that it ended. Who tried is to be known all the same.
		err = f.Pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
			_, err := visit.Look(ctx, tx, actor, in.ID, "offer", f.Now())
			return err
		})
		if err == nil {
			err = visit.ErrVisitNeeded
		}
	}
	return sendResponse{Offer: in.Offer, From: promised.From.UTC()}, err
}
