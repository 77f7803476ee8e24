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

// shownCode is what showing a member code did.
type shownCode struct {
	Visit visitAnswer `json:"visit"`
	Who   shop.ID     `json:"who"`
}

func (f *Face) showCode(ctx context.Context, in visitRequest) (shownCode, error) {
	v, err := f.Visits.ShowMemberCode(ctx, endpoint.Actor(ctx), endpoint.CreationID(ctx), in.MemberCode)
	return shownCode{visitAnswer{ID: v.ID, Store: v.Store, Proof: v.Proof, ProvenAt: v.ProvenAt, Until: v.Until()}, v.Customer}, err
}

func (f *Face) visit(ctx context.Context, done shownCode) (visitResponse, error) {
	c, err := f.Visits.Card(ctx, endpoint.Actor(ctx), done.Who)
	if err != nil {
		return visitResponse{}, err
	}
	whole, err := f.whole(ctx, c)
	return visitResponse{Visit: done.Visit, Customer: whole}, err
}
