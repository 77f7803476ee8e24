package integration

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
)

type editRequest struct {
	told
	Version  int           `json:"version"`
	At       time.Time     `json:"at"`
	Discount int64         `json:"discount_minor"`
	Lines    []lineRequest `json:"lines"`
}

func (f *Face) tellEdit(ctx context.Context, in editRequest) (outcome, error) {
	fact := order.WasEdited{Order: in.Order, Version: in.Version, At: in.At, Discount: in.Discount, Lines: linesOf(in.Lines)}
	return f.tell(ctx, &in.told, func(tx pgx.Tx) (order.Fact, error) {
		w := names{ctx: ctx, tx: tx, brand: endpoint.Actor(ctx).Brand}
		w.articles(fact.Lines)
		return fact, w.Err()
	})
}

type refundRequest struct {
	told
	ExternalID string              `json:"external_id"`
	Kind       order.RefundKind    `json:"kind"`
	At         time.Time           `json:"at"`
	Lines      []refundLineRequest `json:"lines"`
	Amount     int64               `json:"amount_minor"`
}

type refundLineRequest struct {
	Line     string `json:"line"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount_minor"`
}

func (f *Face) tellRefund(ctx context.Context, in refundRequest) (outcome, error) {
	fact := order.WasRefunded{Order: in.Order, ExternalID: in.ExternalID, Kind: in.Kind, At: in.At, Amount: in.Amount}
	for _, l := range in.Lines {
		fact.Lines = append(fact.Lines, order.RefundedLine{Line: l.Line, Quantity: l.Quantity, Amount: l.Amount})
	}
	return f.tellFact(ctx, &in.told, fact)
}

type fulfilmentRequest struct {
	told
	ExternalID string               `json:"external_id"`
	Kind       order.FulfilmentKind `json:"kind"`
	Store      string               `json:"store"`
	At         time.Time            `json:"at"`
	Lines      []string             `json:"lines"`
}

func (f *Face) tellFulfilment(ctx context.Context, in fulfilmentRequest) (outcome, error) {
	fact := order.WasFulfilled{Order: in.Order, ExternalID: in.ExternalID, Kind: in.Kind, At: in.At, Lines: in.Lines}
	return f.tell(ctx, &in.told, func(tx pgx.Tx) (order.Fact, error) {
		w := names{ctx: ctx, tx: tx, brand: endpoint.Actor(ctx).Brand}
		fact.Store = w.store("store", in.Store)
		return fact, w.Err()
	})
}

type instantRequest struct {
	told
	At time.Time `json:"at"`
}

func (f *Face) tellPayment(ctx context.Context, in instantRequest) (outcome, error) {
	return f.tellFact(ctx, &in.told, order.WasPaid{Order: in.Order, At: in.At})
}

func (f *Face) tellCancellation(ctx context.Context, in instantRequest) (outcome, error) {
	return f.tellFact(ctx, &in.told, order.WasCancelled{Order: in.Order, At: in.At})
}
