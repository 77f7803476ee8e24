package report

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/plan"
	"homestore/referral/target"
)

// Side is where revenue is booked: in the shops, or on the web.
type Side string

const (
	ShopSide Side = "shop" // shops, counters, pop-ups and shelves of others
	WebSide  Side = "web"  // online stores
)

func sideOf(kind team.StoreKind) Side {
	if kind == team.Online {
		return WebSide
	}
	return ShopSide
}

// SplitRow is the net revenue of a store's month: of what it sold, and of what belongs to it by the credit.
type SplitRow struct {
	Store  shop.ID
	Code   string
	Name   string
	Side   Side
	Before int64
	After  int64
}

// RoleCost is what was earned in a role in a month, by the book.
type RoleCost struct {
	Role  plan.Role
	To    attribution.Kind
	Minor int64
	BP    int64 // of the month's net revenue
}

// Achieved is a target and what was reached of it.
type Achieved struct {
	Holder attribution.Beneficiary
	Code   string
	Name   string
	Target int64
	Progress
}

// Split is a month as head office looks at it (營收拆分), in the brand's currency. Before and after add up to the same: Net.
type Split struct {
	First    time.Time
	Currency shop.Currency
	Stores   []SplitRow
	Net      int64
	Cost     int64 // what left the brand's expense account, dated in the month; the sum of Roles
	CostBP   int64
	Roles    []RoleCost
	Targets  []Achieved
}

// Split is the revenue of a month before and after credit, what commission cost of it, who earned by role, and how targets were
// met. Revenue is that of the orders placed in the month, less what went back of them until now; cost is what is dated in the
// month. Head office and finance may read it.
func (s *Service) Split(ctx context.Context, actor shop.Actor, month time.Time) (Split, error) {
	out := Split{First: time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)}
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return out, err
	}
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		out.Currency = brand.Currency
		if out.Stores, err = splitOf(ctx, tx, brand, out.First); err != nil {
			return err
		}
		if out.Roles, err = rolesOf(ctx, tx, brand, out.First); err != nil {
			return err
		}
		out.Targets, err = targetsMet(ctx, tx, brand, out.First)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("split of %s: %w", out.First.Format("2006-01"), err)
	}
	for _, r := range out.Stores {
		out.Net += r.Before
	}
	for i := range out.Roles {
		r := &out.Roles[i]
		out.Cost += r.Minor
		r.BP = shareBP(r.Minor, out.Net)
	}
	out.CostBP = shareBP(out.Cost, out.Net)
	return out, nil
}

// shareBP is a part of a whole in basis points, half up; 0 of nothing.
func shareBP(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return shop.HalfUp(new(big.Rat).Mul(big.NewRat(part, whole), big.NewRat(10_000, 1)))
}

func targetsMet(ctx context.Context, tx pgx.Tx, brand team.Brand, first time.Time) ([]Achieved, error) {
	targets, err := target.Of(ctx, tx, brand.ID, first)
	if err != nil || len(targets) == 0 {
		return nil, err
	}
	reached, err := reachedOf(ctx, tx, brand, first)
	if err != nil {
		return nil, err
	}
	plans, err := plan.List(ctx, tx, brand.ID)
	if err != nil {
		return nil, err
	}
	roles := targetRoles(plans, first)
	ids := make([]shop.ID, 0, len(targets))
	for holder := range targets {
		ids = append(ids, holder.ID)
	}
	names, err := namesOf(ctx, tx, brand.ID, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Achieved, 0, len(targets))
	for holder, minor := range targets {
		out = append(out, Achieved{holder, names[holder.ID].Code, names[holder.ID].Name, minor, progressOf(reached, holder, minor, roles)})
	}
	slices.SortFunc(out, func(a, b Achieved) int {
		return cmp.Or(-cmp.Compare(a.Holder.Kind, b.Holder.Kind), cmp.Compare(a.Code, b.Code)) // stores first
	})
	return out, nil
}
