package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

// Evidence keeps the scans on which a credit stands, since the scan itself expires.
type Evidence interface {
	ByClicks(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) ([]scan.Scan, error)
	KeepForOrder(ctx context.Context, tx pgx.Tx, brand shop.BrandID, order shop.ID, scans []scan.Scan) error
	OfOrder(ctx context.Context, tx pgx.Tx, brand shop.BrandID, order shop.ID) ([]scan.Scan, error)
	OfCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID) ([]scan.Scan, error)
}

// gather reads everything that the order's credit depends on, as of the instant at which it was placed.
func (l *Ledger) gather(ctx context.Context, tx pgx.Tx, b book, o order.Order) (attribution.Input, error) {
	in := attribution.Input{Order: o, Plan: b.planFor(o), Stores: b.stores, Zone: b.zone}
	var err error
	if in.Displays, err = l.displays(ctx, tx, o); err != nil {
		return in, err
	}
	if !o.Customer.IsZero() {
		if in.Home, err = home(ctx, tx, o); err != nil {
			return in, err
		}
		if in.SelfPurchase, err = isOwnPurchase(ctx, tx, b, o); err != nil {
			return in, err
		}
	}
	in.StaffCodes, err = team.EmployeeNumbers(ctx, tx, o.Brand, peopleIn(in))
	return in, err
}

// peopleIn are those who may earn from the order: their numbers break ties.
func peopleIn(in attribution.Input) []shop.ID {
	var people []shop.ID
	add := func(id shop.ID) {
		if !id.IsZero() && !slices.Contains(people, id) {
			people = append(people, id)
		}
	}
	add(in.Order.Staff)
	add(in.Order.AssistStaff)
	add(in.Home.Person.ID)
	for _, d := range in.Displays {
		add(d.Person.ID)
	}
	return people
}

// displays are the scans that the order named and the customer's own. Those that the order named are copied to it the
// first time, while the scan is still there.
func (l *Ledger) displays(ctx context.Context, tx pgx.Tx, o order.Order) ([]attribution.Display, error) {
	var scans []scan.Scan
	if len(o.Clicks) > 0 {
		kept, err := l.scans.OfOrder(ctx, tx, o.Brand, o.ID)
		if err != nil {
			return nil, err
		}
		if len(kept) == 0 {
			if kept, err = l.scans.ByClicks(ctx, tx, o.Brand, o.Clicks); err != nil {
				return nil, err
			}
			if err := l.scans.KeepForOrder(ctx, tx, o.Brand, o.ID, kept); err != nil {
				return nil, err
			}
		}
		scans = kept
	}
	if !o.Customer.IsZero() {
		own, err := l.scans.OfCustomer(ctx, tx, o.Brand, o.Customer)
		if err != nil {
			return nil, err
		}
		scans = append(scans, own...)
	}
	seen := map[shop.ID]bool{}
	var out []attribution.Display
	for _, s := range scans {
		if s.Kind != scan.Person || seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		out = append(out, attribution.Display{Scan: s.ID, Tag: string(s.Code), Store: s.Store, Person: attribution.StaffOf(s.Staff), At: s.At()})
	}
	return out, nil
}

func home(ctx context.Context, tx pgx.Tx, o order.Order) (attribution.Home, error) {
	h, err := binding.HolderAt(ctx, tx, o.Brand, o.Customer, o.PlacedAt)
	if err != nil {
		return attribution.Home{}, fmt.Errorf("holder of the customer: %w", err)
	}
	if !h.Bound || h.Store.IsZero() {
		return attribution.Home{}, nil
	}
	return attribution.Home{Binding: h.BindingID, Store: h.Store, Person: attribution.StaffOf(h.Staff), Since: h.Since, Source: string(h.Source)}, nil
}

// isOwnPurchase says whether the buyer works for the brand and did when she ordered.
func isOwnPurchase(ctx context.Context, tx pgx.Tx, b book, o order.Order) (bool, error) {
	buyer, err := customer.ByID(ctx, tx, o.Brand, o.Customer)
	if err != nil || buyer.Staff.IsZero() {
		return false, err
	}
	return team.EmployedAt(ctx, tx, o.Brand, buyer.Staff, b.day(o.PlacedAt))
}
