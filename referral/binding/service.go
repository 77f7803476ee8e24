package binding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/scan"
)

// Service binds customers. Each act locks the customer's profile row first, so attempts at the same moment come one after
// the other.
type Service struct {
	pool      *postgres.Pool
	now       func() time.Time
	scans     *scan.Service
	listeners []Listener
	greeter   Greeter // or nil
}

// New makes the service; listeners hear of every change in its transaction, in this order.
func New(pool *postgres.Pool, now func() time.Time, scans *scan.Service, listeners ...Listener) *Service {
	return &Service{pool: pool, now: now, scans: scans, listeners: listeners}
}

// Join is called when a customer becomes a member or first signs in, with the scans that her click ids vouch for. Those that
// have bound nobody else become hers. Of the live ones the first that is valid (earliest or latest by the brand's policy)
// makes its store her home store from the instant of the scan on; the others are kept as claims. Without click ids nothing
// happens. A refusal is in the outcome: she is a member all the same, so the caller commits.
func (s *Service) Join(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, clicks []shop.ID, now time.Time) (Outcome, error) {
	out, err := s.join(ctx, tx, actIn(shop.Actor{Brand: brand, Role: shop.RoleCustomer, ID: who}, who, now), clicks)
	if err != nil {
		return Outcome{}, fmt.Errorf("bind customer %s at joining: %w", who, err)
	}
	return out, nil
}

// Claim makes an attempt to win a customer, and keeps it whatever comes of it. ErrInvoiceUsed, ErrNotAssigned,
// ErrSelfReferral, ErrCustomerChoice and ErrAlreadyBound can come back, in this order of checking; shop.ErrFields,
// shop.ErrForbidden, team.ErrStoreUnknown and customer.ErrUnknown for what is no attempt at all.
func (s *Service) Claim(ctx context.Context, actor shop.Actor, a Attempt) (Binding, error) {
	now := s.now()
	var out Outcome
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		out, err = s.ClaimTx(ctx, tx, actor, a, now)
		return err
	})
	if err == nil {
		err = out.Err()
	}
	if err != nil {
		return Binding{}, fmt.Errorf("claim customer %s: %w", a.Customer, err)
	}
	return out.Binding, nil
}

// ClaimTx is Claim for those who have a transaction. The refusal of a claim is in the outcome, not an error: commit, so that
// the claim is kept.
func (s *Service) ClaimTx(ctx context.Context, tx pgx.Tx, actor shop.Actor, a Attempt, now time.Time) (Outcome, error) {
	a.Invoice = strings.ToUpper(strings.TrimSpace(a.Invoice))
	if err := a.check(); err != nil {
		return Outcome{}, err
	}
	if !mayClaim(actor, a) {
		return Outcome{}, shop.ErrForbidden
	}
	if _, err := knownStore(ctx, tx, actor.Brand, a.Store); err != nil {
		return Outcome{}, err
	}
	c := actIn(actor, a.Customer, now)
	if err := c.lock(ctx, tx); err != nil {
		return Outcome{}, err
	}
	if a.shown {
		if out, waited, err := s.confirmShown(ctx, tx, c, a); waited || err != nil {
			return out, err
		}
	}
	b := bid{Attempt: a}
	return s.attempt(ctx, tx, c, b, Evidence{Invoice: a.Invoice, By: actor.Pseudonym(), Visit: a.visit, Since: a.ListedSince})
}

func (a Attempt) check() error {
	var c shop.Check
	c.That(!a.Customer.IsZero(), "customer", "required", "name the customer")
	c.That(!a.Store.IsZero(), "store", "required", "name the store")
	c.That(slices.Contains([]Source{FromStaffCode, FromTill, FromInvoice, FromImport}, a.Source), "source", "unknown", "use staff_code, till, invoice or import")
	c.That((a.Source == FromInvoice) == (a.Invoice != ""), "invoice", "required", "give the number of the invoice with source invoice, and only then")
	c.That(len(a.Invoice) <= 60, "invoice", "too_long", "use at most 60 characters")
	c.That(a.Source != FromStaffCode || !a.Staff.IsZero(), "staff", "required", "a staff code is somebody's")
	return c.Err()
}

// mayClaim: staff for the stores they work at, a customer for herself by what she holds in her hand, systems of the brand by
// what they have on record.
func mayClaim(actor shop.Actor, a Attempt) bool {
	switch actor.Role {
	case shop.RoleStaff, shop.RoleManager:
		return actor.WorksAt(a.Store) && a.Source != FromImport
	case shop.RoleCustomer:
		return actor.ID == a.Customer && (a.Source == FromStaffCode || a.Source == FromInvoice)
	case shop.RoleIntegration:
		return a.Source != FromStaffCode
	}
	return actor.Is(shop.RoleHQ, shop.RoleSystem)
}

// Transfer makes customers those of another store, and perhaps person, from now on: all of them or none. ErrReason, and
// ErrCustomerChoice when one of them has chosen for herself. A manager gives away customers of her own stores, or takes in
// those whom nobody has won yet; to her the others are customer.ErrUnknown.
func (s *Service) Transfer(ctx context.Context, actor shop.Actor, t Transfer) ([]Binding, error) {
	now := s.now()
	var bindings []Binding
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		bindings, err = s.TransferIn(ctx, tx, actor, t, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("transfer %d customers: %w", len(t.Customers), err)
	}
	return bindings, nil
}

// TransferIn is Transfer for those who have a transaction.
func (s *Service) TransferIn(ctx context.Context, tx pgx.Tx, actor shop.Actor, t Transfer, now time.Time) ([]Binding, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, err
	}
	t.Reason = strings.TrimSpace(t.Reason)
	if t.Reason == "" {
		return nil, ErrReason
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return s.transfer(ctx, tx, actor, t, now)
}

// Transfer is a manager's decision.
type Transfer struct {
	Customers []shop.ID
	Store     shop.ID
	Staff     shop.ID // zero: the store alone
	Reason    string
}

// maxTransfer bounds one decision, which is one transaction: every order of each customer may be credited anew in it.
const maxTransfer = 200

func (t Transfer) check() error {
	var c shop.Check
	c.That(len(t.Customers) > 0, "customers", "required", "name at least one customer")
	c.That(len(t.Customers) <= maxTransfer, "customers", "too_many", "transfer at most 200 customers at once")
	c.That(!t.Store.IsZero(), "to.store", "required", "name the store")
	c.That(len(t.Reason) <= 2000, "reason", "too_long", "use at most 2000 bytes")
	return c.Err()
}

func (s *Service) transfer(ctx context.Context, tx pgx.Tx, actor shop.Actor, t Transfer, now time.Time) ([]Binding, error) {
	if _, err := knownStore(ctx, tx, actor.Brand, t.Store); err != nil {
		return nil, err
	}
	ids := sortedOnce(t.Customers)
	if err := customer.LockAll(ctx, tx, actor.Brand, ids); err != nil {
		return nil, err
	}
	var bindings []Binding
	for _, id := range ids {
		c := actIn(actor, id, now)
		if err := c.lock(ctx, tx); err != nil {
			return nil, err
		}
		if refusal := refusalOfTransfer(actor, t, c.holder); refusal != nil {
			return nil, refusal
		}
		b, err := s.bind(ctx, tx, c, Binding{
			Store: t.Store, Staff: t.Staff, Source: ByTransfer, Evidence: Evidence{By: actor.Pseudonym(), Reason: t.Reason},
		})
		if err != nil {
			return nil, err
		}
		bindings = append(bindings, b)
	}
	return bindings, nil
}

// sortedOnce is the sequence in which several customers are locked.
func sortedOnce(customers []shop.ID) []shop.ID {
	ids := slices.Clone(customers)
	slices.SortFunc(ids, func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

func refusalOfTransfer(actor shop.Actor, t Transfer, holder Holder) *shop.Refusal {
	switch {
	case !mayTransfer(actor, t, holder):
		return customer.ErrUnknown
	case holder.Source == ByCustomer:
		return ErrCustomerChoice
	}
	return nil
}

func mayTransfer(actor shop.Actor, t Transfer, holder Holder) bool {
	if holder.Store.IsZero() {
		return actor.WorksAt(t.Store)
	}
	return actor.WorksAt(holder.Store)
}

// Choose makes the store that a customer names her home store from now on, or none (zero). ErrChoiceTooSoon within the
// policy's days of her last choice; team.ErrStoreUnknown for a store that is closed or not the brand's own.
func (s *Service) Choose(ctx context.Context, actor shop.Actor, store shop.ID) (Binding, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return Binding{}, err
	}
	now := s.now()
	var b Binding
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		b, err = s.choose(ctx, tx, actor, store, now)
		return err
	})
	if err != nil {
		return Binding{}, fmt.Errorf("customer %s chooses her store: %w", actor.ID, err)
	}
	return b, nil
}

func (s *Service) choose(ctx context.Context, tx pgx.Tx, actor shop.Actor, store shop.ID, now time.Time) (Binding, error) {
	if !store.IsZero() {
		st, err := knownStore(ctx, tx, actor.Brand, store)
		if err != nil {
			return Binding{}, err
		}
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return Binding{}, err
		}
		if !st.OpenOn(brand.Day(now)) || st.Kind == team.Reseller {
			return Binding{}, team.ErrStoreUnknown
		}
	}
	c := actIn(actor, actor.ID, now)
	if err := c.lock(ctx, tx); err != nil {
		return Binding{}, err
	}
	policy, err := team.PolicyAt(ctx, tx, actor.Brand, now)
	if err != nil {
		return Binding{}, err
	}
	if at := mayChooseAt(c.history, policy.ChoiceDays); c.now.Before(at) {
		return Binding{}, ErrChoiceTooSoon.After(int(at.Sub(c.now) / time.Second))
	}
	return s.bind(ctx, tx, c, Binding{Store: store, Source: ByCustomer, Evidence: Evidence{By: actor.Pseudonym()}})
}

// knownStore is the store of that id, or team.ErrStoreUnknown.
func knownStore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (team.Store, error) {
	st, err := team.StoreByID(ctx, tx, brand, id)
	if errors.Is(err, shop.ErrNotFound) {
		return team.Store{}, team.ErrStoreUnknown
	}
	return st, err
}
