package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/target"
)

// Mine is what a person has earned, and how far she is with her target.
type Mine struct {
	Day    time.Time // today in the brand's zone, midnight UTC of that date
	Month  time.Time // its first day
	Money  []MyMoney // one for each currency; of who has not earned yet, zero in the brand's
	Target *MyTarget // nil: she has none this month
}

// MyMoney is a person's money in one currency, in minor units.
type MyMoney struct {
	Balance
	Carried int64 // below zero: what went back beyond what she had; future commission makes it good first, and nothing else
	Today   int64
	Month   int64
	Parts   []MyPart // of Month, which they add up to
}

// MyPart is what she earned in a role by one kind of transfers, dated in the month: credit, refund, and what a close adds.
type MyPart struct {
	Kind  ledger.TransferKind
	Role  plan.Role
	Minor int64
}

// MyTarget is in the brand's currency.
type MyTarget struct {
	Currency shop.Currency
	Minor    int64
	Progress
}

// Mine is what the actor herself has earned today and this month, what she has in each state of money, and her target. Unlike the
// reports of a whole brand it is worked out from her own credits as they are this moment.
func (s *Service) Mine(ctx context.Context, actor shop.Actor, now time.Time) (Mine, error) {
	var out Mine
	to := attribution.StaffOf(actor.ID)
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		out.Day = brand.Day(now)
		out.Month = time.Date(out.Day.Year(), out.Day.Month(), 1, 0, 0, 0, 0, time.UTC)
		balances, err := balancesOf(ctx, tx, actor.Brand, to)
		if err != nil {
			return err
		}
		if len(balances) == 0 {
			balances = []Balance{{Currency: brand.Currency}}
		}
		parts, err := myPartsOf(ctx, tx, actor.Brand, to, out.Month, out.Day)
		if err != nil {
			return err
		}
		for _, b := range balances {
			out.Money = append(out.Money, moneyOf(b, parts[b.Currency]))
		}
		out.Target, err = myTarget(ctx, tx, brand, to, out.Month)
		return err
	})
	if err != nil {
		return Mine{}, fmt.Errorf("earnings of %s: %w", actor.Pseudonym(), err)
	}
	return out, nil
}

// datedPart is a part of the month, and what of it is today's.
type datedPart struct {
	MyPart
	today int64
}

func moneyOf(b Balance, parts []datedPart) MyMoney {
	m := MyMoney{Balance: b, Carried: min(b.Payable, 0)}
	for _, p := range parts {
		m.Today += p.today
		m.Month += p.Minor
		if p.Minor != 0 {
			m.Parts = append(m.Parts, p.MyPart)
		}
	}
	return m
}

func myTarget(ctx context.Context, tx pgx.Tx, brand team.Brand, to attribution.Beneficiary, month time.Time) (*MyTarget, error) {
	targets, err := target.Of(ctx, tx, brand.ID, month)
	if err != nil || targets[to] == 0 {
		return nil, err
	}
	first := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, brand.Zone())
	in := span{from: shop.FloorID(first), until: shop.FloorID(first.AddDate(0, 1, 0))}
	lines, err := monthLines(ctx, tx, brand, to, in)
	if err != nil {
		return nil, err
	}
	plans, err := plan.List(ctx, tx, brand.ID)
	if err != nil {
		return nil, err
	}
	progress := progressOf(volumesOf(lines), to, targets[to], targetRoles(plans, month))
	return &MyTarget{Currency: brand.Currency, Minor: targets[to], Progress: progress}, nil
}
