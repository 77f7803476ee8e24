package scan

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/tag"
)

// Service records scans, reads click ids, and finds scans as evidence.
type Service struct {
	pool     *postgres.Pool
	writer   *Writer
	keys     Keys
	devices  *Devices
	networks *networks
	counters *Counters
	now      func() time.Time
}

// Parts are what a Service is made of.
type Parts struct {
	Pool     *postgres.Pool // of the application, for reading and for copies
	Writer   *Writer
	Keys     Keys
	Devices  *Devices
	Counters *Counters // the writer's
	Now      func() time.Time
}

// New makes the service.
func New(p Parts) *Service {
	s := &Service{pool: p.Pool, writer: p.Writer, keys: p.Keys, devices: p.Devices, counters: p.Counters, now: p.Now}
	s.networks = &networks{read: s.stores, brands: map[shop.BrandID]known{}}
	return s
}

// Reading is what is known of somebody who reads a tag.
type Reading struct {
	Target   tag.Target
	Request  Request
	Address  netip.Addr // of the network; hashed and compared with the stores' networks, never stored
	Cookie   string     // of her device, as Answer.Cookie gave it; empty when she sent none
	Customer shop.ID    // where she is signed in: a scan in the brand app
}

// Answer is what became of a reading.
type Answer struct {
	Scan   Scan
	Leads  tag.Leads
	Click  string // her click id; empty unless she is a person whom the tag leads to its destination
	Cookie string // to give to her device; empty when it has one
}

// Record stores a reading and returns when it is durable; ErrNotKept when it cannot be. A signed-in customer's scan is hers
// from then on. The caller answers only after it, so that what was answered is stored.
func (s *Service) Record(ctx context.Context, r Reading) (Answer, error) {
	now := s.now()
	t := r.Target
	a := Answer{Leads: t.LeadsAt(now), Scan: Scan{
		ID: shop.NewID(now), Brand: t.Brand.ID, Tag: t.Tag, Code: t.Code, Store: t.Store, Staff: t.StaffAt(now), Placement: t.Placement,
		Kind: Classify(r.Request), Customer: r.Customer,
	}}
	if !r.Customer.IsZero() {
		a.Scan.Kind = App // whatever its name is
	}
	if a.Scan.Kind.Counts() {
		a.Scan.Where = s.networks.where(ctx, a.Scan, r.Address, now)
	}
	a.Scan.Device, a.Cookie = s.deviceOf(r, a.Scan.Kind, now)
	if err := s.writer.Store(a.Scan); err != nil {
		return Answer{}, fmt.Errorf("record scan of tag %s: %w", t.Tag, err)
	}
	if a.Scan.Kind.Counts() && a.Leads == tag.ToDestination {
		a.Click = s.keys.Sign(a.Scan.Brand, a.Scan.ID)
	}
	if r.Customer.IsZero() || a.Click == "" {
		return a, nil
	}
	err := s.pool.Brand(ctx, t.Brand.ID, func(tx pgx.Tx) error {
		return copyForCustomer(ctx, tx, t.Brand.ID, r.Customer, []Scan{a.Scan})
	})
	if err != nil {
		return Answer{}, fmt.Errorf("keep scan for customer %s: %w", r.Customer, err)
	}
	return a, nil
}

// deviceOf is by what she is told from others, and the cookie to give her. Programs get none: all that is kept of them is what
// their network shows today.
func (s *Service) deviceOf(r Reading, kind Kind, now time.Time) (Device, string) {
	if kind == App {
		return s.devices.OfCustomer(r.Customer), ""
	}
	network := s.devices.Network(r.Address, r.Request.UserAgent, now)
	if !kind.Counts() {
		return network, ""
	}
	return s.devices.Of(Visit{Tag: r.Target.Tag, Cookie: r.Cookie, Network: network, FetchesTwice: fetchesTwice(r.Request.UserAgent)}, now)
}

func (s *Service) stores(ctx context.Context, brand shop.BrandID) (stores []team.Store, err error) {
	err = s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		stores, err = team.Stores(ctx, tx, brand)
		return err
	})
	return stores, err
}

// Click is the scan that a click id vouches for, at the instant now: ErrUnknownClick when we did not sign it for this brand,
// ErrExpiredClick when it is older than life. Each refusal is counted. The scan itself may have expired, see ByClicks.
func (s *Service) Click(brand shop.BrandID, click string, now time.Time, life time.Duration) (shop.ID, error) {
	of, id, err := s.keys.Verify(click)
	switch {
	case err != nil:
		s.counters.Tampered.Add(1)
		return shop.ID{}, err
	case of != brand:
		s.counters.WrongBrand.Add(1)
		return shop.ID{}, ErrUnknownClick
	case now.Sub(id.Time()) > life:
		s.counters.Expired.Add(1)
		return shop.ID{}, ErrExpiredClick
	}
	return id, nil
}

// ByClicks are the scans that click ids vouch for, earliest first. One that is not there yet (the spool is being drained) or
// no longer (its month has expired) is missing from the answer.
func (s *Service) ByClicks(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) ([]Scan, error) {
	scans, err := byIDs(ctx, tx, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d scans: %w", len(ids), err)
	}
	return scans, nil
}

// KeepForCustomer copies scans as a customer's own: brought when she joined, or made signed in. Again changes nothing.
func (s *Service) KeepForCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, scans []Scan) error {
	if err := copyForCustomer(ctx, tx, brand, customer, scans); err != nil {
		return fmt.Errorf("keep %d scans for customer %s: %w", len(scans), customer, err)
	}
	return nil
}

// KeepForOrders copies the scans that orders named, by order. Again changes nothing.
func (s *Service) KeepForOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, scans map[shop.ID][]Scan) error {
	if err := copyForOrders(ctx, tx, brand, scans); err != nil {
		return fmt.Errorf("keep the scans of %d orders: %w", len(scans), err)
	}
	return nil
}

// OfCustomers are the scans that were kept for customers, by customer and each customer's earliest first.
func (s *Service) OfCustomers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) (map[shop.ID][]Scan, error) {
	scans, err := ofCustomers(ctx, tx, brand, customers)
	if err != nil {
		return nil, fmt.Errorf("read scans of %d customers: %w", len(customers), err)
	}
	found := map[shop.ID][]Scan{}
	for _, one := range scans {
		found[one.Customer] = append(found[one.Customer], one)
	}
	return found, nil
}

// OfCustomer are the scans that were kept for a customer, earliest first.
func (s *Service) OfCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID) ([]Scan, error) {
	found, err := s.OfCustomers(ctx, tx, brand, []shop.ID{customer})
	return found[customer], err
}

// OfOrders are the scans that were kept for orders, by order and each order's earliest first.
func (s *Service) OfOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]Scan, error) {
	found, err := ofOrders(ctx, tx, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("read scans of %d orders: %w", len(orders), err)
	}
	return found, nil
}

// Figure is what people did at a tag. Programs are not in it.
type Figure struct {
	Tag      shop.ID
	Scans    int64
	Sessions int64 // scans of one device less than SessionGap apart are one
}

// Figures are those of the tags that were scanned from an instant to another; the latter is not included.
func (s *Service) Figures(ctx context.Context, brand shop.BrandID, tags []shop.ID, from, to time.Time) ([]Figure, error) {
	var figures []Figure
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		figures, err = figuresOf(ctx, tx, brand, tags, from, to)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("figures of %d tags: %w", len(tags), err)
	}
	return figures, nil
}
