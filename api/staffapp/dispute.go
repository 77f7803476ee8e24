package staffapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/dispute"
	"homestore/referral/plan"
	"homestore/referral/report"
)

// myDispute is a quarrel as both sides see it. Of a customer only the id is told, which whoever raised it has named herself;
// what she said is told to her side alone.
type myDispute struct {
	ID        shop.ID       `json:"id"`
	Mine      bool          `json:"mine"` // false: it is about what the caller has
	Order     *sale         `json:"order,omitempty"`
	Customer  shop.ID       `json:"customer,omitzero"`
	Role      plan.Role     `json:"role"`
	For       holder        `json:"for"`
	Against   []holder      `json:"against"` // who had it when it was raised
	Since     time.Time     `json:"since"`   // when the order was placed; from when on she was theirs, they say
	Said      string        `json:"said,omitempty"`
	State     dispute.State `json:"state"`
	RaisedAt  time.Time     `json:"raised_at"`
	DecidedAt time.Time     `json:"decided_at,omitzero"`
	Reason    string        `json:"reason,omitempty"` // of the decision
}

type raiseDisputeRequest struct {
	Order    shop.ID   `json:"order"`
	Customer shop.ID   `json:"customer"`
	Role     plan.Role `json:"role"`
	Store    shop.ID   `json:"store"`
	Since    time.Time `json:"since"`
	Said     string    `json:"said"`
}

func (f *Face) raiseDispute(ctx context.Context, in raiseDisputeRequest) (myDispute, error) {
	d, err := f.Disputes.Raise(ctx, endpoint.Actor(ctx), dispute.Plea{
		Order: in.Order, Customer: in.Customer, Role: in.Role, Store: in.Store, Since: in.Since, Said: in.Said,
	})
	if err != nil {
		return myDispute{}, err
	}
	return f.oneDispute(ctx, d)
}

func (f *Face) disputes(ctx context.Context, in endpoint.Paging) (endpoint.List[myDispute], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[myDispute]{}, err
	}
	me := endpoint.Actor(ctx)
	me.Role = shop.RoleStaff // here a manager, too, sees what is about her alone
	found, next, err := f.Disputes.List(ctx, me, dispute.Query{}, page)
	if err != nil {
		return endpoint.List[myDispute]{}, err
	}
	items, err := f.tellDisputes(ctx, found)
	return endpoint.List[myDispute]{Items: items, NextCursor: next}, err
}

type disputeRequest struct {
	ID shop.ID `path:"id"`
}

func (f *Face) dispute(ctx context.Context, in disputeRequest) (myDispute, error) {
	d, err := f.Disputes.Read(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return myDispute{}, err
	}
	return f.oneDispute(ctx, d)
}

func (f *Face) withdrawDispute(ctx context.Context, in disputeRequest) (myDispute, error) {
	d, err := f.Disputes.Withdraw(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return myDispute{}, err
	}
	return f.oneDispute(ctx, d)
}

func (f *Face) oneDispute(ctx context.Context, d dispute.Dispute) (myDispute, error) {
	told, err := f.tellDisputes(ctx, []dispute.Dispute{d})
	if err != nil {
		return myDispute{}, err
	}
	return told[0], nil
}

// tellDisputes adds the names of everybody in them, and the orders without their customers.
func (f *Face) tellDisputes(ctx context.Context, found []dispute.Dispute) ([]myDispute, error) {
	all, err := f.places(ctx)
	if err != nil {
		return nil, err
	}
	sales, err := f.salesOf(ctx, found, all)
	if err != nil {
		return nil, err
	}
	names, err := f.Reports.Names(ctx, endpoint.Actor(ctx), partiesOf(found))
	if err != nil {
		return nil, err
	}
	told := make([]myDispute, len(found))
	for i, d := range found {
		told[i] = tellDispute(endpoint.Actor(ctx), d, names)
		told[i].Order = sales[d.Order]
	}
	return told, nil
}

func tellDispute(me shop.Actor, d dispute.Dispute, names map[shop.ID]report.Name) myDispute {
	named := func(s dispute.Side) holder {
		n := names[s.Party.ID]
		return holder{Kind: s.Party.Kind, ID: s.Party.ID, Code: n.Code, Name: n.Name}
	}
	t := myDispute{
		ID: d.ID, Mine: d.Raiser == me.ID || d.For.Party == attribution.StaffOf(me.ID), Customer: d.Customer, Role: d.Role, For: named(d.For), Against: []holder{},
		Since: d.Since.UTC(), State: d.State, RaisedAt: d.RaisedAt.UTC(), DecidedAt: d.DecidedAt.UTC(), Reason: d.Reason,
	}
	for _, s := range d.Against {
		t.Against = append(t.Against, named(s))
	}
	if t.Mine {
		t.Said = d.Said
	}
	return t
}

func partiesOf(found []dispute.Dispute) (ids []shop.ID) {
	for _, d := range found {
		ids = append(ids, d.For.Party.ID)
		for _, s := range d.Against {
			ids = append(ids, s.Party.ID)
		}
	}
	return ids
}

func (f *Face) salesOf(ctx context.Context, found []dispute.Dispute, all places) (map[shop.ID]*sale, error) {
	var ids []shop.ID
	for _, d := range found {
		if !d.Order.IsZero() {
			ids = append(ids, d.Order)
		}
	}
	sales := map[shop.ID]*sale{}
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		orders, err := order.LoadMany(ctx, tx, actor.Brand, ids)
		for _, o := range orders {
			sales[o.ID] = &sale{ID: o.ID, ExternalID: o.ExternalID, PlacedAt: o.PlacedAt.UTC(), Channel: o.Channel, Store: all.find(o.Store), Currency: o.Currency}
		}
		return err
	})
	return sales, err
}
