package ledger

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/scan"
)

// named are the scans that the orders name now, whatever they named before. Each is copied to its order the first time, while
// the scan is still there, and marked when it comes late.
func (l *Ledger) named(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) (map[shop.ID][]scan.Scan, error) {
	var orders []shop.ID
	for _, one := range in {
		if len(one.Order.Clicks) > 0 {
			orders = append(orders, one.Order.ID)
		}
	}
	if len(orders) == 0 {
		return nil, nil
	}
	kept, err := l.scans.OfOrders(ctx, tx, b.brand, orders)
	if err != nil {
		return nil, err
	}
	if err := l.keepNew(ctx, tx, b, in, kept); err != nil {
		return nil, err
	}
	for _, one := range in {
		o := one.Order
		kept[o.ID] = slices.DeleteFunc(kept[o.ID], func(s scan.Scan) bool { return !slices.Contains(o.Clicks, s.ID) })
	}
	return kept, nil
}

// keepNew adds to what is kept for the orders the scans that they name and that are not kept yet. One that is not heard of yet is
// awaited.
func (l *Ledger) keepNew(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input, kept map[shop.ID][]scan.Scan) error {
	there, err := l.thereOf(ctx, tx, b, in, kept)
	if err != nil || there == nil {
		return err
	}
	keep := map[shop.ID][]scan.Scan{}
	var absent []scan.Awaited
	for _, one := range in {
		o := one.Order
		for _, click := range lacking(o, kept) {
			s, isThere := there[click]
			if !isThere {
				absent = append(absent, scan.Awaited{Order: o.ID, Scan: click, NamedAt: b.now})
				continue
			}
			if s.Late, err = l.lateness(ctx, tx, b, o, s); err != nil {
				return err
			}
			keep[o.ID], kept[o.ID] = append(keep[o.ID], s), append(kept[o.ID], s)
		}
	}
	if b.onlyReads {
		return nil
	}
	if len(absent) > 0 {
		if err := l.scans.Await(ctx, tx, b.brand, absent); err != nil {
			return err
		}
	}
	if len(keep) == 0 {
		return nil
	}
	return l.scans.KeepForOrders(ctx, tx, b.brand, keep)
}

// lacking are the scans that an order names and that are not kept for it.
func lacking(o order.Order, kept map[shop.ID][]scan.Scan) []shop.ID {
	return slices.DeleteFunc(slices.Clone(o.Clicks), func(click shop.ID) bool {
		return slices.ContainsFunc(kept[o.ID], func(s scan.Scan) bool { return s.ID == click })
	})
}

// thereOf are the scans that the orders lack and that are there, by id; nil when they lack none.
func (l *Ledger) thereOf(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input, kept map[shop.ID][]scan.Scan) (map[shop.ID]scan.Scan, error) {
	var clicks []shop.ID
	for _, one := range in {
		clicks = append(clicks, lacking(one.Order, kept)...)
	}
	if len(clicks) == 0 {
		return nil, nil
	}
	scans, err := l.scans.ByClicks(ctx, tx, b.brand, clicks)
	there := map[shop.ID]scan.Scan{}
	for _, s := range scans {
		there[s.ID] = s
	}
	return there, err
}

// lateness says whether an order named a scan too late. That the scan itself was heard of late is nobody's fault.
func (l *Ledger) lateness(ctx context.Context, tx pgx.Tx, b book, o order.Order, s scan.Scan) (scan.Late, error) {
	late := s.LateTo(o.PlacedAt, o.RecordedAt, b.now)
	if late != scan.AddedLater {
		return late, nil
	}
	awaited, err := l.scans.AwaitedBy(ctx, tx, b.brand, o.ID)
	for _, a := range awaited {
		if a.Scan == s.ID {
			late = s.LateTo(o.PlacedAt, o.RecordedAt, a.NamedAt)
		}
	}
	return late, err
}
