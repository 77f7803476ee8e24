package report

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/explanation"
	"homestore/referral/ledger"
	"homestore/referral/scan"
)

// Explained is one order with all that was said and posted about its commission: the answer to "why this cent?".
type Explained struct {
	Order      order.Order
	IsCredited bool // false: nothing was ever credited, and Credit is empty
	Credit     ledger.OrderCredit
	Transfers  []ledger.Transfer
	Scans      []scan.Scan // that the order named, with those that came late
	telling
	standing
}

// State is that in which all of its credits are at least.
func (e *Explained) State() ledger.AccountKind { return e.least(e.Credit.Credits) }

// Told is what can be said of it, in a language.
func (e *Explained) Told(l shop.Language) explanation.Order {
	return e.told(e.Credit, e.Order.Currency, l)
}

// Explain answers for one order, or shop.ErrNotFound. Head office and finance may ask for every order, a manager for those
// that were sold in her stores or that one of her stores had a claim on.
func (s *Service) Explain(ctx context.Context, actor shop.Actor, id shop.ID) (Explained, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleManager, shop.RoleSystem); err != nil {
		return Explained{}, err
	}
	var e Explained
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if e.Order, err = order.Load(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if e.Credit, err = ledger.CreditsOf(ctx, tx, actor.Brand, id); err == nil {
			e.IsCredited = true
		} else if !errors.Is(err, shop.ErrNotFound) {
			return err
		}
		if actor.Is(shop.RoleManager) && !e.concerns(actor.Stores) {
			return shop.ErrNotFound
		}
		if e.standing, err = standingOf(ctx, tx, actor.Brand, e.Credit, e.Order.Currency); err != nil {
			return err
		}
		if e.Transfers, err = ledger.Transfers(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if e.Scans, err = namedScans(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		e.telling, err = tellingOf(ctx, tx, actor.Brand, e.Credit.Plan, e.named())
		return err
	})
	if err != nil {
		return Explained{}, fmt.Errorf("explain order %s: %w", id, err)
	}
	return e, nil
}

// concerns says whether one of the stores sold the order, earned from it or lost a claim on it.
func (e *Explained) concerns(stores []shop.ID) bool {
	return slices.Contains(stores, e.Order.Store) ||
		slices.ContainsFunc(e.Credit.Credits, func(c ledger.Credit) bool { return slices.Contains(stores, c.Store) }) ||
		slices.ContainsFunc(e.Credit.Lost, func(l ledger.Lost) bool { return slices.Contains(stores, l.To) })
}

// named are all whom the rest names.
func (e *Explained) named() []attribution.Beneficiary {
	all := append(namedIn(e.Credit), attribution.StoreOf(e.Order.Store), attribution.StaffOf(e.Order.Staff))
	for _, t := range e.Transfers {
		all = append(all, t.Debit.Holder, t.Credit.Holder)
	}
	for _, s := range e.Scans {
		all = append(all, attribution.StoreOf(s.Store), attribution.StaffOf(s.Staff))
	}
	return all
}
