package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/notify/offer"
)

// offerAnswer has its name as it is shown to the caller, and all texts as they are edited.
type offerAnswer struct {
	ID         shop.ID    `json:"id"`
	Kind       offer.Kind `json:"kind"`
	Name       string     `json:"name"` // the title in the caller's language
	Title      shop.Text  `json:"title"`
	Body       shop.Text  `json:"body"`
	Terms      shop.Text  `json:"terms"`
	Link       string     `json:"link,omitempty"`
	StartsAt   time.Time  `json:"starts_at"`
	EndsAt     time.Time  `json:"ends_at"`
	ApprovedAt time.Time  `json:"approved_at,omitzero"` // absent: nobody may send it yet
	ApprovedBy shop.ID    `json:"approved_by,omitzero"`
	CreatedAt  time.Time  `json:"created_at"`
}

func answerOffer(ctx context.Context, o offer.Offer) offerAnswer {
	return offerAnswer{
		ID: o.ID, Kind: o.Kind, Name: o.Title.In(endpoint.Language(ctx)), Title: textOr(o.Title), Body: textOr(o.Body), Terms: textOr(o.Terms),
		Link: o.Link, StartsAt: o.StartsAt.UTC(), EndsAt: o.EndsAt.UTC(), ApprovedAt: o.ApprovedAt.UTC(), ApprovedBy: o.ApprovedBy,
		CreatedAt: o.CreatedAt.UTC(),
	}
}

// textOr writes no text as {}, never null.
func textOr(t shop.Text) shop.Text {
	if t == nil {
		return shop.Text{}
	}
	return t
}

func (f *Face) listOffers(ctx context.Context, in endpoint.Paging) (endpoint.List[offerAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[offerAnswer]{}, err
	}
	offers, next, err := f.Offers.List(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, offers, next, answerOffer), err
}

type createOfferRequest struct {
	Kind     offer.Kind `json:"kind"`
	Title    shop.Text  `json:"title"`
	Body     shop.Text  `json:"body"`
	Terms    shop.Text  `json:"terms"`
	Link     string     `json:"link"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   time.Time  `json:"ends_at"`
}

func (f *Face) createOffer(ctx context.Context, in createOfferRequest) (offerAnswer, error) {
	created, err := f.Offers.Create(ctx, endpoint.Actor(ctx), offer.Draft{
		ID: endpoint.CreationID(ctx), Kind: in.Kind, Title: in.Title, Body: in.Body, Terms: in.Terms, Link: in.Link, StartsAt: in.StartsAt, EndsAt: in.EndsAt,
	})
	return offerOr(ctx, created, err)
}

func (f *Face) readOffer(ctx context.Context, in byID) (offerAnswer, error) {
	found, err := f.Offers.Find(ctx, endpoint.Actor(ctx), in.ID)
	return offerOr(ctx, found, err)
}

func (f *Face) approveOffer(ctx context.Context, in byID) (offerAnswer, error) {
	approved, err := f.Offers.Approve(ctx, endpoint.Actor(ctx), in.ID)
	return offerOr(ctx, approved, err)
}

func offerOr(ctx context.Context, o offer.Offer, err error) (offerAnswer, error) {
	if err != nil {
		return offerAnswer{}, err
	}
	return answerOffer(ctx, o), nil
}
