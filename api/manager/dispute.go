package manager

import (
	"context"
	"slices"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
	"homestore/referral/attribution"
	"homestore/referral/dispute"
	"homestore/referral/plan"
	"homestore/referral/report"
)

// disputeAnswer is a quarrel about an order or a customer.
type disputeAnswer struct {
	ID        shop.ID       `json:"id"`
	Order     shop.ID       `json:"order,omitzero"`
	Customer  shop.ID       `json:"customer,omitzero"`
	Role      plan.Role     `json:"role"`
	For       disputeSide   `json:"for"`
	Against   []disputeSide `json:"against"` // who had it when it was raised
	Since     time.Time     `json:"since"`
	Said      string        `json:"said"`
	State     dispute.State `json:"state"`
	RaisedBy  string        `json:"raised_by"`
	RaisedAt  time.Time     `json:"raised_at"`
	DecidedBy string        `json:"decided_by,omitempty"`
	DecidedAt time.Time     `json:"decided_at,omitzero"`
	Reason    string        `json:"reason,omitempty"`
}

// disputeSide is who earns, and under which store.
type disputeSide struct {
	Party partyAnswer `json:"party"`
	Store partyAnswer `json:"store"`
}

// teller names the sides of disputes.
type teller map[shop.ID]report.Name

func (t teller) party(to attribution.Beneficiary) partyAnswer {
	return partyAnswer{Kind: string(to.Kind), ID: to.ID, Code: t[to.ID].Code, Name: t[to.ID].Name}
}

func (t teller) sides(all []dispute.Side) []disputeSide {
	out := make([]disputeSide, len(all))
	for i, s := range all {
		out[i] = disputeSide{t.party(s.Party), t.party(attribution.StoreOf(s.Store))}
	}
	return out
}

func (t teller) dispute(d dispute.Dispute) disputeAnswer {
	return disputeAnswer{
		ID: d.ID, Order: d.Order, Customer: d.Customer, Role: d.Role, For: t.sides([]dispute.Side{d.For})[0], Against: t.sides(d.Against),
		Since: d.Since.UTC(), Said: d.Said, State: d.State, RaisedBy: d.RaisedBy, RaisedAt: d.RaisedAt.UTC(),
		DecidedBy: d.DecidedBy, DecidedAt: d.DecidedAt.UTC(), Reason: d.Reason,
	}
}

// teller reads what everybody in the disputes is called, and the others.
func (f *Face) teller(ctx context.Context, disputes []dispute.Dispute, others ...shop.ID) (teller, error) {
	ids := others
	for _, d := range disputes {
		for _, s := range append([]dispute.Side{d.For}, d.Against...) {
			ids = append(ids, s.Party.ID, s.Store)
		}
	}
	return f.Reports.Names(ctx, endpoint.Actor(ctx), ids)
}

func (f *Face) tellDispute(ctx context.Context, d dispute.Dispute, err error) (disputeAnswer, error) {
	if err != nil {
		return disputeAnswer{}, err
	}
	t, err := f.teller(ctx, []dispute.Dispute{d})
	return t.dispute(d), err
}

type listDisputesRequest struct {
	endpoint.Paging
	Store shop.ID       `query:"store"`
	State dispute.State `query:"state"`
}

func (r *listDisputesRequest) Validate() error {
	var c shop.Check
	c.That(r.State == "" || slices.Contains(dispute.States, r.State), "state", "unknown", "Use raised, upheld, refused or withdrawn.")
	return c.Err()
}

func (f *Face) listDisputes(ctx context.Context, in listDisputesRequest) (endpoint.List[disputeAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[disputeAnswer]{}, err
	}
	found, next, err := f.Disputes.List(ctx, endpoint.Actor(ctx), dispute.Query{Store: in.Store, State: in.State}, page)
	if err != nil {
		return endpoint.List[disputeAnswer]{}, err
	}
	t, err := f.teller(ctx, found)
	return listOf(ctx, found, next, func(_ context.Context, d dispute.Dispute) disputeAnswer { return t.dispute(d) }), err
}

type upholdDisputeRequest struct {
	ID     shop.ID   `path:"id"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"` // zero: as was said
}

func (f *Face) upholdDispute(ctx context.Context, in upholdDisputeRequest) (disputeAnswer, error) {
	d, err := f.Disputes.Uphold(ctx, endpoint.Actor(ctx), in.ID, in.Reason, in.Since)
	return f.tellDispute(ctx, d, err)
}

type refuseDisputeRequest struct {
	ID     shop.ID `path:"id"`
	Reason string  `json:"reason"`
}

func (f *Face) refuseDispute(ctx context.Context, in refuseDisputeRequest) (disputeAnswer, error) {
	d, err := f.Disputes.Refuse(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	return f.tellDispute(ctx, d, err)
}

// disputeCaseAnswer is everything that a dispute is decided by, as it was kept at the time.
type disputeCaseAnswer struct {
	Dispute  disputeAnswer       `json:"dispute"`
	Holders  []disputeSide       `json:"holders"` // who would lose it if it were upheld now; empty once it has ended
	Customer *readBindingsAnswer `json:"customer,omitempty"`
	Visits   []visitAnswer       `json:"visits"`
	Orders   []disputedOrder     `json:"orders"`
}

type visitAnswer struct {
	Store    partyAnswer  `json:"store"`
	Staff    *partyAnswer `json:"staff,omitempty"`
	Proof    visit.Proof  `json:"proof"`
	ProvenAt time.Time    `json:"proven_at"`
}

type disputedOrder struct {
	Explained explainOrderAnswer `json:"explained"`
	Rules     *disputedPlan      `json:"rules,omitempty"`
}

// disputedPlan is by which rules several claims on one order were settled.
type disputedPlan struct {
	Version  int           `json:"version"`
	Display  plan.Display  `json:"display"`
	Conflict plan.Conflict `json:"conflict"`
}

func (f *Face) readDispute(ctx context.Context, in byID) (disputeCaseAnswer, error) {
	c, err := f.Disputes.CaseOf(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return disputeCaseAnswer{}, err
	}
	t, err := f.teller(ctx, []dispute.Dispute{c.Dispute}, namedIn(c)...)
	if err != nil {
		return disputeCaseAnswer{}, err
	}
	answer := disputeCaseAnswer{Dispute: t.dispute(c.Dispute), Holders: t.sides(c.Holders), Visits: []visitAnswer{}}
	if !c.Customer.IsZero() {
		past := answerPast(ctx, c.Customer, c.Past)
		answer.Customer = &past
	}
	for _, v := range c.Visits {
		seen := visitAnswer{Store: t.party(attribution.StoreOf(v.Store)), Proof: v.Proof, ProvenAt: v.ProvenAt.UTC()}
		if !v.Staff.IsZero() {
			staff := t.party(attribution.StaffOf(v.Staff))
			seen.Staff = &staff
		}
		answer.Visits = append(answer.Visits, seen)
	}
	answer.Orders, err = f.disputedOrders(ctx, c.Orders)
	return answer, err
}

// disputedOrders explains each order, whoever sold it: who may read the case has been decided.
func (f *Face) disputedOrders(ctx context.Context, cases []dispute.OrderCase) ([]disputedOrder, error) {
	orders := []disputedOrder{}
	for _, c := range cases {
		explained, err := f.explain(ctx, shop.System(endpoint.Actor(ctx).Brand), c.Order)
		if err != nil {
			return nil, err
		}
		o := disputedOrder{Explained: explained}
		if c.Plan != nil {
			o.Rules = &disputedPlan{c.Plan.Version, c.Plan.Display, c.Plan.Conflict}
		}
		orders = append(orders, o)
	}
	return orders, nil
}

// namedIn are the stores and people that a case names beside the sides.
func namedIn(c dispute.Case) (ids []shop.ID) {
	for _, s := range c.Holders {
		ids = append(ids, s.Party.ID, s.Store)
	}
	for _, v := range c.Visits {
		ids = append(ids, v.Store, v.Staff)
	}
	return ids
}

type reportDisputesRequest struct {
	From string `query:"from"`
	To   string `query:"to"`

	first, last time.Time
}

// Validate reads the months.
func (r *reportDisputesRequest) Validate() error {
	var c shop.Check
	r.first, r.last = readMonth(&c, "from", r.From), readMonth(&c, "to", r.To)
	c.That(r.first.IsZero() || r.last.IsZero() || !r.last.Before(r.first) && r.last.Before(r.first.AddDate(5, 0, 0)), "to", "months_reversed", "Not before the first, and at most 60 months.")
	return c.Err()
}

type reportDisputesAnswer struct {
	From string             `json:"from"`
	To   string             `json:"to"`
	Rows []disputeRowAnswer `json:"rows"`
}

// disputeRowAnswer is a store, or a person or pool of it.
type disputeRowAnswer struct {
	Store   partyAnswer `json:"store"`
	Party   partyAnswer `json:"party"`
	For     tallyAnswer `json:"for"`
	Against tallyAnswer `json:"against"`
}

type tallyAnswer struct {
	Raised     int `json:"raised"`
	Upheld     int `json:"upheld"`
	Refused    int `json:"refused"`
	Withdrawn  int `json:"withdrawn"`
	MedianDays int `json:"median_days"`
}

func (f *Face) reportDisputes(ctx context.Context, in reportDisputesRequest) (reportDisputesAnswer, error) {
	answer := reportDisputesAnswer{From: in.From, To: in.To, Rows: []disputeRowAnswer{}}
	rows, err := f.Disputes.Figures(ctx, endpoint.Actor(ctx), in.first, in.last)
	if err != nil {
		return answer, err
	}
	var ids []shop.ID
	for _, r := range rows {
		ids = append(ids, r.Store, r.Party.ID)
	}
	t, err := f.teller(ctx, nil, ids...)
	for _, r := range rows {
		answer.Rows = append(answer.Rows, disputeRowAnswer{t.party(attribution.StoreOf(r.Store)), t.party(r.Party), tallyAnswer(r.For), tallyAnswer(r.Against)})
	}
	return answer, err
}
