package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/report"
)

// explainOptions are what stands on the command line.
type explainOptions struct {
	brand    string
	order    string // its id, or what its source calls it
	language string
	asJSON   bool
}

func parseExplain(args []string) (explainOptions, error) {
	var o explainOptions
	flags := newFlags("explain")
	flags.StringVar(&o.language, "language", "", "")
	flags.BoolVar(&o.asJSON, "json", false, "")
	named, err := parseNames(flags, args)
	if err != nil || len(named) != 2 {
		return o, errExplainUsage
	}
	o.brand, o.order = named[0], named[1]
	return o, nil
}

var errExplainUsage = errors.New("usage: homestore explain BRAND ORDER [--language zh-TW|en] [--json]\n" +
	"       ORDER is an id, or what the shop or till calls the order")

// runExplain prints, for support, all that is known of an order's commission: in words, or as the trace that is stored.
func runExplain(ctx context.Context, args []string, out io.Writer) error {
	o, err := parseExplain(args)
	if err != nil {
		return err
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	return lookAtDomain(ctx, cfg, func(d *domain) error { return explain(ctx, d, o, out) })
}

func explain(ctx context.Context, d *domain, o explainOptions, out io.Writer) error {
	brand, err := d.teams.BrandBySlug(ctx, o.brand)
	if errors.Is(err, shop.ErrNotFound) {
		return fmt.Errorf("there is no brand %q", o.brand)
	}
	if err != nil {
		return err
	}
	ids, err := d.ordersCalled(ctx, brand.ID, o.order)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return fmt.Errorf("brand %q has no order %q", o.brand, o.order)
	}
	for _, id := range ids {
		e, err := d.reports.Explain(ctx, shop.System(brand.ID), id)
		if err != nil {
			return err
		}
		if o.asJSON {
			err = printTrace(out, &e)
		} else {
			err = printExplained(out, &e, shop.PreferredLanguage(o.language, brand.Language), brand.Zone())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ordersCalled are the orders that an id or a name means.
func (d *domain) ordersCalled(ctx context.Context, brand shop.BrandID, called string) (ids []shop.ID, err error) {
	if id, err := shop.ParseID(called); err == nil {
		return []shop.ID{id}, nil
	}
	err = d.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		ids, err = order.Named(ctx, tx, brand, called)
		return err
	})
	return ids, err
}

func printExplained(out io.Writer, e *report.Explained, l shop.Language, zone *time.Location) error {
	told := e.Told(l)
	fmt.Fprintf(out, "%s %s %s, %s\n\n", e.Order.Source, e.Order.ExternalID, e.Order.ID, e.Order.PlacedAt.In(zone).Format(time.DateTime))
	for _, line := range told.Told() {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out)
	for _, t := range e.Transfers {
		fmt.Fprintln(out, t.PostedAt.In(zone).Format(time.DateTime), t.ID, t.Kind, t.Role, told.Transfer(t))
	}
	switch err := e.Credit.Retrace(); {
	case e.Credit.Trace == nil:
		fmt.Fprintln(out, "\nIt was credited before traces were kept.")
	case err != nil:
		return err
	default:
		fmt.Fprintln(out, "\nThe stored trace gives the same to the cent.")
	}
	return nil
}

// printTrace prints what is stored: the trace, the claims that lost, and each credit with its reason.
func printTrace(out io.Writer, e *report.Explained) error {
	text, err := json.MarshalIndent(map[string]any{
		"order": e.Order.ID, "trace": e.Credit.Trace, "lost": e.Credit.Lost, "credits": e.Credit.Credits,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the trace of order %s: %w", e.Order.ID, err)
	}
	_, err = fmt.Fprintln(out, string(text))
	return err
}
