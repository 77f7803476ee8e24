package manager

import (
	"context"
	"encoding/json"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/explanation"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// explainOrderAnswer is an order with each cent of its commission: what the rules say now (credits), what lost, and what was
// posted (transfers). The credits' left_minor are what the transfers come to.
type explainOrderAnswer struct {
	Order     orderAnswer      `json:"order"`
	State     string           `json:"state"`            // in which all its credits are at least: pending, payable, stated, paid; or none
	Reason    string           `json:"reason,omitempty"` // why nobody earns
	Plan      shop.ID          `json:"plan,omitzero"`    // the version by which it is credited
	PayableAt time.Time        `json:"payable_at,omitzero"`
	VestedAt  time.Time        `json:"vested_at,omitzero"`
	Credits   []creditAnswer   `json:"credits"`
	Lost      []lostAnswer     `json:"lost"`
	Transfers []transferAnswer `json:"transfers"`
	Scans     []scanAnswer     `json:"scans"` // whose click ids came with the order

	Text  []string           `json:"text"`            // of the order as a whole, in the caller's language
	Trace *attribution.Trace `json:"trace,omitempty"` // from which the credits can be worked out again
}

type scanAnswer struct {
	ID        shop.ID       `json:"id"`
	Tag       tag.Code      `json:"tag"`
	Store     partyAnswer   `json:"store"`
	Staff     *partyAnswer  `json:"staff,omitempty"`
	Placement tag.Placement `json:"placement"`
	At        time.Time     `json:"at"`
	Late      scan.Late     `json:"late,omitempty"`
}

type orderAnswer struct {
	ID            shop.ID        `json:"id"`
	Source        string         `json:"source"`
	ExternalID    string         `json:"external_id"`
	Version       int            `json:"version"`
	PlacedAt      time.Time      `json:"placed_at"`
	State         order.State    `json:"state"`
	Channel       order.Channel  `json:"channel"`
	Customer      shop.ID        `json:"customer,omitzero"`
	Store         partyAnswer    `json:"store"`
	Staff         *partyAnswer   `json:"staff,omitempty"`
	Currency      shop.Currency  `json:"currency"`
	DiscountMinor int64          `json:"discount_minor"`
	PaidMinor     int64          `json:"paid_minor"`     // after all discounts
	RefundedMinor int64          `json:"refunded_minor"` // of that
	Lines         []lineAnswer   `json:"lines"`
	Refunds       []refundAnswer `json:"refunds"`
	Fulfilments   []parcelAnswer `json:"fulfilments"`

	Exchanges  []exchangeAnswer `json:"exchanges,omitempty"`
	ExchangeOf shop.ID          `json:"exchange_of,omitzero"` // the order of whose exchange this one was made
}

type lineAnswer struct {
	No             int            `json:"no"`
	SKU            string         `json:"sku"`
	Name           string         `json:"name"`
	Category       string         `json:"category,omitempty"`
	Kind           order.LineKind `json:"kind"`
	Quantity       int64          `json:"quantity"`
	UnitPriceMinor int64          `json:"unit_price_minor"`
	DiscountMinor  int64          `json:"discount_minor"`
}

type refundAnswer struct {
	ExternalID string           `json:"external_id"`
	Kind       order.RefundKind `json:"kind"`
	At         time.Time        `json:"at"`
}

type parcelAnswer struct {
	ExternalID string               `json:"external_id"`
	Kind       order.FulfilmentKind `json:"kind"`
	Store      shop.ID              `json:"store,omitzero"`
	At         time.Time            `json:"at"`
}

// exchangeAnswer is goods that went back for others: by an edit of the order (keeps), or as a return and an order of its own.
type exchangeAnswer struct {
	ExternalID string          `json:"external_id"`
	At         time.Time       `json:"at"`
	Keeps      bool            `json:"keeps"`
	Out        []exchangedLine `json:"out"`
	In         []exchangedLine `json:"in"`
}

// exchangedLine is a line of the order, also one that it has no more.
type exchangedLine struct {
	No   int    `json:"no"`
	SKU  string `json:"sku"`
	Name string `json:"name"`
}

// exchangesOf lists them as they happened. A line that the order never had is left out.
func exchangesOf(o order.Order) []exchangeAnswer {
	lines := map[int]exchangedLine{}
	for _, w := range o.Withdrawn {
		lines[w.No] = exchangedLine{w.No, w.SKU, w.Name}
	}
	for _, l := range o.Lines {
		lines[l.No] = exchangedLine{l.No, l.SKU, l.Name}
	}
	named := func(numbers []int) []exchangedLine {
		found := []exchangedLine{}
		for _, no := range numbers {
			if l, known := lines[no]; known {
				found = append(found, l)
			}
		}
		return found
	}
	var all []exchangeAnswer
	for _, x := range o.Exchanges {
		all = append(all, exchangeAnswer{x.ExternalID, x.At.UTC(), x.Keeps, named(x.Out), named(x.In)})
	}
	return all
}

// partyAnswer names a store, a person, the pool of a store, or the brand itself, which has no id.
type partyAnswer struct {
	Kind string  `json:"kind"`
	ID   shop.ID `json:"id,omitzero"`
	Code string  `json:"code,omitempty"`
	Name string  `json:"name,omitempty"`
}

type creditAnswer struct {
	Role          plan.Role       `json:"role"`
	To            partyAnswer     `json:"to"`
	Store         partyAnswer     `json:"store"` // under which the role is earned
	Parcel        string          `json:"parcel,omitempty"`
	Line          int             `json:"line"` // 0: the fixed fee of a parcel
	Minor         int64           `json:"minor"`
	ReversedMinor int64           `json:"reversed_minor"`
	LeftMinor     int64           `json:"left_minor"`
	Currency      shop.Currency   `json:"currency"`
	Reason        json.RawMessage `json:"reason"`
	Text          string          `json:"text"`

	State ledger.AccountKind `json:"state"`
}

type lostAnswer struct {
	Role     plan.Role            `json:"role"`
	To       partyAnswer          `json:"to"`
	Why      attribution.LostTo   `json:"why"`
	Evidence attribution.Evidence `json:"evidence"`
	Text     string               `json:"text"`
}

type accountAnswer struct {
	Kind   ledger.AccountKind `json:"kind"`
	Holder partyAnswer        `json:"holder"`
}

type transferAnswer struct {
	ID          shop.ID             `json:"id"`
	Kind        ledger.TransferKind `json:"kind"`
	Role        plan.Role           `json:"role,omitempty"`
	Debit       accountAnswer       `json:"debit"`
	Credit      accountAnswer       `json:"credit"`
	Minor       int64               `json:"minor"`
	Currency    shop.Currency       `json:"currency"`
	Parcel      string              `json:"parcel,omitempty"`
	Line        int                 `json:"line"`
	Fact        string              `json:"fact,omitempty"` // the event that took something back; absent: the order itself
	Reverses    shop.ID             `json:"reverses,omitzero"`
	Reason      json.RawMessage     `json:"reason,omitempty"`
	Text        string              `json:"text"`
	EffectiveAt time.Time           `json:"effective_at"`
	PostedAt    time.Time           `json:"posted_at"`
}

func (f *Face) explainOrder(ctx context.Context, in byID) (explainOrderAnswer, error) {
	return f.explain(ctx, endpoint.Actor(ctx), in.ID)
}

func (f *Face) explain(ctx context.Context, actor shop.Actor, id shop.ID) (explainOrderAnswer, error) {
	e, err := f.Reports.Explain(ctx, actor, id)
	if err != nil {
		return explainOrderAnswer{}, err
	}
	language := endpoint.Language(ctx)
	x := explainer{e, language, e.Told(language)}
	answer := explainOrderAnswer{
		Order: x.order(), State: "none", Reason: e.Credit.Reason, Plan: e.Credit.Plan,
		PayableAt: e.Credit.PayableAt.UTC(), VestedAt: e.Credit.VestedAt.UTC(),
		Credits: []creditAnswer{}, Lost: []lostAnswer{}, Transfers: []transferAnswer{}, Scans: []scanAnswer{}, Text: []string{}, Trace: e.Credit.Trace,
	}
	if e.IsCredited {
		answer.State = string(e.State())
		answer.Text = append(answer.Text, x.told.Whole()...)
	}
	for _, c := range e.Credit.Credits {
		answer.Credits = append(answer.Credits, x.credit(c))
	}
	for _, l := range e.Credit.Lost {
		answer.Lost = append(answer.Lost, lostAnswer{l.Role, x.party(attribution.Beneficiary{Kind: l.ToKind, ID: l.To}), l.Why, l.Evidence, x.told.Lost(l)})
	}
	for _, t := range e.Transfers {
		answer.Transfers = append(answer.Transfers, x.transfer(t))
	}
	for _, s := range e.Scans {
		answer.Scans = append(answer.Scans, x.scan(s))
	}
	return answer, nil
}

// explainer puts what is known of an order into the caller's language.
type explainer struct {
	report.Explained
	language shop.Language
	told     explanation.Order
}

func (x explainer) party(to attribution.Beneficiary) partyAnswer {
	if to.IsNobody() {
		return partyAnswer{Kind: "brand"}
	}
	p := x.Parties[to]
	return partyAnswer{Kind: string(to.Kind), ID: to.ID, Code: p.Code, Name: p.Text.In(x.language)}
}

func (x explainer) order() orderAnswer {
	o, figures := x.Order, x.Order.Figures()
	a := orderAnswer{
		ID: o.ID, Source: o.Source, ExternalID: o.ExternalID, Version: o.Version, PlacedAt: o.PlacedAt.UTC(), State: o.State, Channel: o.Channel,
		Customer: o.Customer, Store: x.party(attribution.StoreOf(o.Store)), Currency: o.Currency, DiscountMinor: o.Discount,
		PaidMinor: figures.Paid, RefundedMinor: figures.Refunded,
		Lines: []lineAnswer{}, Refunds: []refundAnswer{}, Fulfilments: []parcelAnswer{},
		Exchanges: exchangesOf(o), ExchangeOf: o.ExchangeOf,
	}
	if !o.Staff.IsZero() {
		staff := x.party(attribution.StaffOf(o.Staff))
		a.Staff = &staff
	}
	for _, l := range o.Lines {
		a.Lines = append(a.Lines, lineAnswer{l.No, l.SKU, l.Name, l.Category, l.Kind, l.Quantity, l.UnitPrice, l.Discount})
	}
	for _, r := range o.Refunds {
		a.Refunds = append(a.Refunds, refundAnswer{r.ExternalID, r.Kind, r.At.UTC()})
	}
	for _, p := range o.Fulfilments {
		a.Fulfilments = append(a.Fulfilments, parcelAnswer{p.ExternalID, p.Kind, p.Store, p.At.UTC()})
	}
	return a
}

func (x explainer) credit(c ledger.Credit) creditAnswer {
	return creditAnswer{
		Role: c.Role, To: x.party(c.To), Store: x.party(attribution.StoreOf(c.Store)), Parcel: c.Parcel, Line: c.Line,
		Minor: c.Minor, ReversedMinor: c.Reversed, LeftMinor: c.Minor - c.Reversed, Currency: x.Order.Currency, Reason: c.Reason,
		Text: x.told.Line(explanation.Share{Role: c.Role, To: c.To, Parcel: c.Parcel}, c.Line), State: x.StateOf(c.To),
	}
}

func (x explainer) scan(s scan.Scan) scanAnswer {
	a := scanAnswer{ID: s.ID, Tag: s.Code, Store: x.party(attribution.StoreOf(s.Store)), Placement: s.Placement, At: s.At().UTC(), Late: s.Late}
	if !s.Staff.IsZero() {
		staff := x.party(attribution.StaffOf(s.Staff))
		a.Staff = &staff
	}
	return a
}

func (x explainer) transfer(t ledger.Transfer) transferAnswer {
	return transferAnswer{
		ID: t.ID, Kind: t.Kind, Role: t.Role,
		Debit:  accountAnswer{t.Debit.Kind, x.party(t.Debit.Holder)},
		Credit: accountAnswer{t.Credit.Kind, x.party(t.Credit.Holder)},
		Minor:  t.Minor, Currency: t.Debit.Currency, Parcel: t.Parcel, Line: t.Line, Fact: t.Fact, Reverses: t.Reverses,
		Reason: t.Reason, Text: x.told.Transfer(t), EffectiveAt: t.EffectiveAt.UTC(), PostedAt: t.PostedAt.UTC(),
	}
}
