package brandapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// source is where a consent was given, as the audit has it.
const source = "brand_app"

// consentWish is what she says about some channels; a channel that is absent stays as it is.
type consentWish struct {
	Push  *bool `json:"push"`
	SMS   *bool `json:"sms"`
	Email *bool `json:"email"`
	LINE  *bool `json:"line"`
}

func (w *consentWish) said() map[customer.Channel]bool {
	said := map[customer.Channel]bool{}
	if w == nil {
		return said
	}
	for channel, granted := range map[customer.Channel]*bool{
		customer.ByPush: w.Push, customer.BySMS: w.SMS, customer.ByEmail: w.Email, customer.ByLINE: w.LINE,
	} {
		if granted != nil {
			said[channel] = *granted
		}
	}
	return said
}

type consentItem struct {
	Channel   customer.Channel `json:"channel"`
	Granted   bool             `json:"granted"`
	Source    string           `json:"source"`
	ChangedAt time.Time        `json:"changed_at"`
}

// consentsResponse has the channels she was asked about; one that is not there is no consent.
type consentsResponse struct {
	Items []consentItem `json:"items"`
}

func (f *Face) consents(ctx context.Context, _ endpoint.None) (consentsResponse, error) {
	var all []customer.Consent
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) (err error) {
		all, err = customer.Consents(ctx, tx, actor.Brand, actor.ID)
		return err
	})
	return consentAnswer(all), err
}

func (f *Face) consent(ctx context.Context, in consentWish) (consentsResponse, error) {
	actor, now := endpoint.Actor(ctx), f.Now()
	var wishes []customer.Consent
	said := in.said()
	for _, channel := range customer.Channels {
		if granted, ok := said[channel]; ok {
			wishes = append(wishes, customer.Consent{Channel: channel, Granted: granted, Source: source})
		}
	}
	var all []customer.Consent
	err := f.Pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if err := customer.Lock(ctx, tx, actor.Brand, actor.ID); err != nil {
			return err
		}
		if err := customer.SetConsents(ctx, tx, actor, actor.ID, wishes, now); err != nil {
			return err
		}
		var err error
		all, err = customer.Consents(ctx, tx, actor.Brand, actor.ID)
		return err
	})
	return consentAnswer(all), err
}

func consentAnswer(all []customer.Consent) consentsResponse {
	out := consentsResponse{Items: []consentItem{}}
	for _, c := range all {
		out.Items = append(out.Items, consentItem{Channel: c.Channel, Granted: c.Granted, Source: c.Source, ChangedAt: c.At.UTC()})
	}
	return out
}
