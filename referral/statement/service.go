package statement

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/period"
)

// Service reads the statements of closed months, and hands what became of paying them to period.
type Service struct {
	pool    *postgres.Pool
	periods *period.Service
	address string // of this Homestore, to which the links of lines lead
}

// New needs the database, what closes months, and the address under which people reach this Homestore.
func New(pool *postgres.Pool, periods *period.Service, address string) *Service {
	return &Service{pool: pool, periods: periods, address: address}
}

// Entry is a statement in a list.
type Entry struct {
	period.Statement

	Party   Party
	Paid    int64
	Tries   int
	Outcome string // of the last try to pay: period.Paid or Failed; empty: nobody has tried
}

// Left is what is still to be paid.
func (e Entry) Left() int64 { return e.Stated - e.Paid }

var whoReads = []shop.Role{shop.RoleHQ, shop.RoleFinance, shop.RoleManager, shop.RoleStaff, shop.RoleSystem}

// reach are those whose statements of a month the actor reads; nil: everybody. Head office and finance read all; a manager those
// of her stores, of their pools, and of whoever worked there in that month; staff their own.
func reach(ctx context.Context, tx pgx.Tx, actor shop.Actor, month time.Time) (holders []shop.ID, err error) {
	switch actor.Role {
	case shop.RoleStaff:
		return []shop.ID{actor.ID}, nil
	case shop.RoleManager:
		people, err := team.StaffOfStores(ctx, tx, actor.Brand, actor.Stores, month, month.AddDate(0, 1, -1))
		return append(people, actor.Stores...), err
	}
	return nil, nil
}

// reads says whether the actor reads somebody's statement of a month.
func reads(ctx context.Context, tx pgx.Tx, actor shop.Actor, st period.Statement) (bool, error) {
	holders, err := reach(ctx, tx, actor, st.Month)
	return holders == nil || slices.Contains(holders, st.To.ID), err
}

// List is a page of a month's statements that the actor reads: stores, then people, then pools, or one kind of them.
// period.ErrOpen when the month is not closed.
func (s *Service) List(ctx context.Context, actor shop.Actor, month time.Time, kind attribution.Kind, in shop.Language, page shop.Page) (all []Entry, next string, err error) {
	if err := actor.Allow(whoReads...); err != nil {
		return nil, "", err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		if _, err := period.PeriodOf(ctx, tx, actor.Brand, month); err != nil {
			return err
		}
		holders, err := reach(ctx, tx, actor, month)
		if err != nil {
			return err
		}
		statements, err := period.Statements(ctx, tx, actor.Brand, month)
		if err != nil {
			return err
		}
		statements = slices.DeleteFunc(statements, func(st period.Statement) bool {
			return kind != "" && st.To.Kind != kind || holders != nil && !slices.Contains(holders, st.To.ID)
		})
		statements, next = pageOf(page, statements)
		all, err = entriesOf(ctx, tx, actor.Brand, statements, in)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("statements of %s: %w", month.Format("2006-01"), err)
	}
	return all, next, nil
}

// Mine are a page of the actor's own statements, the last month first, whatever her role.
func (s *Service) Mine(ctx context.Context, actor shop.Actor, in shop.Language, page shop.Page) (all []Entry, next string, err error) {
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		statements, err := period.StatementsOf(ctx, tx, actor.Brand, attribution.StaffOf(actor.ID))
		if err != nil {
			return err
		}
		statements, next = pageOf(page, statements)
		all, err = entriesOf(ctx, tx, actor.Brand, statements, in)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("statements of %s: %w", actor.Pseudonym(), err)
	}
	return all, next, nil
}

// pageOf is the page of a list that was read whole: of a month, or of a person.
func pageOf(page shop.Page, all []period.Statement) (items []period.Statement, next string) {
	if !page.After.IsZero() {
		at := slices.IndexFunc(all, func(st period.Statement) bool { return st.ID == page.After })
		all = all[at+1:]
	}
	return shop.Cut(page, all, func(st period.Statement) shop.ID { return st.ID })
}

// entriesOf are statements with the names of whose they are and what was paid of each.
func entriesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, statements []period.Statement, in shop.Language) ([]Entry, error) {
	holders := make([]attribution.Beneficiary, len(statements))
	tries := map[time.Time][]period.Payout{}
	for i, st := range statements {
		holders[i] = st.To
		if _, isRead := tries[st.Month]; !isRead {
			payouts, err := period.Payouts(ctx, tx, brand, st.Month)
			if err != nil {
				return nil, err
			}
			tries[st.Month] = payouts
		}
	}
	parties, err := partiesOf(ctx, tx, brand, holders, in)
	if err != nil {
		return nil, err
	}
	all := make([]Entry, len(statements))
	for i, st := range statements {
		all[i] = Entry{Statement: st, Party: parties[st.To]}
		all[i].add(tries[st.Month])
	}
	return all, nil
}

// add counts those of a month's tries to pay that are this statement's.
func (e *Entry) add(payouts []period.Payout) {
	for _, p := range payouts {
		if p.To != e.To || p.Currency != e.Currency {
			continue
		}
		e.Tries++
		e.Outcome = p.Outcome
		if p.Outcome == period.Paid {
			e.Paid += p.Minor
		}
	}
}

// partiesOf names beneficiaries; of stores and their pools in a language.
func partiesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, holders []attribution.Beneficiary, in shop.Language) (map[attribution.Beneficiary]Party, error) {
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	places := make(map[shop.ID]team.Store, len(stores))
	for _, st := range stores {
		places[st.ID] = st
	}
	var ids []shop.ID
	parties := make(map[attribution.Beneficiary]Party, len(holders))
	for _, to := range holders {
		st := places[to.ID]
		parties[to] = Party{Kind: to.Kind, IsOnline: st.Kind == team.Online, Code: st.Code, Name: st.Name.In(in)}
		if to.Kind == attribution.ToStaff {
			ids = append(ids, to.ID)
		}
	}
	people, err := team.StaffByIDs(ctx, tx, brand, ids)
	for id, p := range people {
		parties[attribution.StaffOf(id)] = Party{Kind: attribution.ToStaff, Code: p.EmployeeNo, Name: p.Name}
	}
	return parties, err
}
