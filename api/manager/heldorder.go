package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/ledger"
)

// heldOrderAnswer is an order of which nothing becomes payable before somebody has decided, or that was decided.
type heldOrderAnswer struct {
	Order     shop.ID           `json:"order"`
	State     binding.HoldState `json:"state"`
	Score     int               `json:"score"`
	Signs     []binding.Sign    `json:"signs"`
	Staff     []shop.ID         `json:"staff"` // who gained when it was held
	Stores    []shop.ID         `json:"stores"`
	OpenedAt  time.Time         `json:"opened_at"`
	DecidedAt time.Time         `json:"decided_at,omitzero"`
	DecidedBy string            `json:"decided_by,omitempty"`
	Why       string            `json:"why,omitempty"`
}

func answerHeldOrder(_ context.Context, h ledger.Hold) heldOrderAnswer {
	return heldOrderAnswer{
		Order: h.Order, State: h.State, Score: binding.ScoreOf(h.Signs), Signs: h.Signs, Staff: h.Staff, Stores: h.Stores,
		OpenedAt: h.OpenedAt.UTC(), DecidedAt: h.DecidedAt.UTC(), DecidedBy: h.DecidedBy, Why: h.Why,
	}
}

type listHeldOrdersRequest struct {
	endpoint.Paging
	Store shop.ID           `query:"store"`
	State binding.HoldState `query:"state"`
}

func (r *listHeldOrdersRequest) Validate() error {
	var c shop.Check
	known := r.State == "" || r.State == binding.HoldOpen || r.State == binding.HoldReleased || r.State == binding.HoldRefused
	c.That(known, "state", "unknown", "Use open, released or refused.")
	return c.Err()
}

func (f *Face) listHeldOrders(ctx context.Context, in listHeldOrdersRequest) (endpoint.List[heldOrderAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[heldOrderAnswer]{}, err
	}
	holds, next, err := f.Disputes.HeldOrders(ctx, endpoint.Actor(ctx), dispute.HeldQuery{Store: in.Store, State: in.State}, page)
	return listOf(ctx, holds, next, answerHeldOrder), err
}

func (f *Face) releaseHeldOrder(ctx context.Context, in decideHeldRequest) (heldOrderAnswer, error) {
	h, err := f.Disputes.ReleaseOrder(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	if err != nil {
		return heldOrderAnswer{}, err
	}
	return answerHeldOrder(ctx, h), nil
}

func (f *Face) refuseHeldOrder(ctx context.Context, in decideHeldRequest) (heldOrderAnswer, error) {
	h, err := f.Disputes.RefuseOrder(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	if err != nil {
		return heldOrderAnswer{}, err
	}
	return answerHeldOrder(ctx, h), nil
}
