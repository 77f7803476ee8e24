package report

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/scan"
)

// Explained is one order with all that was said and posted about its commission: the answer to "why this cent?".
type Explained struct {
	Order      order.Order
	IsCredited bool // false: nothing was ever credited, and Credit is empty
	Credit     ledger.OrderCredit
	Transfers  []ledger.Transfer
	Scans      []scan.Scan                       // that the order named, with those that came late
	Parties    map[attribution.Beneficiary]Party // everybody whom the rest names
}

// Party is what people call a beneficiary.
type Party struct {
	Code string // of the store, or employee number
	Name shop.Text
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
		if e.Transfers, err = ledger.Transfers(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if e.Scans, err = namedScans(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		return e.name(ctx, tx)
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

// name finds out what everybody is called.
func (e *Explained) name(ctx context.Context, tx pgx.Tx) error {
	brand := e.Order.Brand
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return err
	}
	e.Parties = map[attribution.Beneficiary]Party{}
	for _, to := range e.beneficiaries() {
		if to.Kind == attribution.ToStaff {
			p, err := team.StaffByID(ctx, tx, brand, to.ID)
			if err != nil {
				return err
			}
			e.Parties[to] = Party{p.EmployeeNo, shop.Text{shop.TraditionalChinese: p.Name}}
			continue
		}
		if i := slices.IndexFunc(stores, func(st team.Store) bool { return st.ID == to.ID }); i >= 0 {
			e.Parties[to] = Party{stores[i].Code, stores[i].Name}
		}
	}
	return nil
}

func (e *Explained) beneficiaries() []attribution.Beneficiary {
	all := []attribution.Beneficiary{attribution.StoreOf(e.Order.Store), attribution.StaffOf(e.Order.Staff)}
	for _, c := range e.Credit.Credits {
		all = append(all, c.To, attribution.StoreOf(c.Store))
	}
	for _, l := range e.Credit.Lost {
		all = append(all, attribution.Beneficiary{Kind: l.ToKind, ID: l.To})
	}
	for _, t := range e.Transfers {
		all = append(all, t.Debit.Holder, t.Credit.Holder)
	}
	for _, s := range e.Scans {
		all = append(all, attribution.StoreOf(s.Store), attribution.StaffOf(s.Staff))
	}
	var once []attribution.Beneficiary
	for _, to := range all {
		if !to.IsNobody() && !slices.Contains(once, to) {
			once = append(once, to)
		}
	}
	return once
}
