package main

import (
	"context"

	"homestore/referral/plan"
)

// compareWhatIf replays the days under the story's plan. The totals are complete: whoever is not named would have nothing.
func (g *stage) compareWhatIf(ctx context.Context, x expectation) ([]string, error) {
	from, err := plan.ParseDay(x.From)
	if err != nil {
		return nil, err
	}
	to, err := plan.ParseDay(x.To)
	if err != nil {
		return nil, err
	}
	outcome, err := g.domain.whatif.Replay(ctx, g.system(), *x.WhatIf, from, to, nil)
	if err != nil {
		return nil, err
	}
	got, want := map[string]int64{}, map[string]int64{}
	for _, book := range outcome.Books {
		for _, t := range book.Totals {
			if t.After != 0 {
				got[g.beneficiary(t.To)] += t.After
			}
		}
	}
	for who, minor := range x.Totals {
		if minor != 0 {
			want[who] = minor
		}
	}
	return differ("what if, "+x.From+" to "+x.To, sums(got), sums(want)), nil
}
