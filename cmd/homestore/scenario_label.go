package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// picture is everything that a story may later find unchanged, each under the name by which it asks for it.
type picture map[string]string

// take pictures the brand after a labelled entry.
func (g *stage) take(ctx context.Context, tx pgx.Tx) (picture, error) {
	p := picture{}
	for _, part := range []func(context.Context, pgx.Tx, picture) error{g.pictureBalances, g.pictureStatements, g.pictureOrders, g.pictureHolders} {
		if err := part(ctx, tx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (g *stage) pictureBalances(ctx context.Context, tx pgx.Tx, p picture) error {
	var all []string
	for _, who := range g.everybody() {
		text, err := g.balancesOf(ctx, tx, who, g.story.Currency)
		if err != nil {
			return err
		}
		all = append(all, who+": "+text)
	}
	p["balances"] = strings.Join(all, "; ")
	return nil
}

func (g *stage) pictureStatements(ctx context.Context, tx pgx.Tx, p picture) error {
	periods, err := period.Periods(ctx, tx, g.brand)
	if err != nil {
		return err
	}
	for _, one := range periods {
		statements, err := g.statementsOf(ctx, tx, one.Month)
		if err != nil {
			return err
		}
		var all []string
		for _, who := range slices.Sorted(maps.Keys(statements)) {
			all = append(all, who+": "+sums(statements[who]))
		}
		p["statement "+one.Month.Format("2006-01")] = strings.Join(all, "; ")
	}
	return nil
}

func (g *stage) pictureOrders(ctx context.Context, tx pgx.Tx, p picture) error {
	for name, id := range g.orders {
		oc, err := ledger.CreditsOf(ctx, tx, g.brand, id)
		if err != nil {
			return err
		}
		p["order "+name] = oc.Reason + " " + sums(g.leftOf(oc))
	}
	return nil
}

func (g *stage) pictureHolders(ctx context.Context, tx pgx.Tx, p picture) error {
	for name, id := range g.customers {
		h, err := binding.HolderAt(ctx, tx, g.brand, id, g.now())
		if err != nil {
			return err
		}
		p["holder "+name] = g.holderText(h)
	}
	return nil
}

func (g *stage) compareUnchanged(ctx context.Context, tx pgx.Tx, x expectation) ([]string, error) {
	before, known := g.pictures[x.Since]
	if !known {
		return nil, fmt.Errorf("no entry before has the label %q", x.Since)
	}
	now, err := g.take(ctx, tx)
	if err != nil {
		return nil, err
	}
	var differences []string
	for _, what := range x.Unchanged {
		_, then := before[what]
		if _, is := now[what]; !then && !is {
			differences = append(differences, what+" is not there")
			continue
		}
		differences = append(differences, differ(what+" since "+x.Since, now[what], before[what])...)
	}
	return differences, nil
}
