package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"homestore/api/integration/onlineretail"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// importOptions are what stands on the command line.
type importOptions struct {
	what      string
	file      string
	brand     string
	asJSON    bool
	rehearses bool
}

// What an import may load.
const (
	importOrders    = "online-retail"
	importReferrers = "referrers"
)

func parseImport(args []string) (importOptions, error) {
	usage := errors.New("usage: homestore import online-retail FILE.csv[.gz] [--json] [--brand SLUG]\n" +
		"       homestore import referrers FILE.csv[.gz] --brand SLUG [--dry-run] [--json]")
	if len(args) == 0 || args[0] != importOrders && args[0] != importReferrers {
		return importOptions{}, usage
	}
	o := importOptions{what: args[0]}
	usual := map[string]string{importOrders: onlineRetailBrand.Slug} // a list is of a brand that is there
	flags := newFlags("import")
	flags.BoolVar(&o.asJSON, "json", false, "")
	flags.StringVar(&o.brand, "brand", usual[o.what], "")
	if o.what == importReferrers {
		flags.BoolVar(&o.rehearses, "dry-run", false, "")
	}
	files, err := parseNames(flags, args[1:])
	if err != nil || len(files) != 1 || o.brand == "" {
		return o, usage
	}
	o.file = files[0]
	return o, nil
}

// runImport loads a file of orders, or the list of who referred whom. Loading it again changes nothing, and one that was killed goes on where it was.
func runImport(ctx context.Context, args []string, out io.Writer) error {
	o, err := parseImport(args)
	if err != nil {
		return err
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	if o.what == importReferrers {
		return errors.Join(importRoster(ctx, cfg, db, o, out), db.stop())
	}
	result, err := importFile(ctx, cfg, db, log, o)
	if err := errors.Join(err, db.stop()); err != nil {
		return err
	}
	return printImport(out, result, o)
}

func importFile(ctx context.Context, cfg Config, db *database, log *slog.Logger, o importOptions) (result onlineretail.Result, err error) {
	file, err := openMaybeGzip(o.file)
	if err != nil {
		return result, err
	}
	defer file.Close()
	err = doWithDomain(ctx, cfg, db, log, func(d *domain) error {
		brand, store, err := d.webStoreOf(ctx, o.brand)
		if err != nil {
			return err
		}
		result, err = onlineretail.Import(ctx, d.orders, brand, store, file)
		return err
	})
	if err == nil {
		err = postgres.Analyze(ctx, db.ownerURL) // the planner knows nothing of rows that came by the ten thousand
	}
	return result, err
}

// openMaybeGzip reads a file, and through gzip when its name says so.
func openMaybeGzip(name string) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return file, err
	}
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{unzipped, file}, nil
}

// onlineRetailBrand is made for a file of Online Retail where no other brand is named: a British gift shop.
var onlineRetailBrand = team.Brand{
	Slug: "online-retail", Name: shop.Text{shop.English: "Online Retail"}, TimeZone: "Europe/London", Language: shop.English,
	Currency: onlineretail.Currency, SiteURL: "https://online-retail.example", ShortDomain: "go.online-retail.example",
}

// webStoreOf is the brand with the slug and its web store, whose orders a file holds.
func (d *domain) webStoreOf(ctx context.Context, slug string) (shop.BrandID, shop.ID, error) {
	brands, err := d.teams.Brands(ctx)
	if err != nil {
		return 0, shop.ID{}, err
	}
	at := slices.IndexFunc(brands, func(b team.Brand) bool { return b.Slug == slug })
	if at < 0 && slug != onlineRetailBrand.Slug {
		return 0, shop.ID{}, fmt.Errorf("there is no brand %q", slug)
	}
	if at < 0 {
		b := onlineRetailBrand
		for _, other := range brands {
			b.ID = max(b.ID, other.ID)
		}
		b.ID++
		if _, err := d.teams.AddBrand(ctx, b); err != nil {
			return 0, shop.ID{}, err
		}
		brands, at = append(brands, b), len(brands)
	}
	actor := shop.System(brands[at].ID)
	stores, _, err := d.teams.ListStores(ctx, actor, shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		return 0, shop.ID{}, err
	}
	for _, st := range stores {
		if st.Kind == team.Online {
			return actor.Brand, st.ID, nil
		}
	}
	web, err := d.teams.AddStore(ctx, actor, team.Store{Code: "WEB", Name: shop.Text{shop.English: "Web shop"}, Kind: team.Online})
	return actor.Brand, web.ID, err
}

func printImport(out io.Writer, r onlineretail.Result, o importOptions) error {
	if o.asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	fmt.Fprintf(out, "brand           %s\n", o.brand)
	aside := 0
	for _, n := range r.SetAside {
		aside += n
	}
	fmt.Fprintf(out, "lines read      %8d\n", r.Lines)
	fmt.Fprintf(out, "orders          %8d with %d lines\n", r.Orders, r.OrderLines)
	fmt.Fprintf(out, "credit notes    %8d with %d lines; a note may refund several orders\n", r.Credits, r.RefundLines)
	fmt.Fprintf(out, "set aside       %8d lines\n", aside)
	printSetAside(out, r)
	fmt.Fprintf(out, "gross           %s %s\n", r.Currency.Format(r.GrossMinor), r.Currency)
	fmt.Fprintf(out, "refunded        %s %s\n", r.Currency.Format(r.RefundedMinor), r.Currency)
	fmt.Fprintf(out, "surplus         %s %s, on credit notes beyond what was paid\n", r.Currency.Format(r.SurplusMinor), r.Currency)
	fmt.Fprintf(out, "new             %8d orders and refunds; %d were known\n", r.Applied, r.Ignored)
	fmt.Fprintf(out, "lines a second  %8.0f\n", r.PerSecond)
	return nil
}

// printSetAside names lines of each reason, the first of them where there are many, and says what to do.
func printSetAside(out io.Writer, r onlineretail.Result) {
	for _, why := range slices.Sorted(maps.Keys(r.SetAside)) {
		var lines []string
		hint := ""
		for _, l := range r.SetAsideLines {
			if l.Code == why {
				lines, hint = append(lines, strconv.Itoa(l.Line)), l.Hint
			}
		}
		fmt.Fprintf(out, "  %-22s %6d: line %s", why, r.SetAside[why], strings.Join(lines, ", "))
		if more := r.SetAside[why] - len(lines); more > 0 {
			fmt.Fprintf(out, " and %d more", more)
		}
		fmt.Fprintf(out, "\n    → %s\n", hint)
	}
}
