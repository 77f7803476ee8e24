// Package report reads across the packages of referral for managers, finance and head office: what was earned, what displays
// did, how stores take part.
//
// Always true: it decides nothing; a report costs what it prints and not what the brand ever sold, because it sums up what was
// rolled up, by the ledger when it posted and by RollUp here; and what was rolled up equals what the facts add up to. All that
// it writes is that roll-up and whose each order is in it (Origin), which can be worked out anew from the facts at any time.
//
// It says what is, not whether a difference means anything: see comparison.
package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// Row is what one beneficiary earned in one role in a month, in minor units:
// Credited - Refunded + Corrected + TrueUps + Divided + Adjusted = Net.
type Row struct {
	To        attribution.Beneficiary
	Code      string // of the store, or employee number
	Name      string
	Role      plan.Role // empty: in no role, as adjustments are
	Currency  shop.Currency
	Credited  int64
	Corrected int64
	Refunded  int64
	TrueUps   int64 // by the close of a month: tiers, targets, its least and most, what the cap forgave
	Divided   int64 // of pools: above zero to a person, below from the pool; over the whole brand zero
	Adjusted  int64 // by hand
	Net       int64
	Entries   int64 // transfers behind the row
}

// Month is a brand's commission dated in one calendar month of its zone.
type Month struct {
	First time.Time // the month's first day, midnight UTC of that date
	Rows  []Row
	Net   map[shop.Currency]int64 // sum of the rows
	// Cost is what the brand's expense account paid out in the month. A report of the whole brand reconciles: Cost = Net.
	Cost map[shop.Currency]int64
}

// Service reads reports, and rolls up what they read.
type Service struct{ pool *postgres.Pool }

// New needs the database.
func New(pool *postgres.Pool) *Service { return &Service{pool: pool} }

// Commission is the report of a month. Head office and finance see the whole brand; a manager her stores and the people who
// work there; staff themselves.
func (s *Service) Commission(ctx context.Context, actor shop.Actor, month time.Time) (Month, error) {
	m := Month{First: time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC), Net: map[shop.Currency]int64{}, Cost: map[shop.Currency]int64{}}
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleManager, shop.RoleStaff, shop.RoleSystem); err != nil {
		return m, err
	}
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		holders, err := holdersFor(ctx, tx, actor, m.First)
		if err != nil {
			return err
		}
		if m.Rows, err = rowsOf(ctx, tx, actor.Brand, holders, m.First); err != nil {
			return err
		}
		if holders == nil {
			return costOf(ctx, tx, actor.Brand, m.First, m.Cost)
		}
		return nil
	})
	if err != nil {
		return m, fmt.Errorf("commission of %s: %w", m.First.Format("2006-01"), err)
	}
	for _, r := range m.Rows {
		m.Net[r.Currency] += r.Net
	}
	return m, nil
}

// holdersFor are those whose figures the actor may read; nil means everybody.
func holdersFor(ctx context.Context, tx pgx.Tx, actor shop.Actor, first time.Time) ([]shop.ID, error) {
	switch actor.Role {
	case shop.RoleStaff:
		return []shop.ID{actor.ID}, nil
	case shop.RoleManager:
		people, err := team.StaffOfStores(ctx, tx, actor.Brand, actor.Stores, first, first.AddDate(0, 1, -1))
		return append(people, actor.Stores...), err
	}
	return nil, nil
}
