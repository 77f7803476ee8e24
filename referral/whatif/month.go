package whatif

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/target"
)

// months collect what the whole months of the days would be due beyond their orders under the draft. They grow with months and
// beneficiaries, not with orders, and cost nothing where the draft asks for nothing of a month.
type months struct {
	draft  plan.Plan
	brand  team.Brand
	since  time.Time   // the first of the days begins
	firsts []time.Time // of the months of which every day is replayed
	roles  []plan.Role // in which the draft may give or take something for a month
	bases  map[time.Time]map[part]*period.Basis
	clawed map[time.Time]map[shop.ID]int64
}

// part is what somebody earns in one role.
type part struct {
	role plan.Role
	to   attribution.Beneficiary
}

func newMonths(draft plan.Plan, brand team.Brand, from, to plan.Day) *months {
	m := &months{
		draft: draft, brand: brand, since: begins(from, brand.Zone()), firsts: wholeMonths(from, to), roles: period.MonthlyRoles(draft),
		bases: map[time.Time]map[part]*period.Basis{}, clawed: map[time.Time]map[shop.ID]int64{},
	}
	for _, first := range m.firsts {
		m.bases[first], m.clawed[first] = map[part]*period.Basis{}, map[shop.ID]int64{}
	}
	return m
}

// wholeMonths are the first days of the months that begin and end between two days, both included.
func wholeMonths(from, to plan.Day) (firsts []time.Time) {
	y, m, day := from.Date()
	if day > 1 {
		m++
	}
	for first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC); !first.AddDate(0, 1, -1).After(to.Time); first = first.AddDate(0, 1, 0) {
		firsts = append(firsts, first)
	}
	return firsts
}

func (m *months) of(at time.Time) time.Time {
	y, month, _ := at.In(m.brand.Zone()).Date()
	return time.Date(y, month, 1, 0, 0, 0, 0, time.UTC)
}

// wouldEarn adds what attribution says of one order under the draft. A month is the brand's, and so is its currency.
func (m *months) wouldEarn(o order.Order, r attribution.Result) {
	if o.Currency != m.brand.Currency {
		return
	}
	if bases := m.bases[m.of(o.PlacedAt)]; bases != nil && len(m.roles) > 0 {
		m.addTo(bases, r)
	}
	if m.draft.ClawbackMonthCapMinor == nil {
		return
	}
	for _, c := range ledger.ClawbacksOf(o, r) {
		if clawed := m.clawed[m.of(c.At)]; clawed != nil {
			clawed[c.Staff] += c.Minor
		}
	}
}

// addTo counts the volume of a line once, however many parcels gave a share of it.
func (m *months) addTo(bases map[part]*period.Basis, r attribution.Result) {
	type counted struct {
		part
		line int
	}
	volumes := ledger.VolumesOf(r)
	var seen []counted
	for _, c := range r.Credits {
		if !slices.Contains(m.roles, c.Role) {
			continue
		}
		at := part{c.Role, c.To}
		b := bases[at]
		if b == nil {
			b = &period.Basis{Role: c.Role, To: c.To, Volume: new(big.Rat)}
			bases[at] = b
		}
		b.Net += c.Left()
		if line := (counted{at, c.Line}); !slices.Contains(seen, line) {
			seen = append(seen, line)
			b.Volume.Add(b.Volume, volumes[c.Line])
		}
	}
}

// into adds to a tally what the months are due by what is known now, under the plans as they are and under the draft.
func (m *months) into(ctx context.Context, tx pgx.Tx, t *tally) error {
	plans, err := plan.List(ctx, tx, m.brand.ID)
	if err != nil {
		return err
	}
	for _, first := range m.firsts {
		is, err := period.MonthOf(ctx, tx, m.brand, plans, first, m.since)
		if err != nil {
			return fmt.Errorf("true up %s: %w", first.Format("2006-01"), err)
		}
		for _, d := range is.TrueUps() {
			t.of(d.To, m.brand.Currency).monthsBefore += d.Minor
		}
		would, err := m.under(ctx, tx, first)
		if err != nil {
			return fmt.Errorf("true up %s: %w", first.Format("2006-01"), err)
		}
		for _, d := range would.TrueUps() {
			t.of(d.To, m.brand.Currency).monthsAfter += d.Minor
		}
	}
	return nil
}

// under is a month under the draft.
func (m *months) under(ctx context.Context, tx pgx.Tx, first time.Time) (month period.Month, err error) {
	month = period.Month{First: first, Plan: &m.draft, Clawed: m.clawed[first]}
	for _, b := range m.bases[first] {
		month.Bases = append(month.Bases, *b)
	}
	if len(m.draft.Targets) > 0 {
		month.Targets, err = target.Of(ctx, tx, m.brand.ID, first)
	}
	return month, err
}
