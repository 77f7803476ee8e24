// Package staffapp is the face that the staff app speaks to: on an enrolled tablet or a person's own phone in the shop.
//
// Always true: whatever it answers about a customer has passed clienteling/visit, which decides how much may be seen and
// writes each look into the audit; telephone numbers and addresses are masked; of an order that somebody earns from, its
// customer is not told. It answers in the caller's language. It holds no rule and no SQL.
package staffapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/migrations/postgres"
	"homestore/notify/campaign"
	"homestore/notify/device"
	"homestore/notify/offer"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/statement"
	"homestore/referral/tag"
)

// Parts are what the face speaks for.
type Parts struct {
	Pool      *postgres.Pool
	Now       func() time.Time
	Orders    *order.Service
	Visits    *visit.Service
	Tags      *tag.Service
	Bindings  *binding.Service
	Reports   *report.Service
	Devices   *device.Service
	Offers    *offer.Service
	Campaigns *campaign.Service
	Disputes  *dispute.Service

	Statements *statement.Service
}

// Face answers /v1/staff.
type Face struct{ Parts }

// New makes the face.
func New(p Parts) *Face { return &Face{p} }

// read runs a read of the caller's brand. What it reads of a customer has been looked at before.
func (f *Face) read(ctx context.Context, act func(tx pgx.Tx, actor shop.Actor) error) error {
	actor := endpoint.Actor(ctx)
	return f.Pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error { return act(tx, actor) })
}

// today is the day in the brand's zone.
func (f *Face) today(ctx context.Context) (plan.Day, error) {
	var day plan.Day
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		day = plan.DayOf(f.Now(), brand.Zone())
		return err
	})
	return day, err
}

// storeRef names a store to a person.
type storeRef struct {
	ID   shop.ID        `json:"id"`
	Code string         `json:"code"`
	Kind team.StoreKind `json:"kind"`
	Name string         `json:"name"`
}

// places are the brand's stores by id, in the caller's language.
type places map[shop.ID]storeRef

func placesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (places, error) {
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	all := make(places, len(stores))
	for _, s := range stores {
		all[s.ID] = storeRef{ID: s.ID, Code: s.Code, Kind: s.Kind, Name: s.Name.In(endpoint.Language(ctx))}
	}
	return all, nil
}

// places are the stores for a handler that reads nothing else.
func (f *Face) places(ctx context.Context) (all places, err error) {
	err = f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		all, err = placesOf(ctx, tx, actor.Brand)
		return err
	})
	return all, err
}

// find is nil for no store.
func (p places) find(id shop.ID) *storeRef {
	if s, known := p[id]; known {
		return &s
	}
	return nil
}
