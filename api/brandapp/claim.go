package brandapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
)

// myClaim is a claim on the caller that asks for her word, or by which another shop claims to have won her.
type myClaim struct {
	ID       shop.ID           `json:"id"`
	Store    *storeRef         `json:"store"`
	Staff    string            `json:"staff,omitempty"` // the name of the person
	Source   binding.Source    `json:"source"`
	State    binding.HoldState `json:"state"` // open: she is asked; told: there is nothing to answer
	OpenedAt time.Time         `json:"opened_at"`
	LapsesAt time.Time         `json:"lapses_at,omitzero"`
}

func (f *Face) claims(ctx context.Context, in endpoint.Paging) (endpoint.List[myClaim], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[myClaim]{}, err
	}
	holds, next, err := f.Bindings.HerClaims(ctx, endpoint.Actor(ctx), page)
	if err != nil {
		return endpoint.List[myClaim]{}, err
	}
	list := endpoint.List[myClaim]{NextCursor: next, Items: make([]myClaim, len(holds))}
	err = f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		all, err := placesOf(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		for i, h := range holds {
			list.Items[i] = myClaim{
				ID: h.ID, Store: all.find(h.Store), Source: h.Source, State: h.State, OpenedAt: h.OpenedAt.UTC(), LapsesAt: h.LapsesAt.UTC(),
			}
			if h.Staff.IsZero() {
				continue
			}
			person, err := team.StaffByID(ctx, tx, actor.Brand, h.Staff)
			if err != nil {
				return err
			}
			list.Items[i].Staff = person.Name
		}
		return nil
	})
	return list, err
}

type claimByID struct {
	ID shop.ID `path:"id"`
}

// confirm answers with what came of the claim, and whose she is now.
type confirmResponse struct {
	Claim claim     `json:"claim"`
	Home  homeStore `json:"home"`
}

func (f *Face) confirm(ctx context.Context, in claimByID) (confirmResponse, error) {
	out, err := f.Bindings.Confirm(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return confirmResponse{}, err
	}
	home, err := f.home(ctx, endpoint.None{})
	return confirmResponse{Claim: *claimOf(out), Home: home}, err
}

func (f *Face) deny(ctx context.Context, in claimByID) (endpoint.None, error) {
	return endpoint.None{}, f.Bindings.Deny(ctx, endpoint.Actor(ctx), in.ID)
}
