package order

import (
	"cmp"
	"slices"
	"time"

	"homestore/clienteling/shop"
)

// kept is an order as the tables have it: what it was in each version, and every paper with the names of lines as they came.
// What the papers mean is worked out anew each time, by whole: a refund may name a line that only a later version brings.
type kept struct {
	head      Order // all but lines, papers and what is derived from them
	said      saidBy
	versions  []version // by number
	refunds   []keptRefund
	parcels   []keptParcel
	adjusted  []keptAdjustment
	exchanges []keptExchange
	papers    struct{ refunds, parcels, adjusted, exchanges int } // highest number of each that is taken
}

// saidBy is which version said what of the order as a whole; 0: none did. Names stay as they are, since they are kept.
type saidBy struct {
	Whole       int `json:"whole,omitempty"` // channel, store, currency, taxes, how it is handed over and at whose price
	Customer    int `json:"customer,omitempty"`
	Staff       int `json:"staff,omitempty"`
	AssistStore int `json:"assist_store,omitempty"`
	AssistStaff int `json:"assist_staff,omitempty"`
	Pickup      int `json:"pickup,omitempty"`
	Clicks      int `json:"clicks,omitempty"`
	Campaign    int `json:"campaign,omitempty"`
}

// allBy is the one version that said all of it.
func allBy(version int) saidBy {
	return saidBy{version, version, version, version, version, version, version, version}
}

// isAll says whether nothing was said by another version.
func (s saidBy) isAll(version int) bool {
	for _, by := range []int{s.Whole, s.Customer, s.Staff, s.AssistStore, s.AssistStaff, s.Pickup, s.Clicks, s.Campaign} {
		if by != 0 && by != version {
			return false
		}
	}
	return true
}

type version struct {
	Number int
	At     time.Time
	Lines  []Line
}

type keptRefund struct {
	Refund
	Named   []RefundedLine
	Outcome string
}

type keptParcel struct {
	Fulfilment
	Named []string
}

type keptAdjustment struct {
	Adjustment
	Line string
}

type keptExchange struct {
	ExternalID   string
	At           time.Time
	Keeps        bool
	Out          []string
	In           []Line
	Store, Staff shop.ID // who exchanged; zero: who sold the order
}

func (x keptExchange) compare(y keptExchange) int {
	return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ExternalID, y.ExternalID))
}

// whole is the order as it is now. It depends on what is known, not on the sequence in which that came.
func (k *kept) whole() Order {
	o := k.head
	numbers := k.number(&o)
	o.Refunds = make([]Refund, 0, len(k.refunds))
	for _, r := range k.refunds {
		r.Lines = nil
		for _, l := range r.Named {
			r.Lines = append(r.Lines, RefundLine{No: numbers[l.Line], Quantity: l.Quantity, Amount: l.Amount})
		}
		o.Refunds = append(o.Refunds, r.Refund)
	}
	o.Fulfilments = make([]Fulfilment, 0, len(k.parcels))
	for _, p := range k.parcels {
		p.Lines = nil
		for _, name := range p.Named {
			p.Lines = append(p.Lines, numbers[name])
		}
		o.Fulfilments = append(o.Fulfilments, p.Fulfilment)
	}
	o.NeutralAdjust = make([]Adjustment, 0, len(k.adjusted))
	for _, a := range k.adjusted {
		a.No = numbers[a.Line]
		o.NeutralAdjust = append(o.NeutralAdjust, a.Adjustment)
	}
	for _, x := range k.exchanges {
		o.Exchanges = append(o.Exchanges, x.whole(numbers))
	}
	o.inSequence()
	return o
}

func (x keptExchange) whole(numbers map[string]int) Exchange {
	whole := Exchange{ExternalID: x.ExternalID, At: x.At, Keeps: x.Keeps}
	for _, name := range x.Out {
		whole.Out = append(whole.Out, numbers[name])
	}
	if x.Keeps {
		for _, l := range x.In {
			whole.In = append(whole.In, numbers[l.ExternalID])
		}
	}
	return whole
}

// inSequence sorts the papers by when they happened, not by when they were heard of.
func (o *Order) inSequence() {
	slices.SortStableFunc(o.Refunds, func(a, b Refund) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	slices.SortStableFunc(o.Fulfilments, func(a, b Fulfilment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	slices.SortStableFunc(o.NeutralAdjust, func(a, b Adjustment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	slices.SortStableFunc(o.Exchanges, func(a, b Exchange) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID))
	})
}

// addVersion keeps the lines of a version in its place.
func (k *kept) addVersion(v version) {
	k.versions = append(k.versions, v)
	slices.SortFunc(k.versions, func(a, b version) int { return cmp.Compare(a.Number, b.Number) })
}
