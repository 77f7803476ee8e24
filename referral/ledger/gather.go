package ledger

import (
	"context"
	"maps"
	"slices"
	"time"

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
	KeepForOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, scans map[shop.ID][]scan.Scan) error
	OfOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]scan.Scan, error)
	OfCustomers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) (map[shop.ID][]scan.Scan, error)

	// Scans that orders named before they were heard of: see CreditArrived.
	Await(ctx context.Context, tx pgx.Tx, brand shop.BrandID, scans []scan.Awaited) error
	AwaitedBy(ctx context.Context, tx pgx.Tx, brand shop.BrandID, order shop.ID) ([]scan.Awaited, error)
	Arrived(ctx context.Context, tx pgx.Tx, brand shop.BrandID) ([]scan.Awaited, error)
	AwaitNoMore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, arrived scan.Awaited) error
}

// gather reads everything that the orders' claims depend on, of each as of the instant at which it was placed. It asks each
// question once for all orders, so that an import of hundreds costs about as many round trips as one order.
func (l *Ledger) gather(ctx context.Context, tx pgx.Tx, b book, orders []order.Order) ([]attribution.Input, error) {
	in := make([]attribution.Input, len(orders))
	for i, o := range orders {
		in[i] = attribution.Input{Order: o, Plan: b.planFor(o), Stores: b.stores, Zone: b.zone}
	}
	steps := []func(context.Context, pgx.Tx, book, []attribution.Input) error{l.displays, homes, ownPurchases, returning, staffCodes}
	for _, step := range steps {
		if err := step(ctx, tx, b, in); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// displays are the scans that the order named and the customer's own.
func (l *Ledger) displays(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) error {
	named, err := l.named(ctx, tx, b, in)
	if err != nil {
		return err
	}
	own := map[shop.ID][]scan.Scan{}
	if customers := customersOf(in); len(customers) > 0 {
		if own, err = l.scans.OfCustomers(ctx, tx, b.brand, customers); err != nil {
			return err
		}
	}
	for i := range in {
		o := in[i].Order
		in[i].Displays = displaysOf(slices.Concat(named[o.ID], own[o.Customer]))
	}
	return nil
}

func displaysOf(scans []scan.Scan) []attribution.Display {
	var out []attribution.Display
	seen := map[shop.ID]bool{}
	for _, s := range scans {
		if !s.Kind.Counts() || seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		out = append(out, attribution.Display{Scan: s.ID, Tag: string(s.Code), Placement: s.Placement, Store: s.Store, Person: attribution.StaffOf(s.Staff), At: s.At()})
	}
	return out
}

// customersOf are the customers of the orders, each once.
func customersOf(in []attribution.Input) []shop.ID {
	var customers []shop.ID
	seen := map[shop.ID]bool{{}: true}
	for _, one := range in {
		if who := one.Order.Customer; !seen[who] {
			seen[who] = true
			customers = append(customers, who)
		}
	}
	return customers
}

func homes(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) error {
	var customers []shop.ID
	var at []time.Time
	var places []int
	for i, one := range in {
		if !one.Order.Customer.IsZero() {
			customers, at, places = append(customers, one.Order.Customer), append(at, one.Order.PlacedAt), append(places, i)
		}
	}
	if len(customers) == 0 {
		return nil
	}
	holders, err := binding.HoldersAt(ctx, tx, b.brand, customers, at)
	if err != nil {
		return err
	}
	for n, h := range holders {
		if h.Bound && !h.Store.IsZero() {
			in[places[n]].Home = homeOf(h)
		}
	}
	return nil
}

func homeOf(h binding.Holder) attribution.Home {
	home := attribution.Home{
		Binding: h.BindingID, Store: h.Store, Person: attribution.StaffOf(h.Staff), Since: h.Since, Source: string(h.Source), Succession: h.Succession,
	}
	if h.Pool {
		home.Person = attribution.PoolOf(h.Store)
	}
	return home
}

// staffAmong are the buyers who work for the brand: those who are known to, and those with the e-mail address of somebody who does.
func staffAmong(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) (map[shop.ID]shop.ID, error) {
	staff, err := customer.StaffAmong(ctx, tx, brand, customers)
	if err != nil {
		return nil, err
	}
	addresses, err := customer.EmailsAmong(ctx, tx, brand, customers)
	if err != nil || len(addresses) == 0 {
		return staff, err
	}
	people, err := team.StaffByEmails(ctx, tx, brand, slices.Collect(maps.Keys(addresses)))
	for address, person := range people {
		if who := addresses[address]; staff[who].IsZero() {
			staff[who] = person
		}
	}
	return staff, err
}

// ownPurchases finds the buyers who work for the brand and did when they ordered, and orders that were paid as one of them had
// paid for an order of her own.
func ownPurchases(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) error {
	customers := customersOf(in)
	alike, err := paidAlike(ctx, tx, b, ordersOf(in))
	if err != nil {
		return err
	}
	for _, others := range alike {
		customers = append(customers, others...)
	}
	if len(customers) == 0 {
		return nil
	}
	staff, err := staffAmong(ctx, tx, b.brand, customers)
	if err != nil {
		return err
	}
	for i, one := range in {
		for _, who := range append([]shop.ID{one.Order.Customer}, alike[one.Order.ID]...) {
			person, works := staff[who]
			if !works || in[i].SelfPurchase {
				continue
			}
			if in[i].SelfPurchase, err = team.EmployedAt(ctx, tx, b.brand, person, one.Order.PlacedAt); err != nil {
				return err
			}
		}
	}
	return nil
}

// returning asks which customers had bought before, for the orders whose plan pays by it.
func returning(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) error {
	var asked []order.Order
	for _, one := range in {
		if one.Plan != nil && one.Plan.AsksWhetherNew() {
			asked = append(asked, one.Order)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	known, err := order.OfReturning(ctx, tx, b.brand, asked)
	for i := range in {
		in[i].Returning = known[in[i].Order.ID]
	}
	return err
}

func ordersOf(in []attribution.Input) []shop.ID {
	ids := make([]shop.ID, len(in))
	for i, one := range in {
		ids[i] = one.Order.ID
	}
	return ids
}

// staffCodes are the numbers of those who may earn from the orders: they break ties.
func staffCodes(ctx context.Context, tx pgx.Tx, b book, in []attribution.Input) error {
	numbers, err := team.EmployeeNumbers(ctx, tx, b.brand, peopleIn(in))
	for i := range in {
		in[i].StaffCodes = numbers
	}
	return err
}

// peopleIn are the people who may earn from the orders, each once.
func peopleIn(in []attribution.Input) []shop.ID {
	people := map[shop.ID]bool{}
	for _, one := range in {
		people[one.Order.Staff], people[one.Order.AssistStaff], people[one.Home.Person.ID] = true, true, true
		for _, d := range one.Displays {
			people[d.Person.ID] = true
		}
		for _, d := range one.Decisions {
			people[d.To.ID] = true // of a store or a pool it is nobody's
		}
	}
	delete(people, shop.ID{})
	return slices.Collect(maps.Keys(people))
}
