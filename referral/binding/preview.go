package binding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

const (
	// maxPreviewed bounds one preview: the customers who were claimed last.
	maxPreviewed = 2000
	// maxPreviewDays is a year, with its Lunar New Year.
	maxPreviewDays = 366
	// maxExamples is what a person reads before she believes the sums.
	maxExamples = 20
)

// Preview is what a policy would have changed, had it been in force for some days.
type Preview struct {
	Since     time.Time
	Until     time.Time
	Customers int  // who were claimed in that time
	IsPartial bool // more were claimed; these are the last
	Stores    []StoreChange
	Examples  []HomeChange // the first 20 of Changed
	Changed   int          // customers who would have another home store or person now
}

// StoreChange is how many of the customers a store holds, and would hold.
type StoreChange struct {
	Store shop.ID // zero: nobody
	Holds int
	Would int
}

// HomeChange is one customer's home store as it is and as it would be. The zero store is none.
type HomeChange struct {
	Customer shop.ID
	Store    shop.ID
	Staff    shop.ID
	ToStore  shop.ID
	ToStaff  shop.ID
	Source   Source // of what is; empty: unbound
	ToSource Source
}

// PreviewPolicy replays the claims, transfers and choices of the last days under another policy. It changes nothing. Head
// office alone may; shop.ErrFields when the policy or the number of days, from 1 to 366, cannot be.
func (s *Service) PreviewPolicy(ctx context.Context, actor shop.Actor, p team.Policy, forDays int) (Preview, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Preview{}, err
	}
	var c shop.Check
	c.That(forDays >= 1 && forDays <= maxPreviewDays, "days", "days_invalid", "From 1 to 366.")
	if err := c.Err(); err != nil {
		return Preview{}, err
	}
	if err := p.Validate(); err != nil {
		return Preview{}, err
	}
	now := shop.Millis(s.now())
	v := Preview{Since: now.Add(-days(forDays)), Until: now}
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		ids, err := claimedSince(ctx, tx, actor.Brand, v.Since, maxPreviewed+1)
		if err != nil {
			return err
		}
		if v.IsPartial = len(ids) > maxPreviewed; v.IsPartial {
			ids = ids[:maxPreviewed]
		}
		v.Customers = len(ids)
		pasts, err := pastsOf(ctx, tx, actor.Brand, ids)
		if err != nil {
			return err
		}
		changes := map[shop.ID]*StoreChange{}
		for _, id := range ids {
			v.note(changes, pasts.changeOf(id, p, v.Since))
		}
		v.Stores = sortedChanges(changes)
		return nil
	})
	if err != nil {
		return Preview{}, fmt.Errorf("preview of a policy: %w", err)
	}
	return v, nil
}

func (v *Preview) note(changes map[shop.ID]*StoreChange, c HomeChange) {
	of := func(store shop.ID) *StoreChange {
		if changes[store] == nil {
			changes[store] = &StoreChange{Store: store}
		}
		return changes[store]
	}
	of(c.Store).Holds++
	of(c.ToStore).Would++
	if c.Store == c.ToStore && c.Staff == c.ToStaff {
		return
	}
	v.Changed++
	if len(v.Examples) < maxExamples {
		v.Examples = append(v.Examples, c)
	}
}

func sortedChanges(changes map[shop.ID]*StoreChange) []StoreChange {
	var all []StoreChange
	for _, store := range slices.SortedFunc(maps.Keys(changes), func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }) {
		all = append(all, *changes[store])
	}
	return all
}

// pasts are what a policy is replayed on, by customer.
type pasts struct {
	self     map[shop.ID]shop.ID // the staff member she is
	bindings map[shop.ID][]Binding
	claims   map[shop.ID][]Claim
	orders   map[shop.ID][]shop.ID
}

// pastsOf asks as often for many customers as for one.
func pastsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (p pasts, err error) {
	if p.self, err = customer.StaffAmong(ctx, db, brand, ids); err != nil {
		return p, err
	}
	bindings, err := bindingsOf(ctx, db, brand, ids)
	if err != nil {
		return p, err
	}
	claims, err := claimsOf(ctx, db, brand, ids...)
	if err != nil {
		return p, err
	}
	p.bindings = byCustomer(bindings, func(b Binding) shop.ID { return b.Customer })
	p.claims = byCustomer(claims, func(c Claim) shop.ID { return c.Customer })
	p.orders, err = order.OfCustomers(ctx, db, brand, ids)
	return p, err
}

func byCustomer[T any](all []T, customer func(T) shop.ID) map[shop.ID][]T {
	hers := map[shop.ID][]T{}
	for _, one := range all {
		hers[customer(one)] = append(hers[customer(one)], one)
	}
	return hers
}

// changeOf replays what of a customer's past came since.
func (ps pasts) changeOf(id shop.ID, p team.Policy, since time.Time) HomeChange {
	history := ps.bindings[id]
	c := course{self: ps.self[id], claims: slices.DeleteFunc(ps.claims[id], func(c Claim) bool { return c.RecordedAt.Before(since) })}
	for _, o := range ps.orders[id] {
		c.ordered = append(c.ordered, o.Time())
	}
	before, after := asOf(history, since)
	c.decisions = slices.DeleteFunc(after, func(b Binding) bool { return b.Source != ByTransfer && b.Source != ByCustomer })
	change := HomeChange{Customer: id}
	if live := (standing{history: history}).live(); live != nil {
		change.Store, change.Staff, change.Source = live.Store, live.Staff, live.Source
	}
	if live := (standing{history: replay(before, c, p)}).live(); live != nil {
		change.ToStore, change.ToStaff, change.ToSource = live.Store, live.Staff, live.Source
	}
	return change
}

// asOf parts a history into what was recorded before an instant, as it was then, and what came after.
func asOf(history []Binding, at time.Time) (before, after []Binding) {
	for _, b := range history {
		if b.RecordedAt.Before(at) {
			before = append(before, b)
		} else {
			after = append(after, b)
		}
	}
	if len(after) > 0 && len(before) > 0 {
		before[len(before)-1].Until = time.Time{} // the next had not ended it yet
	}
	return before, after
}

// Outlook is what a transfer would do to one customer.
type Outlook struct {
	HomeChange
	Refusal  *shop.Refusal // why it would be refused; nil: it would not
	Orders   int           // of hers so far
	Spent    int64         // minor units of Currency, net of returns
	Currency shop.Currency
}

// PreviewTransfer says what Transfer would do, customer by customer, and changes nothing. It needs no reason yet.
// shop.ErrFields,
// team.ErrStoreUnknown, team.ErrStaffUnknown and customer.ErrUnknown can come back, as they would.
func (s *Service) PreviewTransfer(ctx context.Context, actor shop.Actor, t Transfer) ([]Outlook, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	now := shop.Millis(s.now())
	var all []Outlook
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		if _, err := knownStore(ctx, tx, actor.Brand, t.Store); err != nil {
			return err
		}
		if err := knownStaff(ctx, tx, actor.Brand, t.Staff); err != nil {
			return err
		}
		all = nil
		for _, id := range sortedOnce(t.Customers) {
			o, err := outlookOf(ctx, tx, actor, t, id, now)
			if err != nil {
				return err
			}
			all = append(all, o)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("preview of transferring %d customers: %w", len(t.Customers), err)
	}
	return all, nil
}

// knownStaff is team.ErrStaffUnknown for somebody whom the brand does not have. Nobody is known.
func knownStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) error {
	if id.IsZero() {
		return nil
	}
	_, err := team.StaffByID(ctx, tx, brand, id)
	if errors.Is(err, shop.ErrNotFound) {
		return team.ErrStaffUnknown
	}
	return err
}

func outlookOf(ctx context.Context, tx pgx.Tx, actor shop.Actor, t Transfer, id shop.ID, now time.Time) (Outlook, error) {
	o := Outlook{HomeChange: HomeChange{Customer: id, ToStore: t.Store, ToStaff: t.Staff, ToSource: ByTransfer}}
	holder, err := HolderAt(ctx, tx, actor.Brand, id, now)
	if err != nil {
		return o, err
	}
	if o.Refusal = refusalOfTransfer(actor, t, holder); o.Refusal == customer.ErrUnknown {
		return o, customer.ErrUnknown // also of others, so that a list of ids tells nobody who is whose
	}
	o.Store, o.Staff, o.Source = holder.Store, holder.Staff, holder.Source
	profile, err := customer.ProfileOf(ctx, tx, actor.Brand, id)
	o.Orders, o.Spent, o.Currency = profile.Orders, profile.SpentMinor, profile.Currency
	return o, err
}
