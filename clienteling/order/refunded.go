package order

import (
	"cmp"
	"math/big"
	"slices"
	"time"
)

// Beside the papers of a refund two other events take goods or money back from lines.
const (
	PriceAdjusted RefundKind = "price_adjust"
	Cancellation  RefundKind = "cancel"
)

// Return is what one event took back, and how much of each line had gone back after it.
type Return struct {
	ExternalID   string
	Kind         RefundKind
	At           time.Time
	Fraction     []*big.Rat // 0..1 of each line, in the sequence of Amounts; never changed afterwards
	Neutral      bool       // a price adjustment that took nothing back and only lowered what is refundable
	Surplus      bool       // it asked for more than there was; what there was is in Fraction
	UnknownLines []int      // it named lines that the order never had; the rest of it is in Fraction
}

// Outcome is "surplus", "unknown_line" or "" when all of the event applied.
func (r Return) Outcome() string {
	switch {
	case r.Surplus:
		return "surplus"
	case len(r.UnknownLines) > 0:
		return "unknown_line"
	}
	return ""
}

// TakesBack is the kind and the name under which Returns knows a fact that takes something back, if it is such a one.
func TakesBack(f Fact) (kind RefundKind, externalID string, is bool) {
	switch f := f.(type) {
	case WasRefunded:
		return f.kind(), f.ExternalID, true
	case WasAdjusted:
		return PriceAdjusted, f.ExternalID, true
	case WasExchanged:
		return Exchanged, f.ExternalID, true
	}
	return "", "", false
}

// Returns are all events that took something back from an order, in the sequence in which they happened.
type Returns struct {
	Steps   []Return
	numbers []int // line numbers, in the sequence of Amounts
}

// Returned works out how much of each line went back. Events are taken by their own instant, so that the sequence in which
// they were heard of does not matter. Each kind of paper has its own account and the largest one counts: the refund and
// the allowance for the same goods are one return. Cancelling and voiding return everything.
//
// adjustmentsCount says that price adjustments are taken back like refunds; otherwise they only lower what is refundable.
func (o Order) Returned(amounts []Amount, adjustmentsCount bool) Returns {
	r := Returns{numbers: make([]int, len(amounts))}
	for i, a := range amounts {
		r.numbers[i] = a.No
	}
	events := o.returnEvents()
	if len(events) == 0 {
		return r
	}
	t := tally{order: o, amounts: amounts, adjusted: make([]int64, len(amounts)), accounts: map[RefundKind][]*big.Rat{}}
	for _, e := range events {
		step := Return{ExternalID: e.ExternalID, Kind: e.Kind, At: e.At}
		t.apply(e, adjustmentsCount, &step)
		step.Fraction = t.largest()
		r.Steps = append(r.Steps, step)
	}
	return r
}

// Fractions is how much of each line went back by everything that is known.
func (r Returns) Fractions() []*big.Rat { return r.Before(time.Time{}) }

// Before is how much of each line went back by what happened before the instant; a cancellation counts whenever it
// happened. A zero instant is no bound.
func (r Returns) Before(end time.Time) []*big.Rat {
	for _, s := range slices.Backward(r.Steps) {
		if s.Counts(end) {
			return s.Fraction
		}
	}
	return zeros(len(r.numbers))
}

// Counts says whether the event lies before the bound: a zero bound is none, and nothing bounds a cancellation.
func (r Return) Counts(end time.Time) bool {
	return end.IsZero() || r.Kind == Cancellation || r.At.Before(end)
}

// Of finds what one paper did, by its kind and its name in the system that told us.
func (r Returns) Of(kind RefundKind, externalID string) (Return, bool) {
	for _, s := range r.Steps {
		if s.Kind == kind && s.ExternalID == externalID {
			return s, true
		}
	}
	return Return{}, false
}

// returnEvents brings refunds, price adjustments and the cancellation into one sequence. At one instant an adjustment
// comes first, since it lowers what a refund of that instant is measured by.
func (o Order) returnEvents() []Refund {
	events := make([]Refund, 0, len(o.Refunds)+len(o.NeutralAdjust)+1)
	for _, r := range o.Refunds {
		if r.Kind == "" {
			r.Kind = RefundPaid
		}
		events = append(events, r)
	}
	papers := map[string]int{} // places of price adjustments: what one paper says of several lines is one event
	for _, a := range o.NeutralAdjust {
		line := RefundLine{No: a.No, Amount: a.Amount}
		if place, is := papers[a.ExternalID]; is {
			events[place].Lines = append(events[place].Lines, line)
			continue
		}
		papers[a.ExternalID] = len(events)
		events = append(events, Refund{ExternalID: a.ExternalID, Kind: PriceAdjusted, At: a.At, Lines: []RefundLine{line}})
	}
	for _, x := range o.Exchanges {
		if !x.Keeps {
			events = append(events, x.asReturn())
		}
	}
	if o.State == Cancelled {
		events = append(events, Refund{Kind: Cancellation, At: o.CancelledAt})
	}
	rank := map[RefundKind]int{PriceAdjusted: 0, RefundPaid: 1, Exchanged: 2, Allowance: 3, Void: 4, Cancellation: 5}
	slices.SortStableFunc(events, func(a, b Refund) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	return events
}
