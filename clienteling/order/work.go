package order

import (
	"cmp"
	"slices"
	"time"

	"homestore/clienteling/shop"
)

// work is one order of a batch: what is to be done to it, and what it was before and is afterwards.
type work struct {
	name       string
	proposed   shop.ID // the id it gets if it is new
	id         shop.ID // zero: it has not come yet
	tasks      []task
	hadWaiting bool
	keeps      bool // an exchange of it is an edit
	isOthers   bool // another system told it first: see sale.go

	kept          *kept
	before, after Order
	stages        []Order // what a new order was before changes that had waited for it
	isChanged     bool
	added         added
}

// task is one fact and the place for what became of it.
type task struct {
	fact      Fact
	result    *Result
	hasWaited bool // for its order; nobody reads its result
}

// added is what has to be written beside the order's own row.
type added struct {
	versions  []version
	refunds   []*keptRefund
	parcels   []keptParcel
	adjusted  []keptAdjustment
	exchanges []keptExchange
	payments  []string
}

func (w *work) add(t task) { w.tasks = append(w.tasks, t) }

func (w *work) isNew() bool { return !w.id.IsZero() && w.id == w.proposed }

// placed is the lowest version of the whole order among the tasks.
func (w *work) placed() (lowest WasPlaced, ok bool) {
	for _, t := range w.tasks {
		if p, is := t.fact.(WasPlaced); is && (!ok || p.version() < lowest.version()) {
			lowest, ok = p, true
		}
	}
	return lowest, ok
}

// do does the tasks: the order's own versions first, then the rest in the sequence in which it happened.
func (w *work) do(b *batch) {
	if w.isNew() {
		first, _ := w.placed()
		w.kept = b.newKept(w.id, first)
	}
	w.isOthers = w.kept.head.Source != b.source
	former := w.kept.head.Customer
	slices.SortStableFunc(w.tasks, func(x, y task) int {
		return cmp.Or(cmp.Compare(rank(x.fact), rank(y.fact)), cmp.Compare(versionOf(x.fact), versionOf(y.fact)),
			x.fact.instant().Compare(y.fact.instant()))
	})
	for i, t := range w.tasks {
		if t.hasWaited && isChangeOfSale(t.fact) {
			w.stages = append(w.stages, w.upTo(i))
		}
		w.doOne(t, b)
	}
	w.after = w.upTo(len(w.tasks))
	if w.after.Customer != former {
		w.after.Former = former
	}
	w.sayOfRefunds()
	w.sayOfExchanges()
	w.isChanged = true
}

// upTo is the order as so many of the tasks have made it.
func (w *work) upTo(done int) Order {
	o := w.kept.whole()
	for _, t := range w.tasks[:done] {
		if at := shop.Millis(t.fact.instant()); at.After(o.ChangedAt) {
			o.ChangedAt = at
		}
	}
	return o
}

// isChangeOfSale says whether a fact makes another sale of the order, which is then not what it was before. All others are kept
// beside it, each with its instant.
func isChangeOfSale(f Fact) bool {
	switch f.(type) {
	case WasEdited, WasExchanged:
		return true
	}
	return false
}

func rank(f Fact) int {
	switch f.(type) {
	case WasPlaced, WasEdited:
		return 0
	}
	return 1
}

func versionOf(f Fact) int {
	switch f := f.(type) {
	case WasPlaced:
		return f.version()
	case WasEdited:
		return f.Version
	}
	return 0
}

func (w *work) doOne(t task, b *batch) {
	at := shop.Millis(t.fact.instant())
	if w.isOthers && !hears(t.fact) {
		t.result.Outcome, t.result.Note = Ignored, NoteKnownSale
		if f, is := t.fact.(WasPlaced); is {
			w.kept.fill(f)
		}
		return
	}
	switch f := t.fact.(type) {
	case WasPlaced:
		if isHeir(f) && t.result.Outcome == Ignored {
			w.kept.inherit(f)
			return
		}
		w.newVersion(t, version{Number: f.version(), At: at, Lines: number(f.Lines)}, f.Discount, &f)
	case WasEdited:
		w.newVersion(t, version{Number: f.Version, At: at, Lines: number(f.Lines)}, f.Discount, nil)
	case WasRefunded:
		r := Refund{ExternalID: f.ExternalID, Kind: f.kind(), At: at, Amount: f.Amount}
		w.kept.refunds = append(w.kept.refunds, keptRefund{Refund: r, Named: f.Lines})
		w.added.refunds = append(w.added.refunds, &keptRefund{Refund: r, Named: f.Lines})
	case WasFulfilled:
		p := keptParcel{Fulfilment: Fulfilment{ExternalID: f.ExternalID, Kind: f.Kind, Store: f.Store, At: at}, Named: f.Lines}
		w.kept.parcels = append(w.kept.parcels, p)
		w.added.parcels = append(w.added.parcels, p)
	case WasPaid:
		earliest(&w.kept.head.PaidAt, at)
	case WasCancelled:
		w.kept.head.cancel(at)
	case WasAdjusted:
		for _, l := range f.Lines {
			a := keptAdjustment{Adjustment: Adjustment{ExternalID: f.ExternalID, At: at, Amount: l.Amount}, Line: l.Line}
			w.kept.adjusted = append(w.kept.adjusted, a)
			w.added.adjusted = append(w.added.adjusted, a)
		}
	case WasExchanged:
		w.exchange(f, at, t.result)
	}
}

// newVersion keeps a version and, when it is the highest, makes it the one that counts.
func (w *work) newVersion(t task, v version, discount int64, placed *WasPlaced) {
	head := &w.kept.head
	isNewer := v.Number > head.Version
	w.kept.addVersion(v)
	w.added.versions = append(w.added.versions, v)
	if isNewer {
		head.Version, head.Discount = v.Number, discount
	}
	if placed != nil {
		w.kept.merge(*placed)
		if placed.Payment != "" && !slices.Contains(w.added.payments, placed.Payment) {
			w.added.payments = append(w.added.payments, placed.Payment)
		}
	}
	if !isNewer {
		t.result.Outcome, t.result.Note = Ignored, NoteSuperseded
	}
}

// merge takes from a version what it says about the order as a whole. Of each thing the highest version that says it counts.
func (k *kept) merge(p WasPlaced) {
	o, by, v := &k.head, &k.said, p.version()
	say(&o.Customer, &by.Customer, p.Customer, v)
	say(&o.Staff, &by.Staff, p.Staff, v)
	say(&o.AssistStore, &by.AssistStore, p.AssistStore, v)
	say(&o.AssistStaff, &by.AssistStaff, p.AssistStaff, v)
	say(&o.PickupStore, &by.Pickup, p.PickupStore, v)
	say(&o.Campaign, &by.Campaign, p.Campaign, v)
	if len(p.Clicks) > 0 && (len(o.Clicks) == 0 || v > by.Clicks) {
		o.Clicks, by.Clicks = p.Clicks, v
	}
	if v > by.Whole {
		o.Channel, o.Store, o.TaxBP, o.Currency = p.Channel, p.Store, p.TaxBP, p.Currency
		o.CashOnPickup, o.DeliverLater, o.EmployeeDiscount = p.CashOnPickup, p.DeliverLater, p.EmployeeDiscount
		by.Whole = v
	}
	if p.State == Test {
		o.State = Test
	}
	if !p.PaidAt.IsZero() {
		earliest(&o.PaidAt, shop.Millis(p.PaidAt))
	}
	if p.State == Cancelled {
		at := p.CancelledAt
		if at.IsZero() {
			at = p.at()
		}
		o.cancel(shop.Millis(at))
	}
}

// say fills in what nobody has said, or only a lower version.
func say[T comparable](value *T, by *int, said T, version int) {
	var nobody T
	if said != nobody && (*value == nobody || version > *by) {
		*value, *by = said, version
	}
}

func earliest(at *time.Time, said time.Time) {
	if at.IsZero() || said.Before(*at) {
		*at = said
	}
}

func (o *Order) cancel(at time.Time) {
	earliest(&o.CancelledAt, at)
	if o.State != Test { // what a test order is called does not matter: it counts nowhere
		o.State = Cancelled
	}
}

// newKept is a new order before its first version.
func (b *batch) newKept(id shop.ID, p WasPlaced) *kept {
	return &kept{head: Order{
		ID: id, Brand: b.brand, Source: b.source, ExternalID: p.Order, PlacedAt: id.Time(), RecordedAt: b.now,
		State: Placed, Channel: p.Channel, Store: p.Store, Currency: p.Currency, TaxBP: p.TaxBP, Discount: p.Discount,
		ExchangeOf: p.ExchangeOf,
	}}
}

// sayOfRefunds finds out, when all is known, whether each new refund fitted.
func (w *work) sayOfRefunds() {
	if len(w.added.refunds) == 0 && len(w.added.adjusted) == 0 {
		return
	}
	returned := w.after.Returned(w.after.Amounts(), false)
	for _, t := range w.tasks {
		if t.result.Note == NoteKnownSale {
			continue
		}
		switch f := t.fact.(type) {
		case WasRefunded:
			r, _ := returned.Of(f.kind(), f.ExternalID)
			t.result.Note = r.Outcome()
		case WasAdjusted:
			r, _ := returned.Of(PriceAdjusted, f.ExternalID)
			t.result.Note = r.Outcome()
		}
	}
	for _, added := range w.added.refunds {
		r, _ := returned.Of(added.Kind, added.ExternalID)
		added.Outcome = r.Outcome()
	}
}
