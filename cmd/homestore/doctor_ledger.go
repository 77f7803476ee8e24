package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// ledgerOptions are what stands on the command line of doctor ledger.
type ledgerOptions struct {
	brand  string // slug; empty: every brand
	sample int    // so many orders that are drawn; 0: all
	asJSON bool
}

var errLedgerUsage = errors.New("usage: homestore doctor ledger [--brand SLUG] [--sample N] [--json]")

func parseDoctorLedger(args []string) (ledgerOptions, error) {
	var o ledgerOptions
	flags := newFlags("doctor ledger")
	flags.StringVar(&o.brand, "brand", "", "")
	flags.IntVar(&o.sample, "sample", 0, "")
	flags.BoolVar(&o.asJSON, "json", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || o.sample < 0 {
		return o, errLedgerUsage
	}
	return o, nil
}

// brandCompared is what came of one brand: also with --json.
type brandCompared struct {
	Brand string `json:"brand"`
	ledger.Comparison
	ClosedMonths period.Comparison `json:"closed_months"`
}

func (b brandCompared) differences() int { return len(b.Differences) + len(b.ClosedMonths.Differences) }

// runDoctorLedger works every order and every closed month out once more from its facts, in SQL that shares nothing with the program's
// own arithmetic, and compares with the book; and every order from its trace. Exit status: 0 they are equal, 1 they are not, 2 it could not look.
func runDoctorLedger(ctx context.Context, args []string, out io.Writer) error {
	o, err := parseDoctorLedger(args)
	if err != nil {
		return statusError{2, err}
	}
	cfg, err := readConfig()
	if err != nil {
		return statusError{2, err}
	}
	db, err := findDatabase(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return statusError{2, err}
	}
	all, err := compareBooks(ctx, db, o, out)
	if err = errors.Join(err, db.stop()); err != nil {
		return statusError{2, err}
	}
	if o.asJSON {
		if err := json.NewEncoder(out).Encode(all); err != nil {
			return err
		}
	}
	differences := 0
	for _, b := range all {
		differences += b.differences()
	}
	if differences > 0 {
		return statusError{1, fmt.Errorf("%d figures of the book are others than the facts make them", differences)}
	}
	return nil
}

func compareBooks(ctx context.Context, db *database, o ledgerOptions, out io.Writer) ([]brandCompared, error) {
	pool, err := postgres.Open(ctx, postgres.Config{URL: db.appURL, MaxConnections: 2})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	teams, err := team.New(pool, time.Now, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		return nil, err
	}
	brands, err := teams.Brands(ctx)
	if err != nil {
		return nil, err
	}
	all := []brandCompared{}
	for _, b := range brands {
		if o.brand != "" && o.brand != b.Slug {
			continue
		}
		c, err := compareBook(ctx, pool, b, o, out)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if o.brand != "" && len(all) == 0 {
		return nil, fmt.Errorf("there is no brand %q", o.brand)
	}
	return all, nil
}

// compareBook tells people how far it is, and what it found.
func compareBook(ctx context.Context, pool *postgres.Pool, b team.Brand, o ledgerOptions, out io.Writer) (c brandCompared, err error) {
	if o.asJSON {
		out = io.Discard
	}
	c.Brand = b.Slug
	began := time.Now()
	r := reconciling{pool: pool, brand: b.ID, now: began, heard: func(c ledger.Comparison) {
		if c.Orders%ordersCompared == 0 {
			fmt.Fprintf(out, "%s: %d orders compared, %d differences\n", b.Slug, c.Orders, len(c.Differences))
		}
	}}
	if o.sample > 0 {
		c.Comparison, err = r.some(ctx, o.sample)
	} else {
		c.Comparison, err = r.all(ctx, ledger.Turn{})
	}
	if err != nil {
		return c, err
	}
	if c.ClosedMonths, err = r.months(ctx, time.Time{}); err != nil {
		return c, err
	}
	c.print(out, time.Since(began))
	return c, nil
}

func (b brandCompared) print(out io.Writer, took time.Duration) {
	for _, d := range b.Differences {
		fmt.Fprintln(out, d)
	}
	for _, d := range b.ClosedMonths.Differences {
		fmt.Fprintln(out, d)
	}
	months := fmt.Sprintf("%d closed months", b.ClosedMonths.Months)
	if n := b.ClosedMonths.Waiting; n > 0 {
		months += fmt.Sprintf(" (%d more wait for the next close: something became known of them since the last)", n)
	}
	if n := b.differences(); n > 0 {
		if len(b.Differences) == differencesShown {
			fmt.Fprintf(out, "… and perhaps more: %d are shown of those of orders\n", differencesShown)
		}
		fmt.Fprintf(out, "%s: %d differences in %d orders and %s\n  → stop paying out until it is known which of the two is right\n", b.Brand, n, b.Orders, months)
		return
	}
	fmt.Fprintf(out, "ok: %s: the book says of %d orders, of %d shares, and of %s, what their facts make of them by a second implementation, and every trace what is kept (%s)\n",
		b.Brand, b.Orders, b.Shares, months, took.Round(time.Millisecond))
}

// sampleOfDoctor is how many orders of each brand the whole doctor works out: a second's work.
const sampleOfDoctor = 500

func lookAtSample(ctx context.Context, e *examination) error {
	c, err := reconciling{pool: e.pool, brand: e.brand.ID, now: e.now}.some(ctx, sampleOfDoctor)
	if len(c.Differences) > 0 {
		e.find("stop paying out; `homestore doctor ledger --brand "+e.brand.Slug+"` compares every order",
			"of %d drawn orders %d figures are others in the book than their facts make them: %v", c.Orders, len(c.Differences), c.Differences[0])
	}
	return err
}

func lookAtMonths(ctx context.Context, e *examination) error {
	r := reconciling{pool: e.pool, brand: e.brand.ID, now: e.now}
	c, err := r.months(ctx, r.lately())
	if len(c.Differences) > 0 {
		e.find("stop paying out; `homestore doctor ledger --brand "+e.brand.Slug+"` compares every month",
			"of %d closed months %d figures are others in the book than are due: %v", c.Months, len(c.Differences), c.Differences[0])
	}
	return err
}
