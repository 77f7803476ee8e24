package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/notify/device"
	"homestore/notify/offer"
)

// facts are the circumstances of many messages, read once for all of them. The caller has locked the customers, so that two
// who decide about one of them at once do so one after the other.
type facts struct {
	now     time.Time
	brand   team.Brand
	limit   int // messages a week
	quiet   quiet
	offers  map[shop.ID]offer.Offer
	people  map[shop.ID]customer.Addressee
	devices map[shop.ID][]device.Device
	got     week // messages that went out, or may have
	promise week // those, and what is still to be sent
	told    map[shop.ID]bool
	zones   map[string]*time.Location
}

func gather(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers, offers []shop.ID, now time.Time) (*facts, error) {
	f := &facts{now: now, people: map[shop.ID]customer.Addressee{}, got: week{}, promise: week{}, zones: map[string]*time.Location{}}
	policy, err := team.PolicyAt(ctx, tx, brand, now)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	f.limit = policy.WeeklyCap
	if f.quiet, err = newQuiet(policy.QuietFrom, policy.QuietUntil); err != nil {
		return nil, err
	}
	if f.brand, err = team.LoadBrand(ctx, tx, brand); err != nil {
		return nil, fmt.Errorf("read brand: %w", err)
	}
	if f.offers, err = offer.ByIDs(ctx, tx, brand, offers); err != nil {
		return nil, err
	}
	people, err := customer.Addressees(ctx, tx, brand, customers, customer.ByPush)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		f.people[p.ID] = p
	}
	if f.devices, err = device.LiveOf(ctx, tx, brand, customers, now); err != nil {
		return nil, err
	}
	if f.told, err = toldOf(ctx, tx, brand, customers); err != nil {
		return nil, fmt.Errorf("read who was told how to refuse: %w", err)
	}
	return f, f.gatherWeek(ctx, tx, brand, customers)
}

func (f *facts) gatherWeek(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) error {
	messages, err := recent(ctx, tx, brand, customers, f.now)
	if err != nil {
		return fmt.Errorf("read messages of the week: %w", err)
	}
	for _, m := range messages {
		f.promise.note(m.Customer, m.Purpose)
		if m.IsTried {
			f.got.note(m.Customer, m.Purpose)
		}
	}
	return nil
}

// about are the circumstances of one message; counted says which messages fill the week.
func (f *facts) about(d Delivery, hasDevice bool, counted week) circumstances {
	person, isKnown := f.people[d.Customer]
	o := f.offers[d.Offer]
	return circumstances{
		now: f.now, isKnown: isKnown, hasConsent: person.Granted, hasDevice: hasDevice,
		offerRuns: o.MaySend(f.now) == nil, offerEnds: o.EndsAt,
		quiet: f.quiet, zone: f.zoneOf(person),
		isWeekFull: counted.isFull(d.Customer, d.Purpose, f.limit, d.Emergency),
	}
}

// zoneOf is her time zone, else the brand's: also when hers has left the tables of this machine.
func (f *facts) zoneOf(p customer.Addressee) *time.Location {
	if p.TimeZone == "" {
		return f.brand.Zone()
	}
	if zone := f.zones[p.TimeZone]; zone != nil {
		return zone
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		zone = f.brand.Zone()
	}
	f.zones[p.TimeZone] = zone
	return zone
}
