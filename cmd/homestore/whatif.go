package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
	"homestore/referral/whatif"
)

// whatifOptions are what stands on the command line.
type whatifOptions struct {
	file     string
	brand    string
	from, to plan.Day
}

func parseWhatif(args []string) (o whatifOptions, err error) {
	usage := errors.New("usage: homestore whatif PLAN.yaml --brand SLUG --from YYYY-MM-DD --to YYYY-MM-DD")
	flags := newFlags("whatif")
	flags.StringVar(&o.brand, "brand", "", "")
	flags.TextVar(&o.from, "from", plan.Day{}, "")
	flags.TextVar(&o.to, "to", plan.Day{}, "")
	files, err := parseNames(flags, args)
	if err != nil || len(files) != 1 || o.brand == "" || o.from.IsZero() || o.to.IsZero() {
		return o, usage
	}
	o.file = files[0]
	return o, nil
}

// runWhatif replays a brand's past orders under a draft plan. Nothing is stored; how far it is goes to the standard error.
func runWhatif(ctx context.Context, args []string, out io.Writer) error {
	o, err := parseWhatif(args)
	if err != nil {
		return err
	}
	draft, err := readPlanFile(o.file)
	if err != nil {
		return err
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	return lookAtDomain(ctx, cfg, func(d *domain) error {
		brands, err := d.teams.Brands(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(brands, func(b team.Brand) bool { return b.Slug == o.brand })
		if at < 0 {
			return fmt.Errorf("there is no brand %q", o.brand)
		}
		outcome, err := d.whatif.Replay(ctx, shop.System(brands[at].ID), draft.Plan, o.from, o.to, func(done, of int) {
			fmt.Fprintf(os.Stderr, "%d of %d orders\n", done, of)
		})
		if err != nil {
			return err
		}
		printOutcome(out, outcome)
		return nil
	})
}

// printOutcome tells orders and, where a whole month is among the days, beside them what months give beyond their orders.
func printOutcome(out io.Writer, o whatif.Outcome) {
	fmt.Fprintf(out, "%d orders from %s to %s\n", o.Orders, o.From, o.To)
	if len(o.Months) > 0 {
		fmt.Fprintf(out, "tiers, targets, least and most of %d whole months from %s on stand apart; pools are not divided\n", len(o.Months), o.Months[0].Format("2006-01"))
	}
	for _, b := range o.Books {
		t := outcomeTable{out, b.Currency, len(o.Months) > 0}
		fmt.Fprintln(out)
		t.row(string(b.Currency), "before", "after", "change", "months before", "months after", "whole change")
		t.figures("cost", b.Figures)
		for _, part := range []struct {
			title  string
			totals []whatif.Total
		}{{"biggest winners", b.Winners}, {"biggest losers", b.Losers}, {"everybody", b.Totals}} {
			fmt.Fprintf(out, "%s\n", part.title)
			for _, who := range part.totals {
				t.figures("  "+string(who.To.Kind)+":"+who.Name.Code, who.Figures)
			}
		}
	}
}

// outcomeTable prints one currency.
type outcomeTable struct {
	out       io.Writer
	currency  shop.Currency
	hasMonths bool
}

func (t outcomeTable) figures(name string, f whatif.Figures) {
	var cells []string
	for _, minor := range []int64{f.Before, f.After, f.Change(), f.MonthsBefore, f.MonthsAfter, f.WholeChange()} {
		cells = append(cells, t.currency.Format(minor))
	}
	t.row(name, cells...)
}

func (t outcomeTable) row(name string, cells ...string) {
	if !t.hasMonths {
		cells = cells[:3]
	}
	fmt.Fprintf(t.out, "%-24s", name)
	for _, cell := range cells {
		fmt.Fprintf(t.out, " %14s", cell)
	}
	fmt.Fprintln(t.out)
}
