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
	return withDomain(ctx, cfg, func(d *domain) error {
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

func printOutcome(out io.Writer, o whatif.Outcome) {
	fmt.Fprintf(out, "%d orders from %s to %s\n", o.Orders, o.From, o.To)
	for _, b := range o.Books {
		fmt.Fprintf(out, "\n%-24s %14s %14s %14s\n", b.Currency, "before", "after", "change")
		printReplayed(out, b.Currency, "cost", b.Before, b.After)
		for _, part := range []struct {
			title  string
			totals []whatif.Total
		}{{"biggest winners", b.Winners}, {"biggest losers", b.Losers}, {"everybody", b.Totals}} {
			fmt.Fprintf(out, "%s\n", part.title)
			for _, t := range part.totals {
				printReplayed(out, b.Currency, "  "+string(t.To.Kind)+":"+t.Name.Code, t.Before, t.After)
			}
		}
	}
}

func printReplayed(out io.Writer, c shop.Currency, name string, before, after int64) {
	fmt.Fprintf(out, "%-24s %14s %14s %14s\n", name, c.Format(before), c.Format(after), c.Format(after-before))
}
