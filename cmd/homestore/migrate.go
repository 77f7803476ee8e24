package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// runMigrate brings the schema up to this program's. `homestore serve` does the same when it starts; where many processes are
// deployed at once, this is run before them.
func runMigrate(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		return errors.New("usage: homestore migrate")
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ok: the schema is this program's")
	return db.stop()
}

// runSeed makes a brand with its stores, people, plan, products and tags: the demo brand, or the one of a file of the same
// form (cmd/homestore/seed.json). What is there already stays as it is.
func runSeed(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 1 {
		return errors.New("usage: homestore seed [FILE.json]")
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return withDomain(ctx, cfg, func(d *domain) error {
			if err := d.seedDemo(ctx, cfg); err != nil {
				return err
			}
			fmt.Fprintln(out, "ok: the demo brand is there; its passwords are in cmd/homestore/seed.json, for everybody to read")
			return nil
		})
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	s, err := parseSeed(text)
	if err != nil {
		return err
	}
	return withDomain(ctx, cfg, func(d *domain) error {
		if _, err := d.seedBrandOf(ctx, s, cfg.PublicURL); err != nil {
			return err
		}
		fmt.Fprintf(out, "ok: brand %s has %d stores and %d people\n", s.Brand.Slug, len(s.Stores), len(s.Staff))
		return nil
	})
}
