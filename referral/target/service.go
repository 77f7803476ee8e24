package target

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
)

// Service sets and lists targets and hours.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
}

// New needs the database and a clock.
func New(pool *postgres.Pool, now func() time.Time) *Service { return &Service{pool: pool, now: now} }

var whoMay = []shop.Role{shop.RoleHQ, shop.RoleFinance, shop.RoleManager, shop.RoleSystem}

// Set sets a target; the brand's currency is taken. ErrHolder, ErrOwnTarget, ErrStoreTarget, team.ErrStoreUnknown,
// team.ErrStaffUnknown and shop.ErrFields can come back. What is set already changes nothing.
func (s *Service) Set(ctx context.Context, actor shop.Actor, t Target) error {
	e, err := t.entry()
	if err != nil {
		return err
	}
	return s.setOne(ctx, actor, targets, e)
}

// SetHours sets how long somebody worked at a store. A manager sets those of her stores. The refusals are those of Set.
func (s *Service) SetHours(ctx context.Context, actor shop.Actor, h Hours) error {
	return s.setOne(ctx, actor, hours, h.entry())
}

func (s *Service) setOne(ctx context.Context, actor shop.Actor, k kind, e entry) error {
	if err := actor.Allow(whoMay...); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		var c shop.Check
		k.check(&c, e, brand.Day(now))
		if err := c.Err(); err != nil {
			return err
		}
		r, err := reachOf(ctx, tx, actor, []entry{e})
		if err != nil {
			return err
		}
		if refusal := k.may(actor, e.place, r); refusal != nil {
			return refusal
		}
		return k.set(ctx, tx, actor, brand, []entry{e}, now)
	})
	if err != nil {
		return fmt.Errorf("set for %s: %w", e.month.Format("2006-01"), err)
	}
	return nil
}

// set adds what is not set so already. Everybody who sets something of a brand takes turns: versions are counted.
func (k kind) set(ctx context.Context, tx pgx.Tx, actor shop.Actor, brand team.Brand, entries []entry, now time.Time) error {
	if err := lockTargets(ctx, tx, brand.ID); err != nil {
		return err
	}
	kept, err := k.latest(ctx, tx, brand.ID, monthsOf(entries))
	if err != nil {
		return err
	}
	in := setting{currency: brand.Currency, now: now}
	for _, e := range entries {
		before, isSet := kept[e.place]
		if isSet && before.amount == e.amount || !isSet && e.amount == 0 {
			continue
		}
		in.entries, in.versions = append(in.entries, e), append(in.versions, before.no+1)
	}
	if len(in.entries) == 0 {
		return nil
	}
	if err := k.insert(ctx, tx, actor, in); err != nil {
		return err
	}
	return k.note(ctx, tx, actor, in)
}

// note writes one entry a month into the audit: who set what is kept with each version. That a month was closed is said, since
// whoever sets it knows what the close made of it. The months are held, since one that closes meanwhile would miss what is set.
func (k kind) note(ctx context.Context, tx pgx.Tx, actor shop.Actor, in setting) error {
	closed, err := ledger.HoldMonths(ctx, tx, actor.Brand)
	if err != nil {
		return err
	}
	for _, month := range monthsOf(in.entries) {
		if month.After(closed) {
			continue
		}
		if err := ledger.NoteLate(ctx, tx, actor.Brand, month); err != nil {
			return err
		}
	}
	var notes []audit.Entry
	for _, month := range monthsOf(in.entries) {
		n := audit.Entry{Act: k.act}
		count := 0
		for _, e := range in.entries {
			if e.month.Equal(month) {
				n.Subject = e.holder().ID
				count++
			}
		}
		if count > 1 {
			n.Subject = shop.ID{}
		}
		n.Detail = map[string]any{"month": month.Format("2006-01"), "set": count, "month_is_closed": !month.After(closed)}
		notes = append(notes, n)
	}
	return audit.Note(ctx, tx, actor, in.now, notes...)
}

func monthsOf(entries []entry) []time.Time {
	months := make([]time.Time, len(entries))
	for i, e := range entries {
		months[i] = e.month
	}
	slices.SortFunc(months, time.Time.Compare)
	return slices.Compact(months)
}

// reachOf finds of the stores and people that are named those that are there and, for a manager, hers. What is not in it is
// answered as what does not exist.
func reachOf(ctx context.Context, tx pgx.Tx, actor shop.Actor, entries []entry) (reach, error) {
	r := reach{stores: map[shop.ID]bool{}, staff: map[place]bool{}}
	stores, err := team.Stores(ctx, tx, actor.Brand)
	if err != nil {
		return r, err
	}
	for _, st := range stores {
		r.stores[st.ID] = actor.WorksAt(st.ID) || actor.Is(shop.RoleFinance)
	}
	ids := make([]shop.ID, 0, len(entries))
	for _, e := range entries {
		if !e.staff.IsZero() {
			ids = append(ids, e.staff)
		}
	}
	known, err := team.EmployeeNumbers(ctx, tx, actor.Brand, ids)
	if err != nil {
		return r, err
	}
	for id := range known {
		r.staff[place{staff: id}] = true
	}
	for _, month := range monthsOf(entries) {
		people := ids
		if actor.Is(shop.RoleManager) {
			if people, err = team.StaffOfStores(ctx, tx, actor.Brand, actor.Stores, month, month.AddDate(0, 1, -1)); err != nil {
				return r, err
			}
		}
		for _, id := range people {
			_, isKnown := known[id]
			r.staff[place{month: month, staff: id}] = isKnown
		}
	}
	return r, nil
}

// List is what is set for a month, those of stores first: everything for head office and finance, a manager's stores and whoever
// works there that month for her.
func (s *Service) List(ctx context.Context, actor shop.Actor, month time.Time) ([]Target, error) {
	var list []Target
	err := s.list(ctx, actor, month, func(tx pgx.Tx, mine func(store, staff shop.ID) bool) (err error) {
		list, err = targetsOf(ctx, tx, actor.Brand, month)
		list = slices.DeleteFunc(list, func(t Target) bool {
			e, err := t.entry()
			return err != nil || !mine(e.store, e.staff)
		})
		return err
	})
	return list, err
}

// ListHours is what is set for a month, store by store: everything for head office and finance, her stores for a manager.
func (s *Service) ListHours(ctx context.Context, actor shop.Actor, month time.Time) ([]Hours, error) {
	var list []Hours
	err := s.list(ctx, actor, month, func(tx pgx.Tx, mine func(store, staff shop.ID) bool) (err error) {
		list, err = hoursOf(ctx, tx, actor.Brand, month)
		list = slices.DeleteFunc(list, func(h Hours) bool { return !mine(h.Store, shop.ID{}) })
		return err
	})
	return list, err
}

func (s *Service) list(ctx context.Context, actor shop.Actor, month time.Time, act func(tx pgx.Tx, mine func(store, staff shop.ID) bool) error) error {
	if err := actor.Allow(whoMay...); err != nil {
		return err
	}
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		mine := func(_, _ shop.ID) bool { return true }
		if actor.Is(shop.RoleManager) {
			people, err := team.StaffOfStores(ctx, tx, actor.Brand, actor.Stores, month, month.AddDate(0, 1, -1))
			if err != nil {
				return err
			}
			mine = func(store, staff shop.ID) bool {
				return slices.Contains(actor.Stores, store) || slices.Contains(people, staff)
			}
		}
		return act(tx, mine)
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", month.Format("2006-01"), err)
	}
	return nil
}
