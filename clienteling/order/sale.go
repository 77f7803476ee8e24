package order

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// A sale is told by several systems: the web shop's webhook, the till, a nightly file of the books. Each has a name of its own for
// it; what all of them print is the number of its invoice (統一發票) or receipt. The first system that tells a number has told
// the order. Another that tells it later tells of the same sale, and its name leads to the same order from then on.
//
// The first teller's word is the order's: its lines, amounts, versions, and the goods that went out and came back. Of the others
// is heard what the books alone know (allowances and voids, which count once beside a refund of the same goods), payment and
// cancellation, of which the earliest counts whoever tells it, and what the first has left open: who bought, who served. All
// else is NoteKnownSale: two systems that each tell of one parcel or one refund would otherwise count it twice.
//
// What cannot be decided stays two orders: two that had been told apart before the number was known, and two of one system under
// one invoice. Doubles lists them.

// NoteKnownSale is the note of what another system tells of a sale that is known.
const NoteKnownSale = "known_sale"

// sale is what an order is recognised by. Numbers of invoices come round again after years.
type sale struct {
	invoice string
	year    int
}

// invoiceNumber is a number as it is compared: as people write it, AB-12345678 is AB12345678.
func invoiceNumber(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(s)))
}

// mostInvoice is longer than any invoice's number.
const mostInvoice = 40

// IsInvoice says whether a text can be an invoice's number; the empty one is none.
func IsInvoice(s string) bool {
	return s == "" || isName(s) && len(s) <= mostInvoice && invoiceNumber(s) != ""
}

// sale is the one that the order's own versions name, the highest last; false when none does. The year is the brand's, in which both
// systems date it: in Taiwan the year begins while it is still December in UTC.
func (w *work) sale(zone *time.Location) (s sale, named bool) {
	version := 0
	for _, t := range w.tasks {
		if p, is := t.fact.(WasPlaced); is && p.Invoice != "" && p.version() > version {
			s, version = sale{invoiceNumber(p.Invoice), w.id.Time().In(zone).Year()}, p.version()
		}
	}
	return s, version > 0
}

// recognise finds which of the new orders are sales of which another system has told, and makes their names lead there. Whoever
// tells of the same sale at the same moment waits here.
func (b *batch) recognise(ctx context.Context, tx pgx.Tx) error {
	var sales []sale
	first := map[sale]*work{} // of several orders of this system under one number, the first may be the one
	for _, w := range b.work {
		if s, named := w.sale(b.of.Zone()); named && first[s] == nil {
			first[s], sales = w, append(sales, s)
		}
	}
	if len(sales) == 0 {
		return nil
	}
	told := make([]shop.ID, len(sales))
	for i, s := range sales {
		told[i] = first[s].id
	}
	known, err := claimSales(ctx, tx, b.brand, sales, told)
	if err != nil {
		return err
	}
	for i, s := range sales {
		if first[s].isNew() {
			told[i] = known[s]
		}
	}
	ours, err := tellSales(ctx, tx, b.brand, b.source, sales, told)
	if err != nil {
		return err
	}
	for _, s := range sales {
		if w := first[s]; w.isNew() && ours[s] && known[s] != w.id {
			w.id, w.isOthers = known[s], true
			if err := renameOrder(ctx, tx, b.brand, b.source, w.name, w.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// hears says whether a fact counts also when the order is another system's.
func hears(f Fact) bool {
	switch f := f.(type) {
	case WasPaid, WasCancelled:
		return true
	case WasRefunded:
		return f.kind() != RefundPaid
	}
	return false
}

// fill takes from another system's word what the order's own has left open, as a version below all others would.
func (k *kept) fill(p WasPlaced) {
	o, by := &k.head, &k.said
	say(&o.Customer, &by.Customer, p.Customer, 0)
	say(&o.Campaign, &by.Campaign, p.Campaign, 0)
	say(&o.PickupStore, &by.Pickup, p.PickupStore, 0)
	if o.Store == p.Store {
		say(&o.Staff, &by.Staff, p.Staff, 0)
	}
	if o.AssistStore.IsZero() {
		o.AssistStore, o.AssistStaff = p.AssistStore, p.AssistStaff
	}
	if len(o.Clicks) == 0 {
		o.Clicks = p.Clicks
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
