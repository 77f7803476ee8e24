package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
)

type bindingAnswer struct {
	ID         shop.ID          `json:"id"`
	Customer   shop.ID          `json:"customer"`
	Store      shop.ID          `json:"store,omitzero"` // absent: she chose nobody
	Staff      shop.ID          `json:"staff,omitzero"` // absent: the store alone
	Source     binding.Source   `json:"source"`
	Evidence   binding.Evidence `json:"evidence"`
	From       time.Time        `json:"from"`
	Until      time.Time        `json:"until,omitzero"` // absent: in force
	RecordedAt time.Time        `json:"recorded_at"`
}

func answerBinding(_ context.Context, b binding.Binding) bindingAnswer {
	return bindingAnswer{
		ID: b.ID, Customer: b.Customer, Store: b.Store, Staff: b.Staff, Source: b.Source, Evidence: b.Evidence,
		From: b.From.UTC(), Until: b.Until.UTC(), RecordedAt: b.RecordedAt.UTC(),
	}
}

// claimAnswer is one attempt to win her, also a refused one.
type claimAnswer struct {
	No         int              `json:"no"`
	Store      shop.ID          `json:"store"`
	Staff      shop.ID          `json:"staff,omitzero"`
	Source     binding.Source   `json:"source"`
	Outcome    string           `json:"outcome"`          // won, or the code of what refused it
	Against    shop.ID          `json:"against,omitzero"` // the binding that it lost to, or replaced
	Rule       string           `json:"rule,omitempty"`   // by which it won or lost
	Evidence   binding.Evidence `json:"evidence"`
	RecordedAt time.Time        `json:"recorded_at"`
}

func answerClaim(_ context.Context, c binding.Claim) claimAnswer {
	return claimAnswer{
		No: c.No, Store: c.Store, Staff: c.Staff, Source: c.Source, Outcome: c.Outcome, Against: c.Against, Rule: c.Rule, Evidence: c.Evidence,
		RecordedAt: c.RecordedAt.UTC(),
	}
}

// readBindingsAnswer is the whole past of one customer, a handful of rows, so that a quarrel is seen at once.
type readBindingsAnswer struct {
	Customer shop.ID         `json:"customer"`
	Bindings []bindingAnswer `json:"bindings"` // earliest first
	Passages []passageAnswer `json:"passages"` // by which others took over since she was won
	Claims   []claimAnswer   `json:"claims"`   // as they were recorded
}

func (f *Face) readBindings(ctx context.Context, in byID) (readBindingsAnswer, error) {
	past, err := f.Bindings.PastOf(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return readBindingsAnswer{}, err
	}
	return answerPast(ctx, in.ID, past), nil
}

func answerPast(ctx context.Context, who shop.ID, past binding.Past) readBindingsAnswer {
	return readBindingsAnswer{
		Customer: who, Bindings: listOf(ctx, past.Bindings, "", answerBinding).Items, Passages: listOf(ctx, past.Passages, "", answerPassage).Items,
		Claims: listOf(ctx, past.Claims, "", answerClaim).Items,
	}
}

type transferCustomersRequest struct {
	Customers []shop.ID  `json:"customers"`
	To        transferTo `json:"to"`
	Reason    string     `json:"reason"`
}

type transferTo struct {
	Store shop.ID `json:"store"`
	Staff shop.ID `json:"staff"`
}

type transferCustomersAnswer struct {
	Items []bindingAnswer `json:"items"`
}

func (f *Face) transferCustomers(ctx context.Context, in transferCustomersRequest) (transferCustomersAnswer, error) {
	bindings, err := f.Bindings.Transfer(ctx, endpoint.Actor(ctx), binding.Transfer{
		Customers: in.Customers, Store: in.To.Store, Staff: in.To.Staff, Reason: in.Reason,
	})
	if err != nil {
		return transferCustomersAnswer{}, err
	}
	return transferCustomersAnswer{listOf(ctx, bindings, "", answerBinding).Items}, nil
}

type previewTransferRequest struct {
	Customers []shop.ID  `json:"customers"`
	To        transferTo `json:"to"`
}

type outlookAnswer struct {
	homeChangeAnswer
	Refused    string        `json:"refused,omitempty"` // the code of why she would not be transferred
	Orders     int           `json:"orders"`
	SpentMinor int64         `json:"spent_minor"`
	Currency   shop.Currency `json:"currency,omitempty"` // absent: she has not ordered yet
}

func answerOutlook(ctx context.Context, o binding.Outlook) outlookAnswer {
	a := outlookAnswer{homeChangeAnswer: answerHomeChange(ctx, o.HomeChange), Orders: o.Orders, SpentMinor: o.Spent, Currency: o.Currency}
	if o.Refusal != nil {
		a.Refused = o.Refusal.Code
	}
	return a
}

type previewTransferAnswer struct {
	Items []outlookAnswer `json:"items"`
}

func (f *Face) previewTransfer(ctx context.Context, in previewTransferRequest) (previewTransferAnswer, error) {
	outlooks, err := f.Bindings.PreviewTransfer(ctx, endpoint.Actor(ctx), binding.Transfer{Customers: in.Customers, Store: in.To.Store, Staff: in.To.Staff})
	return previewTransferAnswer{listOf(ctx, outlooks, "", answerOutlook).Items}, err
}
