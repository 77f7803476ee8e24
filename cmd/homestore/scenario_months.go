package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/period"
	"homestore/referral/target"
)

// monthOf reads a month of the story as its first day.
func monthOf(text string) (time.Time, error) { return time.Parse("2006-01", text) }

// closeMonth sets the hours that the story tells with the close, and closes.
func (g *stage) closeMonth(ctx context.Context, e entry) (string, error) {
	month, err := monthOf(e.Month)
	if err != nil {
		return "", err
	}
	over := time.Date(month.Year(), month.Month()+1, 1, 0, 0, 0, 0, g.story.zone)
	if !g.now().Before(over) {
		if err := g.setHours(ctx, month, e.Hours); err != nil {
			return "", err
		}
	}
	return codeOf(g.domain.periods.Close(ctx, g.system(), month))
}

func (g *stage) setHours(ctx context.Context, month time.Time, hours map[string]map[string]json.Number) error {
	for _, store := range slices.Sorted(maps.Keys(hours)) {
		for _, name := range slices.Sorted(maps.Keys(hours[store])) {
			minutes, err := minutesOf(hours[store][name])
			if err != nil {
				return fmt.Errorf("hours of %s: %w", name, err)
			}
			worked := target.Hours{Month: month, Store: g.stores[store], Staff: g.staff[name], Minutes: minutes}
			if err := g.domain.targets.SetHours(ctx, g.system(), worked); err != nil {
				return fmt.Errorf("hours of %s: %w", name, err)
			}
		}
	}
	return nil
}

func (g *stage) payMonth(ctx context.Context, e entry) (string, error) {
	month, err := monthOf(e.Month)
	if err != nil {
		return "", err
	}
	var only []attribution.Beneficiary
	for _, who := range e.Only {
		only = append(only, g.beneficiaryOf(who))
	}
	_, err = g.domain.periods.Pay(ctx, g.system(), month, only, "")
	return codeOf(err)
}

// minutesOf reads hours, whole or with a fraction that makes whole minutes.
func minutesOf(hours json.Number) (int64, error) {
	h, is := new(big.Rat).SetString(hours.String())
	if !is {
		return 0, fmt.Errorf("%q is no number", hours)
	}
	if h.Mul(h, big.NewRat(60, 1)); !h.IsInt() || !h.Num().IsInt64() {
		return 0, fmt.Errorf("%s hours are no whole minutes", hours)
	}
	return h.Num().Int64(), nil
}

// statementsOf are a month's statements by beneficiary, each as stories write it.
func (g *stage) statementsOf(ctx context.Context, tx pgx.Tx, month time.Time) (map[string]map[string]int64, error) {
	all, err := period.Statements(ctx, tx, g.brand, month)
	out := map[string]map[string]int64{}
	for _, s := range all {
		if s.Currency == g.story.Currency {
			out[g.beneficiary(s.To)] = map[string]int64{"movement": s.Movement, "stated": s.Stated, "carried": s.Carried}
		}
	}
	return out, err
}

func (g *stage) compareStatement(ctx context.Context, tx pgx.Tx, x expectation) ([]string, error) {
	month, err := monthOf(x.Statement)
	if err != nil {
		return nil, err
	}
	got, err := g.statementsOf(ctx, tx, month)
	if err != nil {
		return nil, err
	}
	var differences []string
	for _, who := range slices.Sorted(maps.Keys(x.Of)) {
		want := map[string]int64{}
		for part, minor := range x.Of[who] {
			want[part] = minor
		}
		has := map[string]int64{}
		for part := range want {
			has[part] = got[who][part]
		}
		differences = append(differences, differ("statement "+x.Statement+" of "+who, sums(has), sums(want))...)
	}
	return differences, nil
}

// everybody are all who may have an account, as stories write them.
func (g *stage) everybody() []string {
	var all []string
	for code := range g.stores {
		all = append(all, "store:"+code, "pool:"+code)
	}
	for name := range g.staff {
		all = append(all, "staff:"+name)
	}
	slices.Sort(all)
	return all
}

func nonZero(of map[string]int64) map[string]int64 {
	kept := maps.Clone(of)
	maps.DeleteFunc(kept, func(_ string, minor int64) bool { return minor == 0 })
	return kept
}

// balancesOf writes somebody's balances, states that are zero left out.
func (g *stage) balancesOf(ctx context.Context, tx pgx.Tx, who string, currency shop.Currency) (string, error) {
	balances, err := g.balancesIn(ctx, tx, who, currency)
	return sums(nonZero(balances)), err
}
