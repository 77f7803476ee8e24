package order

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Exchange is goods of an order that were exchanged for others.
type Exchange struct {
	ExternalID string
	At         time.Time
	Keeps      bool  // an edit of the order, at its old instant; otherwise Out is a return, and In an order of its own
	Out        []int // line numbers, taken out whole; 0: a line that the order never had
	In         []int // line numbers; none where the exchange made an order of its own
}

// Exchanged is an exchange that counts as a return: each line that it names went back, whatever of it was there still.
const Exchanged RefundKind = "exchange"

func (x Exchange) asReturn() Refund {
	r := Refund{ExternalID: x.ExternalID, Kind: Exchanged, At: x.At}
	for _, no := range x.Out {
		r.Lines = append(r.Lines, RefundLine{No: no})
	}
	return r
}

// Exchanges says how a brand counts an exchange of an order that was placed at an instant: as an edit of that order, which
// keeps its plan and its claims, or as a return and a new order.
type Exchanges interface {
	KeepsOnExchange(ctx context.Context, tx pgx.Tx, brand shop.BrandID, placedAt time.Time) (bool, error)
}

// Exchanging makes the service ask how exchanges count. Without it, each is an edit of its order.
func (s *Service) Exchanging(e Exchanges) *Service {
	s.exchanges = e
	return s
}

// seeExchanges asks of each order that has something exchanged. What is answered is kept with the exchange.
func (b *batch) seeExchanges(ctx context.Context, tx pgx.Tx, exchanges Exchanges) (err error) {
	for _, w := range b.work {
		w.keeps = true
		isExchange := func(t task) bool { _, is := t.fact.(WasExchanged); return is }
		if exchanges == nil || w.id.IsZero() || !slices.ContainsFunc(w.tasks, isExchange) {
			continue
		}
		if w.keeps, err = exchanges.KeepsOnExchange(ctx, tx, b.brand, w.id.Time()); err != nil {
			return err
		}
	}
	return nil
}

// exchange keeps an exchange with its order. Later edits carry the whole lines, so one that happened after it counts in its
// place, whichever came first.
func (w *work) exchange(f WasExchanged, at time.Time, result *Result) {
	x := keptExchange{ExternalID: f.ExternalID, At: at, Keeps: w.keeps, Out: f.Out, In: number(f.In), Store: f.Store, Staff: f.Staff}
	w.kept.exchanges = append(w.kept.exchanges, x)
	w.added.exchanges = append(w.added.exchanges, x)
	if head := w.kept.versions[len(w.kept.versions)-1]; x.Keeps && head.overtakes(x) {
		result.Outcome, result.Note = Ignored, NoteSuperseded
	}
}

// overtakes says that the version is an edit that was made after the exchange.
func (v version) overtakes(x keptExchange) bool { return v.Number > 1 && v.At.After(x.At) }

// heir is the new order that an exchange makes where it counts as a return.
type heir struct {
	fact   WasPlaced
	result *Result // of the exchange; nil: it was told before
}

// heirs are the new orders that the exchanges of the batch make, and those made before that have to hear how their old order
// changed.
func (b *batch) heirs() []heir {
	var heirs []heir
	for _, w := range b.work {
		if !w.isChanged {
			continue
		}
		for _, x := range w.kept.exchanges {
			if x.Keeps || len(x.In) == 0 {
				continue
			}
			isNew := slices.ContainsFunc(w.added.exchanges, func(a keptExchange) bool { return a.ExternalID == x.ExternalID })
			if isNew || w.after.leaves() != w.before.leaves() {
				h := heir{w.after.heir(x), w.resultOf(x)}
				if !isNew {
					h.fact.At = w.after.ChangedAt
				}
				heirs = append(heirs, h)
			}
		}
	}
	return heirs
}

func (w *work) resultOf(x keptExchange) *Result {
	for _, t := range w.tasks {
		if f, is := t.fact.(WasExchanged); is && f.ExternalID == x.ExternalID {
			return t.result
		}
	}
	return nil
}

// legacy is what an order leaves to the order that an exchange of it makes.
type legacy struct {
	customer, store, staff shop.ID
	channel                Channel
	currency               shop.Currency
	taxBP                  int
	employeeDiscount       bool
	isTest                 bool
}

func (o Order) leaves() legacy {
	return legacy{o.Customer, o.Store, o.Staff, o.Channel, o.Currency, o.TaxBP, o.EmployeeDiscount, o.State == Test}
}

// heir is the new order as a fact. Who exchanged sold it: without a word, who sold the old one. Another store's sale is not
// that of somebody who served at the first.
func (o Order) heir(x keptExchange) WasPlaced {
	h := WasPlaced{
		Order: x.ExternalID, PlacedAt: x.At, State: Placed, Customer: o.Customer, Channel: o.Channel, Store: o.Store, Staff: o.Staff,
		Currency: o.Currency, TaxBP: o.TaxBP, EmployeeDiscount: o.EmployeeDiscount, Lines: x.In, ExchangeOf: o.ID,
	}
	if o.State == Test {
		h.State = Test
	}
	if !x.Store.IsZero() && x.Store != o.Store {
		h.Store, h.Staff = x.Store, shop.ID{}
	}
	if !x.Staff.IsZero() {
		h.Staff = x.Staff
	}
	return h
}

// makeHeirs takes the orders that exchanges make, after everybody has heard of the orders exchanged.
func (s *Service) makeHeirs(ctx context.Context, tx pgx.Tx, b *batch) error {
	heirs := b.heirs()
	if len(heirs) == 0 {
		return nil
	}
	facts := make([]Fact, len(heirs))
	for i, h := range heirs {
		facts[i] = h.fact
	}
	results, err := s.take(ctx, tx, delivery{brand: b.brand, source: b.source, facts: facts, now: b.now, message: b.message})
	if err != nil {
		return err
	}
	for i, h := range heirs {
		if h.result != nil {
			h.result.Made = results[i].Order
		}
	}
	return nil
}

// isHeir says whether a fact is told by an exchange, not by another system.
func isHeir(f Fact) bool {
	placed, is := f.(WasPlaced)
	return is && !placed.ExchangeOf.IsZero()
}

// inherit hands on what became known of the old order, unless a higher version of the new one has said otherwise. An order
// of this name that its own system had told before has nothing from the exchange.
func (k *kept) inherit(p WasPlaced) {
	o, by := &k.head, k.said
	if o.ExchangeOf != p.ExchangeOf {
		return
	}
	if by.Customer <= 1 {
		o.Customer = p.Customer
	}
	if by.Staff <= 1 {
		o.Staff = p.Staff
	}
	if by.Whole <= 1 {
		o.Channel, o.Store, o.TaxBP, o.Currency, o.EmployeeDiscount = p.Channel, p.Store, p.TaxBP, p.Currency, p.EmployeeDiscount
	}
	if p.State == Test {
		o.State = Test
	}
}

// sayOfExchanges notes those that name a line which the order never had.
func (w *work) sayOfExchanges() {
	for _, t := range w.tasks {
		f, is := t.fact.(WasExchanged)
		if !is || t.result.Note != "" {
			continue
		}
		at := slices.IndexFunc(w.after.Exchanges, func(x Exchange) bool { return x.ExternalID == f.ExternalID })
		if slices.Contains(w.after.Exchanges[at].Out, 0) {
			t.result.Note = NoteUnknownLine
		}
	}
}
