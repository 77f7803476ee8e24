package staffapp

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/explanation"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
)

// part is what one line of an order gave, and the arithmetic of it. Line 0 is the fixed fee of a parcel.
type part struct {
	Line          int             `json:"line"`
	Minor         int64           `json:"minor"`
	ReversedMinor int64           `json:"reversed_minor"`
	LeftMinor     int64           `json:"left_minor"`
	Reason        attribution.Why `json:"reason"`
}

func partOf(line int, minor, reversed int64, reason attribution.Why) part {
	return part{Line: line, Minor: minor, ReversedMinor: reversed, LeftMinor: minor - reversed, Reason: reason}
}

// holder is who earns, by name: a store, a person, or the pool of a store.
type holder struct {
	Kind attribution.Kind `json:"kind"`
	ID   shop.ID          `json:"id"`
	Code string           `json:"code"` // of the store, or employee number
	Name string           `json:"name"`
}

type orderCredit struct {
	Role          plan.Role `json:"role"`
	To            holder    `json:"to"`
	Parcel        string    `json:"parcel,omitempty"`
	Minor         int64     `json:"minor"`
	ReversedMinor int64     `json:"reversed_minor"`
	LeftMinor     int64     `json:"left_minor"`
	Text          string    `json:"text"` // why, in the caller's language
	Parts         []part    `json:"parts"`

	State ledger.AccountKind `json:"state"`
}

type lostClaim struct {
	Role plan.Role          `json:"role"`
	To   holder             `json:"to"`
	Why  attribution.LostTo `json:"why"`
	Text string             `json:"text"`
}

// orderCreditResponse is the same for everybody who may read it: both sides of a quarrel see the same figures.
type orderCreditResponse struct {
	Order     sale               `json:"order"`
	State     ledger.AccountKind `json:"state"`
	Reason    string             `json:"reason,omitempty"` // why nobody earns: self_purchase, no_plan
	PayableAt time.Time          `json:"payable_at,omitzero"`
	Credits   []orderCredit      `json:"credits"`
	Lost      []lostClaim        `json:"lost"`
	Text      []string           `json:"text"` // of the order as a whole, a sentence or two each
}

type orderRequest struct {
	ID shop.ID `path:"id"`
}

func (f *Face) orderCredit(ctx context.Context, in orderRequest) (orderCreditResponse, error) {
	oc, err := f.Reports.OrderCredit(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return orderCreditResponse{}, err
	}
	all, err := f.places(ctx)
	if err != nil {
		return orderCreditResponse{}, err
	}
	told := oc.Told(endpoint.Language(ctx))
	out := orderCreditResponse{
		Order: saleOf(oc.Sale, all), State: oc.State(), Reason: oc.Reason, PayableAt: oc.PayableAt, Credits: []orderCredit{}, Lost: []lostClaim{},
		Text: orNone(told.Whole()),
	}
	for _, c := range oc.Credits {
		var reason attribution.Why
		if err := json.Unmarshal(c.Reason, &reason); err != nil {
			return orderCreditResponse{}, fmt.Errorf("read the reason of a credit of order %s: %w", in.ID, err)
		}
		out.add(c, nameOf(oc, c.To), partOf(c.Line, c.Minor, c.Reversed, reason))
	}
	for i, c := range out.Credits {
		to := attribution.Beneficiary{Kind: c.To.Kind, ID: c.To.ID}
		out.Credits[i].Text, out.Credits[i].State = told.Share(explanation.Share{Role: c.Role, To: to, Parcel: c.Parcel}), oc.StateOf(to)
	}
	for _, l := range oc.Lost {
		to := nameOf(oc, attribution.Beneficiary{Kind: l.ToKind, ID: l.To})
		out.Lost = append(out.Lost, lostClaim{Role: l.Role, To: to, Why: l.Why, Text: told.Lost(l)})
	}
	return out, nil
}

// add puts a line's part to the credit of its role, holder and parcel; the parts come sorted.
func (r *orderCreditResponse) add(c ledger.Credit, to holder, p part) {
	n := len(r.Credits) - 1
	if n < 0 || r.Credits[n].Role != c.Role || r.Credits[n].To != to || r.Credits[n].Parcel != c.Parcel {
		r.Credits = append(r.Credits, orderCredit{Role: c.Role, To: to, Parcel: c.Parcel})
		n++
	}
	r.Credits[n].Minor += p.Minor
	r.Credits[n].ReversedMinor += p.ReversedMinor
	r.Credits[n].LeftMinor += p.LeftMinor
	r.Credits[n].Parts = append(r.Credits[n].Parts, p)
}

// orNone is a list also where there is nothing.
func orNone(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

func nameOf(oc report.OrderCredit, to attribution.Beneficiary) holder {
	name := oc.Names[to.ID]
	return holder{Kind: to.Kind, ID: to.ID, Code: name.Code, Name: name.Name}
}
