package brandapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// purchase is one of her orders. Amounts are minor units of its currency.
type purchase struct {
	ID            shop.ID        `json:"id"`
	ExternalID    string         `json:"external_id"`
	PlacedAt      time.Time      `json:"placed_at"`
	Channel       order.Channel  `json:"channel"`
	State         order.State    `json:"state"`
	Store         *storeRef      `json:"store"`
	Currency      shop.Currency  `json:"currency"`
	PaidMinor     int64          `json:"paid_minor"`
	RefundedMinor int64          `json:"refunded_minor"`
	Lines         []purchaseLine `json:"lines"`
}

type purchaseLine struct {
	No            int            `json:"no"`
	SKU           string         `json:"sku,omitempty"`
	Name          string         `json:"name"`
	Kind          order.LineKind `json:"kind"`
	Quantity      int64          `json:"quantity"`
	PaidMinor     int64          `json:"paid_minor"`
	RefundedMinor int64          `json:"refunded_minor"`
}

func purchaseOf(o order.Order, all places) purchase {
	figures := o.Figures()
	p := purchase{
		ID: o.ID, ExternalID: o.ExternalID, PlacedAt: o.PlacedAt.UTC(), Channel: o.Channel, State: o.State, Store: all.find(o.Store),
		Currency: o.Currency, PaidMinor: figures.Paid, RefundedMinor: figures.Refunded, Lines: []purchaseLine{},
	}
	for _, b := range o.Bought() {
		p.Lines = append(p.Lines, purchaseLine{
			No: b.No, SKU: b.SKU, Name: b.Name, Kind: b.Kind, Quantity: b.Quantity, PaidMinor: b.Paid, RefundedMinor: b.Refunded,
		})
	}
	return p
}

func (f *Face) orders(ctx context.Context, in endpoint.Paging) (endpoint.List[purchase], error) {
	var out endpoint.List[purchase]
	page, err := in.Page()
	if err != nil {
		return out, err
	}
	err = f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		orders, next, err := f.Orders.History(ctx, tx, actor.Brand, actor.ID, page)
		if err != nil {
			return err
		}
		all, err := placesOf(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		out = endpoint.List[purchase]{NextCursor: next}
		for _, o := range orders {
			out.Items = append(out.Items, purchaseOf(o, all))
		}
		return nil
	})
	return out, err
}
