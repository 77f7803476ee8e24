package integration

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
)

type exchangeRequest struct {
	told
	ExternalID string        `json:"external_id"`
	At         time.Time     `json:"at"`
	Out        []string      `json:"out"`
	In         []lineRequest `json:"in"`
	Store      string        `json:"store"`
	Staff      string        `json:"staff"`
}

func (f *Face) tellExchange(ctx context.Context, in exchangeRequest) (outcome, error) {
	fact := order.WasExchanged{Order: in.Order, ExternalID: in.ExternalID, At: in.At, Out: in.Out, In: linesOf(in.In)}
	return f.tell(ctx, &in.told, func(tx pgx.Tx) (order.Fact, error) {
		w := names{ctx: ctx, tx: tx, brand: endpoint.Actor(ctx).Brand}
		fact.Store, fact.Staff = w.store("store", in.Store), w.staff("staff", in.Staff)
		w.articles(fact.In)
		return fact, w.Err()
	})
}

type priceAdjustmentRequest struct {
	told
	ExternalID string                `json:"external_id"`
	At         time.Time             `json:"at"`
	Lines      []adjustedLineRequest `json:"lines"`
}

type adjustedLineRequest struct {
	Line   string `json:"line"`
	Amount int64  `json:"amount_minor"`
}

func (f *Face) tellPriceAdjustment(ctx context.Context, in priceAdjustmentRequest) (outcome, error) {
	fact := order.WasAdjusted{Order: in.Order, ExternalID: in.ExternalID, At: in.At}
	for _, l := range in.Lines {
		fact.Lines = append(fact.Lines, order.AdjustedLine{Line: l.Line, Amount: l.Amount})
	}
	return f.tellFact(ctx, &in.told, fact)
}
