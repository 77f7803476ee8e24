package period

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/team"
	"homestore/referral/plan"
	"homestore/referral/target"
)

// MonthOf reads of a month, as it is known now, what the plan of its last day asks for and no more. Refunds count of orders that were
// placed since an instant; zero: of all.
func MonthOf(ctx context.Context, tx pgx.Tx, brand team.Brand, plans []plan.Plan, first, placedSince time.Time) (Month, error) {
	s := settling{brand: brand}
	m := Month{First: first}
	p, ok := plan.InForce(plans, plan.DayOf(s.ends(first), brand.Zone()))
	if !ok {
		return m, nil
	}
	m.Plan = &p
	from, until := s.begins(first), s.begins(first.AddDate(0, 1, 0))
	var err error
	if roles := MonthlyRoles(p); len(roles) > 0 {
		if m.Bases, err = basesOf(ctx, tx, brand, roles, from, until); err != nil {
			return m, err
		}
	}
	if len(p.Targets) > 0 {
		if m.Targets, err = target.Of(ctx, tx, brand.ID, first); err != nil {
			return m, err
		}
	}
	if p.ClawbackMonthCapMinor != nil {
		m.Clawed, err = clawedIn(ctx, tx, brand, from, until, placedSince)
	}
	return m, err
}

// MonthlyRoles are those in which a month may be due something.
func MonthlyRoles(p plan.Plan) []plan.Role {
	var roles []plan.Role
	for _, r := range plan.Roles {
		_, capped := p.MonthCapMinor[r]
		_, lifted := p.MonthMinMinor[r]
		if capped || lifted || slices.ContainsFunc(p.Tiers, func(t plan.Tier) bool { return t.Role == r }) ||
			slices.ContainsFunc(p.Targets, func(t plan.Target) bool { return t.Role == r }) {
			roles = append(roles, r)
		}
	}
	return roles
}
