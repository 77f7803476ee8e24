package dispute

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

// Query asks for some disputes. Empty fields ask for all.
type Query struct {
	Store shop.ID // on either side
	State State
}

// sight is which disputes somebody sees.
type sight struct {
	everything bool
	stores     []shop.ID
	person     shop.ID
}

func sightOf(actor shop.Actor) (sight, error) {
	switch actor.Role {
	case shop.RoleHQ, shop.RoleFinance, shop.RoleSystem:
		return sight{everything: true}, nil
	case shop.RoleManager:
		return sight{stores: append([]shop.ID{}, actor.Stores...), person: actor.ID}, nil
	case shop.RoleStaff:
		return sight{stores: []shop.ID{}, person: actor.ID}, nil
	}
	return sight{}, shop.ErrForbidden
}

// List is newest first: all to head office and finance, those of her stores, on either side, to a manager, and to everybody
// those that she raised and those that are about what she has.
func (s *Service) List(ctx context.Context, actor shop.Actor, q Query, page shop.Page) ([]Dispute, string, error) {
	sees, err := sightOf(actor)
	if err != nil {
		return nil, "", err
	}
	var all []Dispute
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = selectDisputes(ctx, tx, actor.Brand, sees, q, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("disputes of %s: %w", actor.Pseudonym(), err)
	}
	all, next := shop.Cut(page, all, func(d Dispute) shop.ID { return d.ID })
	return all, next, nil
}

// Read is one dispute for whoever sees it: ErrUnknown for all others.
func (s *Service) Read(ctx context.Context, actor shop.Actor, id shop.ID) (Dispute, error) {
	var d Dispute
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if d, err = readDispute(ctx, tx, actor.Brand, id); err == nil && !d.concerns(actor) {
			err = ErrUnknown
		}
		return err
	})
	if err != nil {
		return Dispute{}, fmt.Errorf("read dispute %s: %w", id, err)
	}
	return d, nil
}

// Case is a dispute with everything that it is decided by, as it was kept at the time. What an order gave to whom, and why, is
// report's to explain.
type Case struct {
	Dispute  Dispute
	Customer shop.ID       // who bought, or was won; zero: nobody known
	Past     binding.Past  // whose she was, and everybody who tried to win her, with evidence
	Visits   []visit.Visit // of hers, from a month before it on
	Orders   []OrderCase   // the order, or hers since she was theirs, they say, at most maxOrders
	Holders  []Side        // who would lose it if it were upheld now
}

// OrderCase is an order, and by which rules several claims on it were settled.
type OrderCase struct {
	Order shop.ID
	Plan  *plan.Plan // in force then; nil: none was
}

const (
	maxOrders   = 50
	visitsSince = 30 * 24 * time.Hour
)

// CaseOf is what whoever decides is shown. Managers of a store on either side, head office and finance read it; each time is in
// the audit.
func (s *Service) CaseOf(ctx context.Context, actor shop.Actor, id shop.ID) (Case, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return Case{}, err
	}
	now := shop.Millis(s.now())
	var c Case
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if c.Dispute, err = readDispute(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if !c.Dispute.concerns(actor) {
			return ErrUnknown
		}
		if err := s.readCase(ctx, tx, actor, &c, now); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "dispute_read", Customer: c.Customer, Subject: id})
	})
	if err != nil {
		return Case{}, fmt.Errorf("case of dispute %s: %w", id, err)
	}
	return c, nil
}

func (s *Service) readCase(ctx context.Context, tx pgx.Tx, actor shop.Actor, c *Case, now time.Time) (err error) {
	brand, d := actor.Brand, &c.Dispute
	ids := []shop.ID{d.Order}
	if !d.Customer.IsZero() {
		if ids, err = order.IDsOfCustomer(ctx, tx, brand, d.Customer, d.Since); err != nil {
			return err
		}
		ids = ids[max(0, len(ids)-maxOrders):]
	}
	orders, err := order.LoadMany(ctx, tx, brand, ids)
	if err != nil {
		return err
	}
	if c.Orders, err = orderCases(ctx, tx, brand, orders); err != nil {
		return err
	}
	if d.State == Raised {
		if c.Holders, err = d.holders(ctx, tx, brand, now); err != nil {
			return err
		}
	}
	if c.Customer = d.Customer; c.Customer.IsZero() {
		c.Customer = orders[0].Customer
	}
	if c.Customer.IsZero() {
		return nil
	}
	if c.Past, err = binding.PastIn(ctx, tx, brand, c.Customer, now); err != nil {
		return err
	}
	c.Visits, err = visit.Since(ctx, tx, brand, c.Customer, d.Since.Add(-visitsSince))
	return err
}

func orderCases(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order) ([]OrderCase, error) {
	plans, err := plan.List(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	of, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	cases := make([]OrderCase, len(orders))
	for i, o := range orders {
		cases[i].Order = o.ID
		if p, ok := plan.InForce(plans, plan.DayOf(o.PlacedAt, of.Zone())); ok {
			cases[i].Plan = &p
		}
	}
	return cases, nil
}
