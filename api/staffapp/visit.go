package staffapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
)

type visitRequest struct {
	MemberCode string `json:"member_code"` // as her app shows it, or as a person types it
}

func (r *visitRequest) Validate() error {
	var c shop.Check
	c.That(r.MemberCode != "", "member_code", "required", "Pass the code that her app shows.")
	return c.Err()
}

type visitAnswer struct {
	ID       shop.ID     `json:"id"`
	Store    shop.ID     `json:"store"`
	Proof    visit.Proof `json:"proof"`
	ProvenAt time.Time   `json:"proven_at"`
	Until    time.Time   `json:"until"` // her history is open to the caller until then
}

// visitResponse is what the staff member needs when a customer stands before her, in one answer.
type visitResponse struct {
	Visit    visitAnswer  `json:"visit"`
	Customer cardResponse `json:"customer"`
}

func (f *Face) visit(ctx context.Context, in visitRequest) (visitResponse, error) {
	actor := endpoint.Actor(ctx)
	v, err := f.Visits.ShowMemberCode(ctx, actor, in.MemberCode)
	if err != nil {
		return visitResponse{}, err
	}
	c, err := f.Visits.Card(ctx, actor, v.Customer)
	if err != nil {
		return visitResponse{}, err
	}
	whole, err := f.whole(ctx, c)
	return visitResponse{
		Visit:    visitAnswer{ID: v.ID, Store: v.Store, Proof: v.Proof, ProvenAt: v.ProvenAt, Until: v.Until()},
		Customer: whole,
	}, err
}
