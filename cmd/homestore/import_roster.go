package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/roster"
)

// importRoster reads a brand's list of referrers and says of each row that did not simply win what became of it. With --json it
// says so of every row, a line each, and then the sum.
func importRoster(ctx context.Context, cfg Config, db *database, o importOptions, out io.Writer) error {
	file, err := openMaybeGzip(o.file)
	if err != nil {
		return err
	}
	defer file.Close()
	return doWithDomain(ctx, cfg, db, slog.New(slog.DiscardHandler), func(d *domain) error {
		brand, err := d.brandOf(ctx, o.brand)
		if err != nil {
			return err
		}
		lines := json.NewEncoder(out)
		sum, err := d.roster.Import(ctx, shop.System(brand), file, roster.Reading{Rehearsal: o.rehearses}, func(v roster.Verdict) error {
			switch {
			case o.asJSON:
				return lines.Encode(v)
			case v.Outcome == roster.RowRefused || v.Outcome == roster.RowWrong:
				_, err := fmt.Fprintf(out, "row %d %s: %s. %s\n", v.Row, v.Outcome, v.Code, v.Hint)
				return err
			}
			return nil
		})
		if o.asJSON && err == nil {
			return lines.Encode(sum)
		}
		if o.rehearses {
			fmt.Fprintln(out, "rehearsed: nothing was changed")
		}
		fmt.Fprintf(out, "rows %d: %d new, %d known, %d refused, %d wrong\n", sum.Rows, sum.New, sum.Known, sum.Refused, sum.Wrong)
		return err
	})
}

// brandOf is the brand with the slug.
func (d *domain) brandOf(ctx context.Context, slug string) (shop.BrandID, error) {
	brands, err := d.teams.Brands(ctx)
	if err != nil {
		return 0, err
	}
	at := slices.IndexFunc(brands, func(b team.Brand) bool { return b.Slug == slug })
	if at < 0 {
		return 0, fmt.Errorf("there is no brand %q", slug)
	}
	return brands[at].ID, nil
}
