package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"homestore/api/integration/onlineretail"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// benchImport measures the import of an Online Retail file, from its bytes to the last commit, against COPY of the rows that
// it made.
func benchImport(ctx context.Context, b *bench) (r benchResult, err error) {
	file, err := b.importFile()
	if err != nil {
		return r, err
	}
	m := cpuMeter{server: os.Getpid()}
	if m.postmaster, err = b.db.postmaster(); err != nil {
		return r, err
	}
	// As `homestore import` finds them after the first of its batches: what is measured is rows, not making years.
	if err := postgres.MakePartitions(ctx, b.db.ownerURL, time.Date(2009, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2011, 12, 31, 0, 0, 0, 0, time.UTC)); err != nil {
		return r, err
	}
	stop, err := profileTo(b.profileOf("import"))
	if err != nil {
		return r, err
	}
	defer stop()
	err = b.withDomain(ctx, func(d *domain) error {
		r, err = b.importByTurns(ctx, d, &m, file)
		return err
	})
	return r, err
}

func (b *bench) importByTurns(ctx context.Context, d *domain, m *cpuMeter, file []byte) (r benchResult, err error) {
	var withKeys, bare rounds
	var took, limit []time.Duration
	turns := 3
	if b.isQuick {
		turns = 1
	}
	for turn := range turns {
		var read onlineretail.Result
		brand, store, err := d.importBrand(ctx, turn)
		if err != nil {
			return r, err
		}
		began := time.Now()
		err = m.during(func() error {
			read, err = onlineretail.Import(ctx, d.orders, brand, store, bytes.NewReader(file))
			return err
		})
		if err != nil {
			return r, err
		}
		ours := time.Since(began)
		keyed, plain, err := b.copyByTurns(ctx, brand)
		if err != nil {
			return r, err
		}
		lines := float64(read.Lines)
		withKeys.add(lines/ours.Seconds(), lines/keyed.Seconds())
		bare.add(lines/ours.Seconds(), lines/plain.Seconds())
		took, limit = append(took, ours), append(limit, keyed)
		r.N += read.Lines
		r.Adds = map[string]float64{"orders": float64(read.Orders), "refunds": float64(read.Credits)}
	}
	slices.Sort(took)
	slices.Sort(limit)
	name := "a drawn file of the same form"
	if b.file != "" {
		name = filepath.Base(b.file)
	}
	r.Unit, r.Against = "lines of "+name+", two batches at a time; times are the whole file's", "COPY of the rows that it made, into unpartitioned tables with the same keys and indexes, in one transaction"
	r.Rate, r.LimitRate, r.Ratio = median(withKeys.rates), median(withKeys.limits), median(withKeys.ratios)
	r.P50, r.P99, r.LimitP99 = percentile(took, 0.5), percentile(took, 0.99), percentile(limit, 0.99)
	r.CPU, r.ResidentMB = m.sum.per(r.N), residentMB(m.server)
	r.Adds["ratio_without_keys"], r.Adds["copy_rate_without_keys"] = median(bare.ratios), median(bare.limits)
	r.atLeast("of COPY of the same rows: 0.2", r.Ratio, 0.2)
	r.round()
	return r, nil
}

// copyByTurns copies the brand's rows into plain tables with keys and indexes, and into some that have none. A COPY takes a
// tenth of an import's time, so one of them says little about the machine meanwhile: it is the median of three.
func (b *bench) copyByTurns(ctx context.Context, brand shop.BrandID) (keyed, plain time.Duration, err error) {
	conn, err := connectPlainly(ctx, b.db.ownerURL)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	rows, err := copyOut(ctx, conn, brand)
	if err != nil {
		return 0, 0, err
	}
	var withKeys, bare []time.Duration
	for range 3 {
		if err := makePlainTables(ctx, b.db.ownerURL, importTables...); err != nil {
			return 0, 0, err
		}
		for suffix, took := range map[string]*[]time.Duration{"": &withKeys, "_bare": &bare} {
			began := time.Now()
			if err := copyPlainly(ctx, conn, rows, suffix); err != nil {
				return 0, 0, err
			}
			*took = append(*took, time.Since(began))
		}
	}
	slices.Sort(withKeys)
	slices.Sort(bare)
	return withKeys[1], bare[1], nil
}

// importBrand is a brand of its own for each turn.
func (d *domain) importBrand(ctx context.Context, turn int) (shop.BrandID, shop.ID, error) {
	brand := onlineRetailBrand
	brand.ID, brand.Slug = shop.BrandID(100+turn), fmt.Sprintf("online-retail-%d", turn)
	brand.ShortDomain = brand.Slug + ".example"
	if _, err := d.teams.AddBrand(ctx, brand); err != nil {
		return 0, shop.ID{}, err
	}
	web, err := d.teams.AddStore(ctx, shop.System(brand.ID), team.Store{Code: "WEB", Name: shop.Text{shop.English: "Web shop"}, Kind: team.Online})
	return brand.ID, web.ID, err
}

// importFile is the file that was given, or one of the same form.
func (b *bench) importFile() ([]byte, error) {
	if b.file == "" {
		lines := 100_000
		if b.isQuick {
			lines = 1000
		}
		return drawnFile(lines)
	}
	file, err := openMaybeGzip(b.file)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// drawnFile is an Online Retail file that nobody has: as many lines an invoice, invoices a customer and credit notes as the
// real one has, in its years.
func drawnFile(lines int) ([]byte, error) {
	draw := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same file in every run
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"invoice_no", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id", "country"})
	at := time.Date(2010, 12, 1, 8, 0, 0, 0, time.UTC)
	for invoice, n := 536365, 0; n < lines; invoice++ {
		at = at.Add(15 * time.Minute)
		name, pieces := strconv.Itoa(invoice), 1
		if draw.IntN(6) == 0 {
			name, pieces = "C"+name, -1
		}
		customer := strconv.Itoa(12346 + draw.IntN(1700))
		size := 1 + draw.IntN(44) // 22 lines an invoice
		if pieces < 0 {
			size = 1 + draw.IntN(4)
		}
		for ; size > 0 && n < lines; size, n = size-1, n+1 {
			code := strconv.Itoa(20000 + draw.IntN(3500))
			_ = w.Write([]string{
				name, code, "ITEM OF STOCK CODE " + code, strconv.Itoa(pieces * (1 + draw.IntN(12))), at.Format(time.DateTime),
				fmt.Sprintf("%d.%02d", draw.IntN(12), 1+draw.IntN(99)), customer, "United Kingdom",
			})
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
