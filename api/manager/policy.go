package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
)

type policyAnswer struct {
	ID     shop.ID     `json:"id"`
	Since  time.Time   `json:"since"`
	Policy team.Policy `json:"policy"`
}

func answerPolicy(_ context.Context, p team.KeptPolicy) policyAnswer {
	return policyAnswer{ID: p.Policy.ID, Since: p.Since.UTC(), Policy: p.Policy}
}

func (f *Face) listPolicies(ctx context.Context, in endpoint.Paging) (endpoint.List[policyAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[policyAnswer]{}, err
	}
	all, next, err := f.Team.ListPolicies(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, all, next, answerPolicy), err
}

type readPolicyAnswer struct {
	Policy team.Policy `json:"policy"`
}

func (f *Face) readPolicy(ctx context.Context, _ endpoint.None) (readPolicyAnswer, error) {
	p, err := f.Team.PolicyNow(ctx, endpoint.Actor(ctx))
	return readPolicyAnswer{p}, err
}

// saidPolicy is a policy as a request says it. team.Policy reads itself, and takes what it does not know for an older version's.
type saidPolicy team.Policy

type setPolicyRequest struct {
	Policy saidPolicy `json:"policy"`
	From   time.Time  `json:"from"` // zero: now
}

// Prefill: a switch that is not named has its default.
func (r *setPolicyRequest) Prefill() { r.Policy = saidPolicy(team.DefaultPolicy()) }

func (f *Face) setPolicy(ctx context.Context, in setPolicyRequest) (policyAnswer, error) {
	kept, err := f.Team.SetPolicyOnce(ctx, endpoint.Actor(ctx), endpoint.CreationID(ctx), team.Policy(in.Policy), in.From)
	if err != nil {
		return policyAnswer{}, err
	}
	return answerPolicy(ctx, kept), nil
}

type previewPolicyRequest struct {
	Policy saidPolicy `json:"policy"`
	Days   int        `json:"days"`
}

// Prefill is setPolicyRequest's.
func (r *previewPolicyRequest) Prefill() { r.Policy = saidPolicy(team.DefaultPolicy()) }

type previewPolicyAnswer struct {
	Since     time.Time           `json:"since"`
	Until     time.Time           `json:"until"`
	Customers int                 `json:"customers"`
	IsPartial bool                `json:"is_partial"`
	Changed   int                 `json:"changed"`
	Stores    []storeChangeAnswer `json:"stores"`
	Examples  []homeChangeAnswer  `json:"examples"`
}

type storeChangeAnswer struct {
	Store shop.ID `json:"store,omitzero"` // absent: nobody
	Holds int     `json:"holds"`
	Would int     `json:"would"`
}

type homeChangeAnswer struct {
	Customer shop.ID    `json:"customer"`
	From     homeAnswer `json:"from"`
	To       homeAnswer `json:"to"`
}

type homeAnswer struct {
	Store  shop.ID        `json:"store,omitzero"`
	Staff  shop.ID        `json:"staff,omitzero"`
	Source binding.Source `json:"source,omitempty"` // absent: nobody has won her
}

func answerHomeChange(_ context.Context, c binding.HomeChange) homeChangeAnswer {
	return homeChangeAnswer{
		Customer: c.Customer, From: homeAnswer{c.Store, c.Staff, c.Source}, To: homeAnswer{c.ToStore, c.ToStaff, c.ToSource},
	}
}

func (f *Face) previewPolicy(ctx context.Context, in previewPolicyRequest) (previewPolicyAnswer, error) {
	v, err := f.Bindings.PreviewPolicy(ctx, endpoint.Actor(ctx), team.Policy(in.Policy), in.Days)
	if err != nil {
		return previewPolicyAnswer{}, err
	}
	return previewPolicyAnswer{
		Since: v.Since.UTC(), Until: v.Until.UTC(), Customers: v.Customers, IsPartial: v.IsPartial, Changed: v.Changed,
		Stores:   listOf(ctx, v.Stores, "", func(_ context.Context, c binding.StoreChange) storeChangeAnswer { return storeChangeAnswer(c) }).Items,
		Examples: listOf(ctx, v.Examples, "", answerHomeChange).Items,
	}, nil
}
