package order

import (
	"slices"
	"time"
)

// ReceivedAt is when the customer had all of the order, which is when the return period begins; zero while she has not.
// A till order is in her hands at once unless it is delivered. Others are received with the last fulfilment, when all
// merchandise was handed over or has wholly gone back. What is paid on receipt, at a till too, is received when it is also paid.
//
// What an edit or an exchange brings after that does not move it.
func (o Order) ReceivedAt(returned Returns) time.Time {
	at := o.PlacedAt
	if o.Channel != Till || o.DeliverLater {
		at = o.handedOver(returned)
	}
	switch {
	case at.IsZero() || !o.CashOnPickup:
		return at
	case o.PaidAt.IsZero():
		return time.Time{}
	case o.PaidAt.After(at):
		return o.PaidAt
	}
	return at
}

// handedOver looks at the order as it was just before each change of its lines, and at last as it is now: the first of
// these that was complete decides.
func (o Order) handedOver(returned Returns) time.Time {
	gone := make(map[int]bool, len(o.Lines))
	if len(returned.Steps) > 0 {
		for i, f := range returned.Fractions() {
			if f.Cmp(one) == 0 {
				gone[returned.numbers[i]] = true
			}
		}
	}
	for _, change := range o.changes() {
		if at := o.complete(change, gone); !at.IsZero() {
			return at
		}
	}
	return o.complete(time.Time{}, gone)
}

// changes are the instants at which an edit or an exchange changed the lines.
func (o Order) changes() []time.Time {
	var at []time.Time
	for _, l := range o.Lines {
		if !l.AddedAt.IsZero() {
			at = append(at, l.AddedAt)
		}
	}
	for _, w := range o.Withdrawn {
		if at = append(at, w.At); !w.AddedAt.IsZero() {
			at = append(at, w.AddedAt)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// complete is the last fulfilment before the instant (zero: of all) when they hand over every merchandise line of that
// time, except what is gone; otherwise zero.
func (o Order) complete(before time.Time, gone map[int]bool) time.Time {
	var last time.Time
	for _, f := range o.Fulfilments {
		if (before.IsZero() || f.At.Before(before)) && f.At.After(last) {
			last = f.At
		}
	}
	for _, l := range o.linesBefore(before) {
		if l.Kind == Merchandise && !gone[l.No] && !o.fulfilled(l, before) {
			return time.Time{}
		}
	}
	return last
}

// linesBefore are the lines that the order had just before the instant (zero: that it has now).
func (o Order) linesBefore(before time.Time) []Line {
	if before.IsZero() {
		return o.Lines
	}
	var lines []Line
	for _, l := range o.Lines {
		if l.AddedAt.Before(before) {
			lines = append(lines, l)
		}
	}
	for _, w := range o.Withdrawn {
		if w.AddedAt.Before(before) && !w.At.Before(before) {
			lines = append(lines, w.Line)
		}
	}
	return lines
}

func (o Order) fulfilled(l Line, before time.Time) bool {
	return slices.ContainsFunc(o.Fulfilments, func(f Fulfilment) bool {
		return (before.IsZero() || f.At.Before(before)) && f.Holds(l)
	})
}

// Holds says whether the line was in this parcel or handover. One that names no lines held all that the order then had.
func (f Fulfilment) Holds(l Line) bool {
	if len(f.Lines) == 0 {
		return !l.AddedAt.After(f.At)
	}
	return slices.Contains(f.Lines, l.No)
}

// Held says whether a line that was taken out since was in this parcel or handover. One that names no lines held it only while
// the order had it.
func (f Fulfilment) Held(w Withdrawn) bool {
	return f.Holds(w.Line) && (len(f.Lines) > 0 || w.At.After(f.At))
}
