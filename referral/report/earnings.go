package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/explanation"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Balance is what somebody has in one currency, by the state of the money, in minor units.
type Balance struct {
	Currency shop.Currency
	Pending  int64
	Payable  int64
	Stated   int64
	Paid     int64
}

// Sale is what a reader of a credit is told of the order behind it: nothing of the customer.
type Sale struct {
	ID         shop.ID
	ExternalID string
	PlacedAt   time.Time
	Channel    order.Channel
	Store      shop.ID // who sold
	Currency   shop.Currency
}

// Part is what one line of an order gave; line 0 is the fixed fee of a parcel.
type Part struct {
	Line     int             `json:"line"`
	Minor    int64           `json:"minor"`
	Reversed int64           `json:"reversed"`
	Reason   attribution.Why `json:"reason"`
}

// Earned is what one person has of one order in one role, as the rules say now. Minor - Reversed is hers.
type Earned struct {
	Sale      Sale
	Role      plan.Role
	Parcel    string
	Minor     int64
	Reversed  int64
	State     ledger.AccountKind
	PayableAt time.Time // zero: not received yet
	Parts     []Part
	credit    ledger.OrderCredit // her part of it
	telling
}

// Told is why she has it, in a language.
func (e *Earned) Told(l shop.Language) string {
	order := e.told(e.credit, e.Sale.Currency, l)
	return order.Earned(explanation.Share{Role: e.Role, To: e.credit.Credits[0].To, Parcel: e.Parcel})
}

// Name is who a beneficiary is to people.
type Name struct {
	Code string // of the store, or employee number
	Name string
}

// OrderCredit is who earns from one order and why, with the names of everybody in it.
type OrderCredit struct {
	Sale Sale
	ledger.OrderCredit
	Names map[shop.ID]Name
	telling
	standing
}

// State is that in which all of its credits are at least.
func (oc *OrderCredit) State() ledger.AccountKind { return oc.least(oc.Credits) }

// Told is what can be said of it, in a language.
func (oc *OrderCredit) Told(l shop.Language) explanation.Order {
	return oc.told(oc.OrderCredit, oc.Sale.Currency, l)
}

// Balances are the actor's own, one for each currency; a person who has not earned yet has zero in the brand's.
func (s *Service) Balances(ctx context.Context, actor shop.Actor) ([]Balance, error) {
	var balances []Balance
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if balances, err = balancesOf(ctx, tx, actor.Brand, attribution.StaffOf(actor.ID)); err != nil || len(balances) > 0 {
			return err
		}
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		balances = []Balance{{Currency: brand.Currency}}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("balances of %s: %w", actor.Pseudonym(), err)
	}
	return balances, nil
}

// Earned is what the actor herself has of the orders placed in a calendar month of the brand's zone, newest order first. A
// page has all roles of its orders.
func (s *Service) Earned(ctx context.Context, actor shop.Actor, month plan.Day, page shop.Page) ([]Earned, string, error) {
	var earned []Earned
	var next string
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		first := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, brand.Zone())
		in := span{from: shop.FloorID(first), until: shop.FloorID(first.AddDate(0, 1, 0))}
		to := attribution.StaffOf(actor.ID)
		ids, err := ordersCredited(ctx, tx, actor.Brand, to, in, page)
		if err != nil {
			return err
		}
		ids, next = shop.Cut(page, ids, func(id shop.ID) shop.ID { return id })
		if earned, err = earnedOf(ctx, tx, actor.Brand, to, in, ids); err != nil {
			return err
		}
		if err := stateEach(ctx, tx, actor.Brand, to, earned); err != nil {
			return err
		}
		return tellEach(ctx, tx, actor.Brand, earned)
	})
	if err != nil {
		return nil, "", fmt.Errorf("credits of %s: %w", actor.Pseudonym(), err)
	}
	return earned, next, nil
}

// OrderCredit is the credit of one order for whoever earns from it, or claimed it and lost: the person herself, those who
// work at the store today, head office and finance. To others the order does not exist: shop.ErrNotFound.
func (s *Service) OrderCredit(ctx context.Context, actor shop.Actor, id shop.ID) (OrderCredit, error) {
	var oc OrderCredit
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if oc.OrderCredit, err = ledger.CreditsOf(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if !concerns(actor, oc.OrderCredit) {
			return shop.ErrNotFound
		}
		if oc.Sale, err = saleOf(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if oc.Names, err = namesOf(ctx, tx, actor.Brand, holdersOf(oc.OrderCredit)); err != nil {
			return err
		}
		if oc.standing, err = standingOf(ctx, tx, actor.Brand, oc.OrderCredit, oc.Sale.Currency); err != nil {
			return err
		}
		oc.telling, err = tellingOf(ctx, tx, actor.Brand, oc.Plan, namedIn(oc.OrderCredit))
		return err
	})
	if err != nil {
		return OrderCredit{}, fmt.Errorf("credit of order %s: %w", id, err)
	}
	return oc, nil
}

// tellEach gives every part what it takes to be told: the names of stores and of those who had it before, not of all who had a claim.
func tellEach(ctx context.Context, tx pgx.Tx, brand shop.BrandID, earned []Earned) error {
	var named []attribution.Beneficiary
	for _, e := range earned {
		for _, c := range e.credit.Credits {
			named = append(named, c.To)
		}
		for _, p := range e.Parts {
			for _, r := range p.Reason.Decided {
				named = append(named, attribution.Beneficiary{Kind: r.FromKind, ID: r.From})
			}
		}
	}
	t, err := tellingOf(ctx, tx, brand, shop.ID{}, named)
	for i := range earned {
		earned[i].telling = t
	}
	return err
}

// concerns says whether the actor, or a store of hers, earns from the order or lost a claim on it.
func concerns(actor shop.Actor, oc ledger.OrderCredit) bool {
	if actor.Is(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem) {
		return true
	}
	isHers := func(holder shop.ID) bool { return holder == actor.ID || slices.Contains(actor.Stores, holder) }
	return slices.ContainsFunc(oc.Credits, func(c ledger.Credit) bool { return isHers(c.To.ID) || isHers(c.Store) }) ||
		slices.ContainsFunc(oc.Lost, func(l ledger.Lost) bool { return isHers(l.To) })
}

func holdersOf(oc ledger.OrderCredit) []shop.ID {
	var ids []shop.ID
	for _, c := range oc.Credits {
		ids = append(ids, c.To.ID, c.Store)
	}
	for _, l := range oc.Lost {
		ids = append(ids, l.To)
	}
	return ids
}
