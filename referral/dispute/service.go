package dispute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
)

// Service raises and decides disputes.
type Service struct {
	pool     *postgres.Pool
	now      func() time.Time
	bindings *binding.Service
	book     *ledger.Ledger
	listener Listener // of how they end; nil: nobody
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time, bindings *binding.Service, book *ledger.Ledger) *Service {
	return &Service{pool: pool, now: now, bindings: bindings, book: book}
}

// Listener hears, in the transaction that decides it, of a dispute that was upheld or refused.
type Listener interface {
	Ruled(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Dispute, now time.Time) error
}

// Telling lets a listener hear how disputes end, and returns the service.
func (s *Service) Telling(heard Listener) *Service {
	s.listener = heard
	return s
}

// Raise keeps what somebody says was hers, and who has it now. shop.ErrNotFound and customer.ErrUnknown for what there is not,
// binding.ErrNotAssigned for somebody who did not work there then, ErrTooLate by the brand's policy, ErrNothing and
// ErrAlready.
func (s *Service) Raise(ctx context.Context, actor shop.Actor, p Plea) (Dispute, error) {
	now := shop.Millis(s.now())
	if err := cmp.Or(p.check(now), p.mayRaise(actor)); err != nil {
		return Dispute{}, err
	}
	d := Dispute{
		ID: shop.NewID(now), Order: p.Order, Customer: p.Customer, Role: p.Role, From: p.From, Since: shop.Millis(p.Since), Said: p.Said,
		Raiser: actor.ID, RaisedBy: actor.Pseudonym(), RaisedAt: now, State: Raised,
	}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error { return s.raise(ctx, tx, actor, p, &d) })
	if err != nil {
		return Dispute{}, fmt.Errorf("raise a dispute: %w", err)
	}
	return d, nil
}

func (s *Service) raise(ctx context.Context, tx pgx.Tx, actor shop.Actor, p Plea, d *Dispute) error {
	if err := d.look(ctx, tx, actor); err != nil {
		return err
	}
	if err := d.isInTime(ctx, tx, actor); err != nil {
		return err
	}
	var err error
	if d.For, err = p.speaksFor(ctx, tx, actor, d.Since); err != nil {
		return err
	}
	if d.Against, err = d.holders(ctx, tx, actor.Brand, d.RaisedAt); err != nil {
		return err
	}
	if len(d.Against) == 0 && actor.Role != shop.RoleSystem {
		return ErrNothing
	}
	if err := insertDispute(ctx, tx, actor.Brand, *d); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, *d, d.RaisedAt)
}

// look reads what it is about. A look at a customer is in the audit as any other is.
func (d *Dispute) look(ctx context.Context, tx pgx.Tx, actor shop.Actor) error {
	if !d.Customer.IsZero() {
		_, err := visit.Look(ctx, tx, actor, d.Customer, "dispute", d.RaisedAt)
		return err
	}
	o, err := order.Load(ctx, tx, actor.Brand, d.Order)
	d.Since = o.PlacedAt
	return err
}

// isInTime: head office may look at anything.
func (d *Dispute) isInTime(ctx context.Context, tx pgx.Tx, actor shop.Actor) error {
	policy, err := team.PolicyAt(ctx, tx, actor.Brand, d.RaisedAt)
	if err == nil && actor.Is(shop.RoleStaff, shop.RoleManager) && d.RaisedAt.Sub(d.Since) > time.Duration(policy.DisputeDays)*24*time.Hour {
		return ErrTooLate
	}
	return err
}

// holders are who has it at an instant and would lose it: none when nobody has, or those for whom it was raised alone.
func (d *Dispute) holders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, at time.Time) ([]Side, error) {
	if !d.Customer.IsZero() {
		h, err := binding.HolderAt(ctx, tx, brand, d.Customer, at)
		if err != nil || h.Store.IsZero() || sideOf(h) == d.For {
			return nil, err
		}
		return []Side{sideOf(h)}, nil
	}
	oc, err := ledger.CreditsOf(ctx, tx, brand, d.Order)
	if err != nil {
		return nil, err
	}
	var sides []Side
	for _, c := range oc.Credits {
		known := slices.ContainsFunc(sides, func(s Side) bool { return s.Party == c.To })
		if c.Role == d.Role && c.To != d.For.Party && (d.From.IsNobody() || c.To == d.From) && !known {
			sides = append(sides, Side{c.To, c.Store})
		}
	}
	return sides, nil
}

// sideOf is who holds a customer: the person, the pool, or the store alone.
func sideOf(h binding.Holder) Side {
	switch {
	case h.Pool:
		return Side{attribution.PoolOf(h.Store), h.Store}
	case !h.Staff.IsZero():
		return Side{attribution.StaffOf(h.Staff), h.Store}
	}
	return Side{attribution.StoreOf(h.Store), h.Store}
}

// Withdraw takes a dispute back: whoever raised it, or the manager of the store for which it was raised.
func (s *Service) Withdraw(ctx context.Context, actor shop.Actor, id shop.ID) (Dispute, error) {
	if err := actor.Allow(shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Dispute{}, err
	}
	now := shop.Millis(s.now())
	var d Dispute
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if d, err = lockDispute(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if !d.concerns(actor) || d.Raiser != actor.ID && !(actor.Is(shop.RoleManager) && actor.WorksAt(d.For.Store)) {
			return ErrUnknown
		}
		return s.end(ctx, tx, actor, &d, verdict{to: Withdrawn, at: now})
	})
	if err != nil {
		return Dispute{}, fmt.Errorf("withdraw dispute %s: %w", id, err)
	}
	return d, nil
}

// verdict is how a dispute ends.
type verdict struct {
	to     State
	reason string
	at     time.Time
	since  time.Time // about a customer: from when on she was theirs after all; zero: as was said
}

// Uphold decides that it was theirs: what the order gives in the role is theirs, or the customer is from now on, and so is what
// a home earns from her orders since the instant that was said, or a later one. binding.ErrReason, shop.ErrOwnApproval,
// ErrUnknown, ErrDecided and binding.ErrCustomerChoice can come back.
func (s *Service) Uphold(ctx context.Context, actor shop.Actor, id shop.ID, reason string, since time.Time) (Dispute, error) {
	return s.decide(ctx, actor, id, verdict{to: Upheld, reason: reason, since: since})
}

// Refuse decides that it stays as it is. It can refuse as Uphold does.
func (s *Service) Refuse(ctx context.Context, actor shop.Actor, id shop.ID, reason string) (Dispute, error) {
	return s.decide(ctx, actor, id, verdict{to: Refused, reason: reason})
}

func (s *Service) decide(ctx context.Context, actor shop.Actor, id shop.ID, v verdict) (Dispute, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Dispute{}, err
	}
	if v.reason = strings.TrimSpace(v.reason); v.reason == "" {
		return Dispute{}, binding.ErrReason.Saying("Give the reason for the decision.")
	}
	if len(v.reason) > maxText {
		return Dispute{}, binding.ErrReason.Saying("Use at most %d bytes.", maxText)
	}
	v.at = shop.Millis(s.now())
	var d Dispute
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		d, err = s.decideIn(ctx, tx, actor, id, v)
		return err
	})
	if err != nil {
		return Dispute{}, fmt.Errorf("decide dispute %s: %w", id, err)
	}
	return d, nil
}

func (s *Service) decideIn(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID, v verdict) (Dispute, error) {
	d, err := readDispute(ctx, tx, actor.Brand, id)
	if err != nil {
		return Dispute{}, err
	}
	if !d.concerns(actor) {
		return Dispute{}, ErrUnknown
	}
	orders, err := d.lockOrders(ctx, tx, actor.Brand, v.since)
	if err != nil {
		return Dispute{}, err
	}
	if d, err = lockDispute(ctx, tx, actor.Brand, id); err != nil {
		return Dispute{}, err
	}
	holders, err := d.holders(ctx, tx, actor.Brand, v.at)
	if err != nil {
		return Dispute{}, err
	}
	if err := d.mayDecide(actor, v.to, holders); err != nil {
		return Dispute{}, err
	}
	if err := s.end(ctx, tx, actor, &d, v); err != nil {
		return Dispute{}, err
	}
	if v.to == Upheld {
		err = s.give(ctx, tx, actor, d, orders)
	}
	return d, err
}

// lockOrders locks the customer and then the order that it is about, or all of hers since she was theirs. Of those none is
// picked out: a binding at that instant would have earned from all of them, and the policy's days bound how many there are.
func (d *Dispute) lockOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, since time.Time) ([]order.Order, error) {
	if since.Before(d.Since) {
		since = d.Since
	}
	who, ids := d.Customer, []shop.ID{d.Order}
	if who.IsZero() {
		o, err := order.Load(ctx, tx, brand, d.Order)
		if err != nil {
			return nil, err
		}
		who = o.Customer
	}
	if !who.IsZero() {
		if err := customer.Lock(ctx, tx, brand, who); err != nil {
			return nil, err
		}
	}
	if !d.Customer.IsZero() {
		var err error
		if ids, err = order.IDsOfCustomer(ctx, tx, brand, who, since); err != nil {
			return nil, err
		}
	}
	orders, err := order.Lock(ctx, tx, brand, ids)
	if err == nil && slices.ContainsFunc(orders, func(o order.Order) bool { return o.Customer != who }) {
		err = errors.New("whose order it is was told meanwhile")
	}
	return orders, err
}

// end writes down how it ended. Of several at the same moment one ends it; the others get ErrDecided.
func (s *Service) end(ctx context.Context, tx pgx.Tx, actor shop.Actor, d *Dispute, v verdict) error {
	if d.State != Raised {
		return ErrDecided
	}
	d.State, d.DecidedAt, d.DecidedBy, d.Reason = v.to, v.at, actor.Pseudonym(), v.reason
	if err := updateDecided(ctx, tx, actor.Brand, *d); err != nil {
		return err
	}
	if err := s.note(ctx, tx, actor, *d, v.at); err != nil || s.listener == nil || v.to == Withdrawn {
		return err
	}
	return s.listener.Ruled(ctx, tx, actor.Brand, *d, v.at)
}

// note counts into what state it came, and writes it into the audit.
func (s *Service) note(ctx context.Context, tx pgx.Tx, actor shop.Actor, d Dispute, at time.Time) error {
	brand, err := team.LoadBrand(ctx, tx, actor.Brand)
	if err != nil {
		return err
	}
	if err := count(ctx, tx, actor.Brand, figuresOf(d, at, brand.Zone())); err != nil {
		return err
	}
	detail := map[string]any{"role": d.Role, "store": d.For.Store, "for": d.For.Party.String()}
	if !d.Order.IsZero() {
		detail["order"] = d.Order
	}
	return audit.Note(ctx, tx, actor, at, audit.Entry{Act: "dispute_" + string(d.State), Customer: d.Customer, Subject: d.ID, Detail: detail})
}
