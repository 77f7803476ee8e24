package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/notify/device"
)

// Intent is what is to be sent, and in whose name.
type Intent struct {
	Purpose   shop.ID // campaign; the offer itself where a staff member sends it to one customer
	Offer     shop.ID
	Emergency bool // passes the weekly cap
}

// Addressed is what became of the customers who were to be addressed.
type Addressed struct {
	Customers []shop.ID       // will get it: one message to each of their phones
	Lost      map[shop.ID]Why // will not
	From      time.Time       // when the first of the messages may go: now, or when quiet hours end
}

// Intend writes down a message to each phone of the customers who may get it, and wakes the sender. A customer who had
// the same purpose before is lost as already_sent, whoever asks at the same moment. What is still to be sent counts for the
// weekly cap as well, so a message that is promised now is not one too many later, unless an emergency comes between.
func (s *Service) Intend(ctx context.Context, tx pgx.Tx, brand shop.BrandID, what Intent, customers []shop.ID, now time.Time) (Addressed, error) {
	now = shop.Millis(now)
	out := Addressed{Lost: map[shop.ID]Why{}}
	if len(customers) == 0 {
		return out, nil
	}
	if err := customer.LockAll(ctx, tx, brand, customers); err != nil {
		return Addressed{}, fmt.Errorf("intend messages of %s: %w", what.Purpose, err)
	}
	had, err := keysOf(ctx, tx, brand, what.Purpose, customers)
	if err != nil {
		return Addressed{}, fmt.Errorf("intend messages of %s: %w", what.Purpose, err)
	}
	f, err := gather(ctx, tx, brand, customers, []shop.ID{what.Offer}, now)
	if err != nil {
		return Addressed{}, fmt.Errorf("intend messages of %s: %w", what.Purpose, err)
	}
	rows := f.intend(what, customers, had, &out)
	if len(rows) == 0 {
		return out, nil
	}
	if err := insertDeliveries(ctx, tx, brand, rows, now); err != nil {
		return Addressed{}, fmt.Errorf("intend messages of %s: %w", what.Purpose, err)
	}
	return out, s.wake(ctx, tx, brand, out.From, now)
}

// planned is a delivery with the instant from which it may go.
type planned struct {
	Delivery
	from time.Time
}

// intend decides about each customer.
func (f *facts) intend(what Intent, customers []shop.ID, had map[shop.ID]bool, out *Addressed) []planned {
	var rows []planned
	seen := make(map[shop.ID]bool, len(customers))
	for _, id := range customers {
		d := Delivery{Purpose: what.Purpose, Offer: what.Offer, Customer: id, Emergency: what.Emergency}
		if seen[id] {
			continue
		}
		seen[id] = true
		if had[id] {
			out.Lost[id] = AlreadySent
			continue
		}
		p := f.about(d, len(f.devices[id]) > 0, f.promise).permit()
		if p.why != "" {
			out.Lost[id] = p.why
			continue
		}
		out.Customers = append(out.Customers, id)
		if out.From.IsZero() || p.from.Before(out.From) {
			out.From = p.from
		}
		rows = append(rows, f.perDevice(d, f.devices[id], p.from)...)
	}
	return rows
}

func (f *facts) perDevice(d Delivery, devices []device.Device, from time.Time) []planned {
	rows := make([]planned, len(devices))
	for i, phone := range devices {
		d.ID, d.Device = shop.NewID(f.now), phone.ID
		rows[i] = planned{d, from}
	}
	return rows
}
