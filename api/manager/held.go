package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
)

// heldClaimAnswer is a claim that waits, was decided, or took a customer from another store.
type heldClaimAnswer struct {
	ID        shop.ID           `json:"id"`
	Customer  shop.ID           `json:"customer"`
	ClaimNo   int               `json:"claim_no"` // of hers: see readBindings
	Store     shop.ID           `json:"store"`
	Staff     shop.ID           `json:"staff,omitzero"`
	Source    binding.Source    `json:"source"`
	WaitsFor  binding.Waits     `json:"waits_for"`
	State     binding.HoldState `json:"state"`
	Score     int               `json:"score"`
	Signs     []binding.Sign    `json:"signs"`
	Against   *heldAgainst      `json:"against,omitempty"` // absent: nobody had won her
	OpenedAt  time.Time         `json:"opened_at"`
	LapsesAt  time.Time         `json:"lapses_at,omitzero"`
	DecidedAt time.Time         `json:"decided_at,omitzero"`
	DecidedBy string            `json:"decided_by,omitempty"`
	Why       string            `json:"why,omitempty"`
}

// heldAgainst is whose she was.
type heldAgainst struct {
	Binding shop.ID `json:"binding"`
	Store   shop.ID `json:"store,omitzero"`
	Staff   shop.ID `json:"staff,omitzero"`
}

func answerHeld(_ context.Context, h binding.Hold) heldClaimAnswer {
	a := heldClaimAnswer{
		ID: h.ID, Customer: h.Customer, ClaimNo: h.ClaimNo, Store: h.Store, Staff: h.Staff, Source: h.Source, WaitsFor: h.WaitsFor, State: h.State,
		Score: h.Score(), Signs: h.Signs, OpenedAt: h.OpenedAt.UTC(), LapsesAt: h.LapsesAt.UTC(), DecidedAt: h.DecidedAt.UTC(), DecidedBy: h.DecidedBy, Why: h.Why,
	}
	if !h.Against.IsZero() {
		a.Against = &heldAgainst{Binding: h.Against, Store: h.AgainstStore, Staff: h.AgainstStaff}
	}
	return a
}

type listHeldRequest struct {
	endpoint.Paging
	Store shop.ID           `query:"store"`
	State binding.HoldState `query:"state"`
}

func (r *listHeldRequest) Validate() error {
	var c shop.Check
	c.That(r.State == "" || r.State.IsKnown(), "state", "unknown", "Use open, released, refused, lapsed or told.")
	return c.Err()
}

func (f *Face) listHeldClaims(ctx context.Context, in listHeldRequest) (endpoint.List[heldClaimAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[heldClaimAnswer]{}, err
	}
	holds, next, err := f.Bindings.Holds(ctx, endpoint.Actor(ctx), binding.HoldQuery{Store: in.Store, State: in.State}, page)
	return listOf(ctx, holds, next, answerHeld), err
}

type decideHeldRequest struct {
	ID     shop.ID `path:"id"`
	Reason string  `json:"reason"`
}

// decidedHeldAnswer says what became of the claim, beside the decision.
type decidedHeldAnswer struct {
	Held    heldClaimAnswer `json:"held"`
	Outcome string          `json:"outcome"` // won, or the code of what refused the claim
}

func (f *Face) releaseHeldClaim(ctx context.Context, in decideHeldRequest) (decidedHeldAnswer, error) {
	h, out, err := f.Bindings.Release(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	if err != nil {
		return decidedHeldAnswer{}, err
	}
	return decidedHeldAnswer{Held: answerHeld(ctx, h), Outcome: out.Code()}, nil
}

func (f *Face) refuseHeldClaim(ctx context.Context, in decideHeldRequest) (decidedHeldAnswer, error) {
	h, err := f.Bindings.Refuse(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	if err != nil {
		return decidedHeldAnswer{}, err
	}
	return decidedHeldAnswer{Held: answerHeld(ctx, h), Outcome: binding.ErrHoldRefused.Code}, nil
}
