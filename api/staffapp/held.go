package staffapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
)

// heldClaim is a claim of the caller's own, or against her, that waits or was decided; who the customer is, is not told.
type heldClaim struct {
	ID        shop.ID           `json:"id"`
	Mine      bool              `json:"mine"` // false: somebody else claims a customer of hers
	Store     *storeRef         `json:"store"`
	Against   *storeRef         `json:"against,omitempty"` // the store that had won her
	Source    binding.Source    `json:"source"`
	WaitsFor  binding.Waits     `json:"waits_for"`
	State     binding.HoldState `json:"state"`
	OpenedAt  time.Time         `json:"opened_at"`
	DecidedAt time.Time         `json:"decided_at,omitzero"`
	Why       string            `json:"why,omitempty"`
}

func (f *Face) heldClaims(ctx context.Context, in endpoint.Paging) (endpoint.List[heldClaim], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[heldClaim]{}, err
	}
	actor := endpoint.Actor(ctx)
	me := actor
	me.Role = shop.RoleStaff // here a manager, too, sees what is about her alone
	holds, next, err := f.Bindings.Holds(ctx, me, binding.HoldQuery{}, page)
	if err != nil {
		return endpoint.List[heldClaim]{}, err
	}
	all, err := f.places(ctx)
	list := endpoint.List[heldClaim]{NextCursor: next, Items: make([]heldClaim, len(holds))}
	for i, h := range holds {
		list.Items[i] = heldClaim{
			ID: h.ID, Mine: h.Staff == actor.ID, Store: all.find(h.Store), Against: all.find(h.AgainstStore), Source: h.Source, WaitsFor: h.WaitsFor,
			State: h.State, OpenedAt: h.OpenedAt.UTC(), DecidedAt: h.DecidedAt.UTC(), Why: h.Why,
		}
	}
	return list, err
}
