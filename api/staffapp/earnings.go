package staffapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
)

// balance is in minor units of its currency.
type balance struct {
	Currency     shop.Currency `json:"currency"`
	PendingMinor int64         `json:"pending_minor"` // the customer may still return the goods
	PayableMinor int64         `json:"payable_minor"`
	StatedMinor  int64         `json:"stated_minor"`
	PaidMinor    int64         `json:"paid_minor"`
}

type balancesResponse struct {
	Items []balance `json:"items"` // one for each currency
}

func (f *Face) balances(ctx context.Context, _ endpoint.None) (balancesResponse, error) {
	mine, err := f.Reports.Balances(ctx, endpoint.Actor(ctx))
	out := balancesResponse{Items: make([]balance, len(mine))}
	for i, b := range mine {
		out.Items[i] = balanceOf(b)
	}
	return out, err
}

// sale is the order behind a credit, without its customer.
type sale struct {
	ID         shop.ID       `json:"id"`
	ExternalID string        `json:"external_id"`
	PlacedAt   time.Time     `json:"placed_at"`
	Channel    order.Channel `json:"channel"`
	Store      *storeRef     `json:"store"` // who sold
	Currency   shop.Currency `json:"currency"`
}

func saleOf(s report.Sale, all places) sale {
	return sale{
		ID: s.ID, ExternalID: s.ExternalID, PlacedAt: s.PlacedAt.UTC(), Channel: s.Channel, Store: all.find(s.Store), Currency: s.Currency,
	}
}

// myCredit is what she has of one order in one role. What is left is the credit less what was taken back.
type myCredit struct {
	Order         sale               `json:"order"`
	Role          plan.Role          `json:"role"`
	Parcel        string             `json:"parcel,omitempty"`
	Minor         int64              `json:"minor"`
	ReversedMinor int64              `json:"reversed_minor"`
	LeftMinor     int64              `json:"left_minor"`
	State         ledger.AccountKind `json:"state"`
	PayableAt     time.Time          `json:"payable_at,omitzero"`
	Text          string             `json:"text"` // why, and when it is payable
	Parts         []part             `json:"parts"`
}

type creditsRequest struct {
	endpoint.Paging
	Month string `query:"month"` // YYYY-MM in the brand's zone; absent: this month
	month plan.Day
}

func (r *creditsRequest) Validate() error {
	if r.Month == "" {
		return nil
	}
	day, err := plan.ParseDay(r.Month + "-01")
	r.month = day
	var c shop.Check
	c.That(err == nil, "month", "month_malformed", "Write a month as 2026-03.")
	return c.Err()
}

func (f *Face) credits(ctx context.Context, in creditsRequest) (endpoint.List[myCredit], error) {
	var out endpoint.List[myCredit]
	page, err := in.Page()
	if err != nil {
		return out, err
	}
	if in.Month == "" {
		if in.month, err = f.today(ctx); err != nil {
			return out, err
		}
	}
	earned, next, err := f.Reports.Earned(ctx, endpoint.Actor(ctx), in.month, page)
	if err != nil {
		return out, err
	}
	all, err := f.places(ctx)
	out.NextCursor = next
	for _, e := range earned {
		credit := myCredit{
			Order: saleOf(e.Sale, all), Role: e.Role, Parcel: e.Parcel, Minor: e.Minor, ReversedMinor: e.Reversed, LeftMinor: e.Minor - e.Reversed,
			State: e.State, PayableAt: e.PayableAt, Text: e.Told(endpoint.Language(ctx)), Parts: []part{},
		}
		for _, p := range e.Parts {
			credit.Parts = append(credit.Parts, partOf(p.Line, p.Minor, p.Reversed, p.Reason))
		}
		out.Items = append(out.Items, credit)
	}
	return out, err
}
