package team

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// Premises are what a store is like as a place. The zero value is a place of which nothing is known.
type Premises struct {
	Hours         Hours
	Networks      []netip.Prefix // public addresses from which the store's own network comes
	AreaTenthPing int            // of its floor, in tenths of a 坪 (3.306 m²); 0: unknown
}

// Hours are when a store is open in a usual week, by the brand's clock. Without any they are unknown.
type Hours map[Weekday][]Opening

// Weekday is a day as opening hours are written down: mon, tue, wed, thu, fri, sat, sun.
type Weekday string

// weekdays in time.Weekday's sequence.
var weekdays = [7]Weekday{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Opening is one stretch of a day, HH:MM both; one that closes at or before it opens ends on the day after.
type Opening struct {
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
}

// Bounds of premises: what real ones have, with room to spare.
const (
	mostOpenings = 6  // a day
	mostNetworks = 20 // a store
	maxTenthPing = 1_000_000
	widestV4     = 16 // bits: a whole /16 is the largest network that a company owns
	widestV6     = 32
)

// OpenAt says whether the store is open at an instant, given in the brand's zone. Unknown hours are open ones.
func (h Hours) OpenAt(local time.Time) bool {
	if len(h) == 0 {
		return true
	}
	clock := local.Format("15:04")
	for _, o := range h[weekdays[local.Weekday()]] {
		if o.Opens <= clock && (clock < o.Closes || o.isOvernight()) {
			return true
		}
	}
	for _, o := range h[weekdays[(local.Weekday()+6)%7]] {
		if o.isOvernight() && clock < o.Closes {
			return true
		}
	}
	return false
}

func (o Opening) isOvernight() bool { return o.Closes <= o.Opens }

// Has says whether the address is one of the store's own network.
func (p Premises) Has(address netip.Addr) bool {
	for _, n := range p.Networks {
		if n.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}

func (p Premises) check() error {
	var c shop.Check
	for day, openings := range p.Hours {
		c.That(isWeekday(day), "hours", "weekday_unknown", "Use mon, tue, wed, thu, fri, sat and sun.")
		c.That(len(openings) <= mostOpenings, "hours", "too_many", "At most 6 openings a day.")
		for _, o := range openings {
			c.That(clockForm.MatchString(o.Opens) && clockForm.MatchString(o.Closes), "hours", "time_invalid", "HH:MM.")
		}
	}
	c.That(len(p.Networks) <= mostNetworks, "networks", "too_many", "At most 20 networks.")
	for _, n := range p.Networks {
		c.That(n.IsValid() && n == n.Masked(), "networks", "network_invalid", "A network in CIDR form, such as 203.0.113.0/29.")
		widest := widestV6
		if n.Addr().Is4() {
			widest = widestV4
		}
		c.That(!n.IsValid() || n.Bits() >= widest, "networks", "network_too_wide", "At least /16, or /32 of IPv6.")
	}
	c.That(p.AreaTenthPing >= 0 && p.AreaTenthPing <= maxTenthPing, "area_tenth_ping", "area_invalid", "From 0 to 1000000 tenths of a 坪.")
	return c.Err()
}

func isWeekday(d Weekday) bool {
	for _, known := range weekdays {
		if d == known {
			return true
		}
	}
	return false
}

// DescribePremises says what a store is like as a place, all of it anew. Managers may of their own stores;
// shop.ErrNotFound for another's, shop.ErrFields for what no place is like.
func (s *Service) DescribePremises(ctx context.Context, actor shop.Actor, store shop.ID, p Premises) (Store, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Store{}, err
	}
	if err := p.check(); err != nil {
		return Store{}, err
	}
	if store.IsZero() || !actor.WorksAt(store) {
		return Store{}, shop.ErrNotFound
	}
	now := shop.Millis(s.now())
	var described Store
	entry := audit.Entry{Act: "premises_described", Subject: store, Detail: p}
	err := s.act(ctx, actor, now, entry, func(tx pgx.Tx) (err error) {
		if err = updatePremises(ctx, tx, actor.Brand, store, p); err == nil {
			described, err = StoreByID(ctx, tx, actor.Brand, store)
		}
		return err
	})
	if err != nil {
		return Store{}, fmt.Errorf("describe store %s: %w", store, err)
	}
	return described, nil
}
