package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

// Ledger is the book. It hears of every changed order (order.Listener) and every changed binding (binding.Listener).
type Ledger struct {
	pool      *postgres.Pool
	scans     Evidence
	followers order.ListenerToMany // nil: nobody
	listener  Listener             // of what people earn; nil: nobody
}

// New needs the database and the scans.
func New(pool *postgres.Pool, scans Evidence) *Ledger { return &Ledger{pool: pool, scans: scans} }

// Followed is the ledger with somebody who hears of orders that earn otherwise than before although no fact told of them: the next
// that a customer placed, when an earlier one comes late, those that were paid as somebody of the brand had paid, those about which was
// decided, and what somebody who left had pending.
func (l *Ledger) Followed(by order.ListenerToMany) *Ledger {
	l.followers = by
	return l
}

// OrderChanged credits the order anew. See Credit.
func (l *Ledger) OrderChanged(ctx context.Context, tx pgx.Tx, o order.Order, now time.Time) error {
	return l.Credit(ctx, tx, o.Brand, []order.Order{o}, now)
}

// OrdersChanged credits many orders of one brand anew. See Credit.
func (l *Ledger) OrdersChanged(ctx context.Context, tx pgx.Tx, orders []order.Order, now time.Time) error {
	if len(orders) == 0 {
		return nil
	}
	return l.Credit(ctx, tx, orders[0].Brand, orders, now)
}

// BindingChanged credits anew what the customer bought since the instant from which the binding is another: an order that
// was placed between her scan and her joining gets its home store this way.
func (l *Ledger) BindingChanged(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c binding.Change, now time.Time) error {
	ids, err := order.IDsOfCustomer(ctx, tx, brand, c.Customer, c.Since)
	if err != nil {
		return err
	}
	orders, err := order.LoadMany(ctx, tx, brand, ids)
	if err != nil {
		return err
	}
	return l.credit(ctx, tx, brand, orders, act{c.At, now})
}

// Credit makes the book say of each order what attribution says of it as it is known now, and posts the difference: nothing
// when it says so already, so doing it again changes nothing. The caller holds the locks of the customers and the orders.
func (l *Ledger) Credit(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order, now time.Time) error {
	return l.credit(ctx, tx, brand, orders, act{now, now})
}

// act is that by which orders are credited anew where it is no fact of theirs: when it happened, and when it was heard of.
type act struct{ at, now time.Time }

func (l *Ledger) credit(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order, by act) error {
	if len(orders) == 0 {
		return nil
	}
	b, err := readBook(ctx, tx, brand)
	if err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	b.now = by.now
	next, err := b.next(ctx, tx, orders)
	if err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	orders = slices.Concat(orders, next)
	inputs, err := l.gather(ctx, tx, b, orders)
	if err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	alike, err := l.alike(ctx, tx, b, inputs)
	if err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	for _, one := range alike {
		orders, next, inputs = append(orders, one.Order), append(next, one.Order), append(inputs, one)
	}
	have, err := lockPosted(ctx, tx, brand, orders)
	if err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	if len(have) > 0 { // nothing was decided about an order that was never credited, so a new one costs nothing
		if err := decided(ctx, tx, brand, inputs); err != nil {
			return fmt.Errorf("credit: %w", err)
		}
	}
	if err := exits(ctx, tx, b, inputs); err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	var w writing
	for _, in := range inputs {
		if err := creditOne(in, have, by, &w); err != nil {
			return fmt.Errorf("credit order %s: %w", in.Order.ID, err)
		}
	}
	if err := w.write(ctx, tx, brand, b.zone, by.now); err != nil {
		return fmt.Errorf("credit: %w", err)
	}
	if err := l.tell(ctx, tx, b, inputs, have, w.transfers); err != nil {
		return fmt.Errorf("tell who earned: %w", err)
	}
	return l.follow(ctx, tx, next, by.now)
}

func (l *Ledger) follow(ctx context.Context, tx pgx.Tx, orders []order.Order, now time.Time) error {
	if len(orders) == 0 || l.followers == nil {
		return nil
	}
	return l.followers.OrdersChanged(ctx, tx, orders, now)
}

// creditOne works out one order and adds what is to be written of it.
func creditOne(in attribution.Input, have map[shop.ID]posted, by act, w *writing) error {
	o := in.Order
	result, trace := attribution.Traced(in)
	want, err := wishes(result, o)
	if err != nil {
		return err
	}
	before := have[o.ID]
	w.transfers = append(w.transfers, difference(want, before, o, by)...)
	return w.add(o, in.Plan, result, trace, before.IsKnown)
}

// book is what crediting needs of a brand, read once for all orders of a transaction.
type book struct {
	brand  shop.BrandID
	zone   *time.Location
	plans  []plan.Plan
	stores map[shop.ID]attribution.Store
	now    time.Time // of the act

	onlyReads bool // evidence that is not kept yet stays where it is: see InputsUnder
}

func readBook(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (book, error) {
	br, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return book{}, err
	}
	b := book{brand: brand, zone: br.Zone(), stores: map[shop.ID]attribution.Store{}}
	if b.plans, err = plan.List(ctx, tx, brand); err != nil {
		return book{}, err
	}
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return book{}, err
	}
	for _, s := range stores {
		b.stores[s.ID] = attribution.Store{Code: s.Code, Kind: string(s.Kind), HouseBP: int64(s.HouseBP)}
	}
	return b, nil
}

// next are the orders that the customers placed next after these, where a plan pays by whether she had bought before: an order
// that is heard of late makes her a returning customer in the one after it, which then earns by another rule.
func (b book) next(ctx context.Context, tx pgx.Tx, orders []order.Order) ([]order.Order, error) {
	if !slices.ContainsFunc(b.plans, func(p plan.Plan) bool { return p.AsksWhetherNew() }) {
		return nil, nil
	}
	ids, err := order.NextOf(ctx, tx, b.brand, orders)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id shop.ID) bool {
		return slices.ContainsFunc(orders, func(o order.Order) bool { return o.ID == id })
	})
	return order.LoadMany(ctx, tx, b.brand, ids)
}

func (b book) planFor(o order.Order) *plan.Plan {
	p, ok := plan.InForce(b.plans, plan.DayOf(o.PlacedAt, b.zone))
	if !ok {
		return nil
	}
	return &p
}

func encodeReason(why attribution.Why) ([]byte, error) {
	reason, err := json.Marshal(why)
	if err != nil {
		return nil, fmt.Errorf("write a reason: %w", err)
	}
	return reason, nil
}
