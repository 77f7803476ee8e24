package staffapp

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/label"
	"homestore/referral/tag"
)

// card is a staff member's own code in one store.
type card struct {
	ID     shop.ID   `json:"id"`
	Code   tag.Code  `json:"code"`
	Store  *storeRef `json:"store"`
	QRText string    `json:"qr_text"` // for an app that draws the QR itself
}

func cardOf(t tag.Tag, shortDomain string, all places) card {
	return card{ID: t.ID, Code: t.Code, Store: all.find(t.Store), QRText: tag.QRText(shortDomain, t.Code)}
}

type cardRequest struct {
	Store shop.ID `path:"store"`
}

// makeTag answers with the code she has, or a new one: asking again is the same code, so it needs no Idempotency-Key.
func (f *Face) makeTag(ctx context.Context, in cardRequest) (card, error) {
	t, err := f.Tags.IssueCard(ctx, endpoint.Actor(ctx), in.Store)
	if err != nil {
		return card{}, err
	}
	var out card
	err = f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		all, err := placesOf(ctx, tx, actor.Brand)
		out = cardOf(t, brand.ShortDomain, all)
		return err
	})
	return out, err
}

// qrSize fills a phone's screen: about 33 modules and their margin at 16 pixels each.
var qrSize = label.Size{Pixels: 640, Margin: label.MinMargin}

// tagQR is the code as a picture to hold out to a customer. shop.ErrNotFound until it was made.
func (f *Face) tagQR(ctx context.Context, in cardRequest) (endpoint.File, error) {
	cards, err := f.Tags.Cards(ctx, endpoint.Actor(ctx))
	if err != nil {
		return endpoint.File{}, err
	}
	for _, t := range cards {
		if t.Store == in.Store {
			return f.draw(ctx, t)
		}
	}
	return endpoint.File{}, shop.ErrNotFound
}

func (f *Face) draw(ctx context.Context, t tag.Tag) (endpoint.File, error) {
	var brand team.Brand
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) (err error) {
		brand, err = team.LoadBrand(ctx, tx, actor.Brand)
		return err
	})
	if err != nil {
		return endpoint.File{}, err
	}
	qr, err := label.Draw(tag.QRText(brand.ShortDomain, t.Code), label.Plain())
	if err != nil {
		return endpoint.File{}, err
	}
	picture, err := qr.PNG(qrSize)
	return endpoint.File{ContentType: "image/png", Body: picture}, err
}
