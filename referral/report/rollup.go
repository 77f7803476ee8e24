package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

// What displays did is rolled up by the hour of the brand's clock. An hour is always worked out whole from the facts, and two
// things say which hours are due: a note that the transaction of an order or a binding leaves, and a count of what only grows
// (scans, joins, bindings, visits) that is no longer what it was when the hour was worked out. So a scan that comes days late
// is found like one that came in time, and whatever is interrupted is done again.

// sessionReach is how long after it began a scan session may still lead to an order; longer ones are left to their first hour.
const sessionReach = time.Hour

// sessionPays is how long an order counts for the session on which it rests, so that the sessions of a day can be compared
// with those of another once it is over: as long as a click id lives.
const sessionPays = scan.DefaultClickLife

// OrderChanged notes that the order is to be worked out. See RollUp.
func (s *Service) OrderChanged(ctx context.Context, tx pgx.Tx, o order.Order, now time.Time) error {
	return s.OrdersChanged(ctx, tx, []order.Order{o}, now)
}

// OrdersChanged is OrderChanged for many.
func (s *Service) OrdersChanged(ctx context.Context, tx pgx.Tx, orders []order.Order, now time.Time) error {
	if len(orders) == 0 {
		return nil
	}
	ids := make([]shop.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return noteOrders(ctx, tx, orders[0].Brand, ids, now)
}

// BindingChanged notes that the customer's orders since an instant are to be worked out, since they may be another's.
func (s *Service) BindingChanged(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c binding.Change, now time.Time) error {
	return noteCustomer(ctx, tx, brand, c.Customer, c.Since, now)
}

// How much one transaction works out: little enough that a crash loses little and nobody waits.
const (
	notesAtOnce = 200
	hoursAtOnce = 24
)

// RollUp works out what is due: all that was noted, and each hour since an instant that has more facts than it had. It returns
// how many hours that were. Run twice it finds nothing the second time.
func (s *Service) RollUp(ctx context.Context, brand shop.BrandID, since time.Time) (int, error) {
	total := 0
	for {
		var hours, notes int
		err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) (err error) {
			hours, notes, err = rollUpNoted(ctx, tx, brand)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("roll up: %w", err)
		}
		total += hours
		if notes < notesAtOnce {
			break
		}
	}
	hours, err := s.changedHours(ctx, brand, since)
	if err != nil {
		return total, fmt.Errorf("roll up: %w", err)
	}
	for chunk := range slices.Chunk(hours, hoursAtOnce) {
		err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
			of, err := lockRollUp(ctx, tx, brand)
			if err != nil {
				return err
			}
			return workOut(ctx, tx, of, chunk)
		})
		if err != nil {
			return total, fmt.Errorf("roll up: %w", err)
		}
		total += len(chunk)
	}
	return total, nil
}

// lockRollUp lets one roll up the brand at a time, until the transaction ends.
func lockRollUp(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (team.Brand, error) {
	if err := holdRollUp(ctx, tx, brand); err != nil {
		return team.Brand{}, err
	}
	return team.LoadBrand(ctx, tx, brand)
}

// rollUpNoted works out some of the notes and takes them away. A fact and its note are committed together, so whoever finds
// the note finds the fact; a note that comes meanwhile stays for the next time.
func rollUpNoted(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (hours, notes int, err error) {
	of, err := lockRollUp(ctx, tx, brand)
	if err != nil {
		return 0, 0, err
	}
	noted, err := notesOf(ctx, tx, brand)
	if err != nil || len(noted) == 0 {
		return 0, 0, err
	}
	var orders []shop.ID
	done := make([]shop.ID, len(noted))
	for i, n := range noted {
		done[i] = n.ID
		if !n.Order.IsZero() {
			orders = append(orders, n.Order)
			continue
		}
		hers, err := order.IDsOfCustomer(ctx, tx, brand, n.Customer, n.Since)
		if err != nil {
			return 0, 0, err
		}
		orders = append(orders, hers...)
	}
	touched, err := keepOrigins(ctx, tx, of, orders)
	if err != nil {
		return 0, 0, err
	}
	due := map[time.Time]bool{}
	for _, at := range touched {
		due[hourOf(at, of.Zone())] = true
	}
	if err := workOut(ctx, tx, of, slices.Collect(maps.Keys(due))); err != nil {
		return 0, 0, err
	}
	return len(due), len(noted), forgetNotes(ctx, tx, brand, done)
}

// hourOf is the first instant of the hour on a clock of the zone. Where clocks are put back, an hour that comes twice is two.
func hourOf(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	into := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	return local.Add(-into).UTC()
}

// changedHours are the hours since an instant that have more facts than when they were worked out, earliest first. Another
// scan may end a session of the hour before sooner, or take its beginning from one of the hour after.
func (s *Service) changedHours(ctx context.Context, brand shop.BrandID, since time.Time) ([]time.Time, error) {
	due := map[time.Time]bool{}
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		of, err := team.LoadBrand(ctx, tx, brand)
		if err != nil {
			return err
		}
		if since.Before(earliest) {
			since = earliest
		}
		grown, err := grownHours(ctx, tx, of, hourOf(since, of.Zone()))
		for _, g := range grown {
			due[g.Hour] = true
			if g.HasNewScans {
				due[hourOf(g.Hour.Add(-sessionReach), of.Zone())] = true
				due[hourOf(g.Hour.Add(time.Hour), of.Zone())] = true
			}
		}
		return err
	})
	return slices.SortedFunc(maps.Keys(due), time.Time.Compare), err
}

// earliest is before all facts; ids carry no instant before 1970.
var earliest = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)

// workOut replaces what is kept of each hour by what the facts say now. Scans whose month has expired stay as they were
// counted.
func workOut(ctx context.Context, tx pgx.Tx, brand team.Brand, hours []time.Time) error {
	if len(hours) == 0 {
		return nil
	}
	slices.SortFunc(hours, time.Time.Compare)
	// What is counted is read first: what comes between is found grown the next time.
	counts, err := countHours(ctx, tx, brand, hours)
	if err != nil {
		return err
	}
	return replaceHours(ctx, tx, brand, counts)
}
