package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"homestore/api/integration/onlineretail"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

const importUsage = "usage: homestore import online-retail [--json] [--brand SLUG] FILE.csv[.gz]"

// runImport loads a file of orders. Loading it again changes nothing, and one that was killed goes on where it was.
func runImport(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "online-retail" {
		return errors.New(importUsage)
	}
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "")
	slug := flags.String("brand", "online-retail", "")
	// The file may stand before the flags, as people write it.
	rest := slices.Clone(args[1:])
	slices.SortStableFunc(rest, func(a, b string) int { return looksLikeFlag(b) - looksLikeFlag(a) })
	if err := flags.Parse(joinValues(rest, args[1:])); err != nil || flags.NArg() != 1 {
		return errors.New(importUsage)
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	file, err := openMaybeGzip(flags.Arg(0))
	if err != nil {
		return err
	}
	defer file.Close()
	log := slog.New(slog.DiscardHandler)
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	var result onlineretail.Result
	err = doWithDomain(ctx, cfg, db, log, func(d *domain) error {
		brand, store, err := d.brandToImport(ctx, *slug)
		if err != nil {
			return err
		}
		result, err = onlineretail.Import(ctx, d.orders, brand, store, file)
		return err
	})
	if err == nil {
		err = postgres.Analyze(ctx, db.ownerURL) // the planner knows nothing of rows that came by the ten thousand
	}
	if err := errors.Join(err, db.stop()); err != nil {
		return err
	}
	return printImport(out, result, *asJSON)
}
