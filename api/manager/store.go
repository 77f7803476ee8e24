package manager

import (
	"context"
	"net/netip"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
)

type storeAnswer struct {
	ID        shop.ID        `json:"id"`
	Code      string         `json:"code"`
	Name      string         `json:"name"`  // in the caller's language
	Names     shop.Text      `json:"names"` // as they are edited
	Kind      team.StoreKind `json:"kind"`
	HouseBP   int            `json:"house_bp"`
	OpenedOn  plan.Day       `json:"opened_on"`
	ClosedOn  plan.Day       `json:"closed_on,omitzero"`
	Successor shop.ID        `json:"successor,omitzero"`
	Premises  premises       `json:"premises"`
	CreatedAt time.Time      `json:"created_at"`
}

// premises are those of a store; what is absent is unknown.
type premises struct {
	Hours         team.Hours     `json:"hours,omitempty"`
	Networks      []netip.Prefix `json:"networks,omitempty"`
	AreaTenthPing int            `json:"area_tenth_ping,omitempty"`
}

func answerStore(ctx context.Context, s team.Store) storeAnswer {
	return storeAnswer{
		ID: s.ID, Code: s.Code, Name: s.Name.In(endpoint.Language(ctx)), Names: s.Name, Kind: s.Kind, HouseBP: s.HouseBP,
		OpenedOn: plan.Day{Time: s.OpenedOn}, ClosedOn: plan.Day{Time: s.ClosedOn}, Successor: s.Successor,
		Premises:  premises(s.Premises),
		CreatedAt: s.CreatedAt.UTC(),
	}
}

func (f *Face) listStores(ctx context.Context, in endpoint.Paging) (endpoint.List[storeAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[storeAnswer]{}, err
	}
	stores, next, err := f.Team.ListStores(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, stores, next, answerStore), err
}

type addStoreRequest struct {
	Code     string         `json:"code"`
	Names    shop.Text      `json:"names"`
	Kind     team.StoreKind `json:"kind"`
	HouseBP  int            `json:"house_bp"`
	OpenedOn plan.Day       `json:"opened_on"`
}

func (f *Face) addStore(ctx context.Context, in addStoreRequest) (storeAnswer, error) {
	added, err := f.Team.AddStore(ctx, endpoint.Actor(ctx), team.Store{
		Code: in.Code, Name: in.Names, Kind: in.Kind, HouseBP: in.HouseBP, OpenedOn: in.OpenedOn.Time,
	})
	if err != nil {
		return storeAnswer{}, err
	}
	return answerStore(ctx, added), nil
}

type describePremisesRequest struct {
	ID shop.ID `path:"id"`
	premises
}

func (f *Face) describePremises(ctx context.Context, in describePremisesRequest) (storeAnswer, error) {
	described, err := f.Team.DescribePremises(ctx, endpoint.Actor(ctx), in.ID, team.Premises(in.premises))
	if err != nil {
		return storeAnswer{}, err
	}
	return answerStore(ctx, described), nil
}

// listOf makes the answer of a list from what a service returned.
func listOf[T, A any](ctx context.Context, items []T, next string, answer func(context.Context, T) A) endpoint.List[A] {
	list := endpoint.List[A]{NextCursor: next, Items: make([]A, len(items))}
	for i, item := range items {
		list.Items[i] = answer(ctx, item)
	}
	return list
}
