package staffapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
)

// purchase is one order of a customer, whatever channel it came by. Amounts are minor units of its currency.
type purchase struct {
	ID            shop.ID        `json:"id"`
	ExternalID    string         `json:"external_id"`
	PlacedAt      time.Time      `json:"placed_at"`
	Channel       order.Channel  `json:"channel"`
	State         order.State    `json:"state"`
	Store         *storeRef      `json:"store"` // who sold
	PickupStore   *storeRef      `json:"pickup_store,omitempty"`
	Currency      shop.Currency  `json:"currency"`
	PaidMinor     int64          `json:"paid_minor"`
	RefundedMinor int64          `json:"refunded_minor"`
	Lines         []purchaseLine `json:"lines"`
}

type purchaseLine struct {
	No            int            `json:"no"`
	SKU           string         `json:"sku,omitempty"`
	Name          string         `json:"name"`
	Category      string         `json:"category,omitempty"`
	Kind          order.LineKind `json:"kind"`
	Quantity      int64          `json:"quantity"`
	PaidMinor     int64          `json:"paid_minor"`
	RefundedMinor int64          `json:"refunded_minor"`
}

func purchaseOf(o order.Order, all places) purchase {
	sums := o.Figures()
	p := purchase{
		ID: o.ID, ExternalID: o.ExternalID, PlacedAt: o.PlacedAt.UTC(), Channel: o.Channel, State: o.State, Store: all.find(o.Store),
		PickupStore: all.find(o.PickupStore), Currency: o.Currency, PaidMinor: sums.Paid, RefundedMinor: sums.Refunded, Lines: []purchaseLine{},
	}
	for _, b := range o.Bought() {
		p.Lines = append(p.Lines, purchaseLine{
			No: b.No, SKU: b.SKU, Name: b.Name, Category: b.Category, Kind: b.Kind, Quantity: b.Quantity, PaidMinor: b.Paid, RefundedMinor: b.Refunded,
		})
	}
	return p
}

type purchasesRequest struct {
	customerRequest
	endpoint.Paging
}

func (f *Face) purchases(ctx context.Context, in purchasesRequest) (endpoint.List[purchase], error) {
	var out endpoint.List[purchase]
	page, err := in.Page()
	if err != nil {
		return out, err
	}
	actor, now := endpoint.Actor(ctx), f.Now()
	var sight visit.Sight
	err = f.Pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if sight, err = visit.Look(ctx, tx, actor, in.ID, "purchases", now); err != nil || sight != visit.Full {
			return err // commits: a look that shows nothing is in the audit too
		}
		out, err = f.pageOfPurchases(ctx, tx, in.ID, page)
		return err
	})
	if err == nil {
		err = sight.NeedsFull()
	}
	return out, err
}

func (f *Face) pageOfPurchases(ctx context.Context, tx pgx.Tx, who shop.ID, page shop.Page) (out endpoint.List[purchase], err error) {
	brand := endpoint.Actor(ctx).Brand
	orders, next, err := f.Orders.History(ctx, tx, brand, who, page)
	if err != nil {
		return out, err
	}
	all, err := placesOf(ctx, tx, brand)
	out.NextCursor = next
	for _, o := range orders {
		out.Items = append(out.Items, purchaseOf(o, all))
	}
	return out, err
}
