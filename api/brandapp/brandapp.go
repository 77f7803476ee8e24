// Package brandapp is the face that the brand's own app speaks to, for the customer who is signed in.
//
// Always true: everything here is about the caller herself; no path and no body names another customer. It answers in her
// language. It holds no rule and no SQL: who won her is referral/binding's to say, what she may be sent is notify's.
package brandapp

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
	"homestore/notify/delivery"
	"homestore/notify/device"
	"homestore/notify/offer"
	"homestore/referral/binding"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// Parts are what the face speaks for.
type Parts struct {
	Pool       *postgres.Pool
	Now        func() time.Time
	Orders     *order.Service
	Visits     *visit.Service
	Tags       *tag.Directory
	Scans      *scan.Service
	Bindings   *binding.Service
	Devices    *device.Service
	Offers     *offer.Service
	Deliveries *delivery.Service
}

// Face answers /v1/member.
type Face struct{ Parts }

// New makes the face.
func New(p Parts) *Face { return &Face{p} }

// read runs a read of the caller's brand.
func (f *Face) read(ctx context.Context, act func(tx pgx.Tx, actor shop.Actor) error) error {
	actor := endpoint.Actor(ctx)
	return f.Pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error { return act(tx, actor) })
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

// find is nil for no store.
func (p places) find(id shop.ID) *storeRef {
	if s, known := p[id]; known {
		return &s
	}
	return nil
}
