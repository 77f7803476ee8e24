package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/report"
)

// How many stores there are, with two people each, and how many credits each of the book's months has: half a million when it has
// one, five when it has ten (quality.md).
const (
	reportStores  = 200
	reportCredits = 500_000
	reportMonths  = 10
	reportTurns   = 40
)

// reportBench asks for one store's month and for all stores'.
type reportBench struct {
	*bench
	reports *report.Service
	book    *reportBook
	month   time.Time  // that is asked for: its first day
	one     shop.Actor // who runs one store
	all     shop.Actor // head office
	meter   cpuMeter
}

// benchReports measures the report of a month against itself when a tenth of the credits were in the book: its cost follows the
// rows it prints.
func benchReports(ctx context.Context, b *bench) (r benchResult, err error) {
	p := &reportBench{bench: b}
	p.meter.server = os.Getpid()
	if p.meter.postmaster, err = b.db.postmaster(); err != nil {
		return r, err
	}
	if err := makePlainTables(ctx, b.db.ownerURL); err != nil { // the schema alone
		return r, err
	}
	conn, err := connectPlainly(ctx, b.db.ownerURL)
	if err != nil {
		return r, err
	}
	defer conn.Close(ctx)
	err = b.withDomain(ctx, func(d *domain) error {
		p.reports = d.reports
		of, err := p.open(ctx, d)
		if err != nil {
			return err
		}
		first := time.Now().UTC().AddDate(0, -1, 0)
		first = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
		p.month = first
		if p.book, err = openReportBook(ctx, b.db.ownerURL, conn, of, first.AddDate(0, -reportMonths, 0)); err != nil {
			return err
		}
		r, err = p.measure(ctx)
		return err
	})
	return r, err
}

func (p *reportBench) sizes() (stores, credits, turns int) {
	if p.isQuick {
		return 5, 2_000, 3
	}
	return reportStores, reportCredits, reportTurns
}

// open makes the brand, its stores and people.
func (p *reportBench) open(ctx context.Context, d *domain) (team.Brand, error) {
	of := team.Brand{
		ID: 1, Slug: "bench", Name: shop.Text{shop.English: "Bench"}, TimeZone: "UTC", Language: shop.English, Currency: "TWD",
		SiteURL: "https://shop.example.test", ShortDomain: "q.example.test", AllowedHosts: []string{"shop.example.test"},
	}
	if _, err := d.teams.AddBrand(ctx, of); err != nil {
		return of, err
	}
	system := shop.System(of.ID)
	stores, _, _ := p.sizes()
	for n := range stores {
		st, err := d.teams.AddStore(ctx, system, team.Store{Code: fmt.Sprintf("S%03d", n), Name: shop.Text{shop.English: "Store"}, Kind: team.Shop, OpenedOn: time.Now().AddDate(-1, 0, 0)})
		if err != nil {
			return of, err
		}
		for _, who := range []string{"a", "b"} {
			made, err := d.teams.AddStaff(ctx, system, team.NewStaff{EmployeeNo: fmt.Sprintf("S%03d%s", n, who), Name: "Somebody"})
			if err != nil {
				return of, err
			}
			if _, err := d.teams.Assign(ctx, system, team.Assignment{Staff: made.ID, Store: st.ID, Role: shop.RoleStaff, From: time.Now().AddDate(-1, 0, 0)}); err != nil {
				return of, err
			}
		}
		p.one = shop.Actor{Brand: of.ID, Role: shop.RoleManager, ID: shop.NewID(time.Now()), Stores: []shop.ID{st.ID}}
	}
	p.all = shop.Actor{Brand: of.ID, Role: shop.RoleHQ, ID: shop.NewID(time.Now())}
	return of, nil
}

func (p *reportBench) measure(ctx context.Context) (r benchResult, err error) {
	stores, credits, turns := p.sizes()
	if err := errors.Join(p.book.grow(ctx, p.month, credits), p.book.settle(ctx)); err != nil {
		return r, err
	}
	oneEarly, allEarly, err := p.ask(ctx, turns)
	if err != nil {
		return r, err
	}
	for n := 1; n < reportMonths; n++ {
		if err := p.book.grow(ctx, p.month.AddDate(0, -n, 0), credits); err != nil {
			return r, err
		}
	}
	if err := p.book.settle(ctx); err != nil {
		return r, err
	}
	p.meter.sum = benchSpent{}
	oneLate, allLate, err := p.ask(ctx, turns)
	if err != nil {
		return r, err
	}
	of := func(took []time.Duration) float64 { return percentile(took, 0.5) }
	r = benchResult{
		Unit:    fmt.Sprintf("months of all %d stores, asked one after the other and by turns with one store's", stores),
		Against: fmt.Sprintf("the same report when %d of the %d credits were in the book, all of them of the month", credits, credits*reportMonths),
		Rate:    1000 / of(allLate), LimitRate: 1000 / of(allEarly), Ratio: of(allEarly) / of(allLate),
		P50: of(allLate), P99: percentile(allLate, 0.99), LimitP99: percentile(allEarly, 0.99),
		CPU: p.meter.sum.per(2 * turns), ResidentMB: residentMB(p.meter.server), N: turns,
	}
	r.Adds = map[string]float64{
		"credits_early": float64(credits), "credits_late": float64(credits * reportMonths), "one_store_early_ms": of(oneEarly), "one_store_late_ms": of(oneLate),
		"all_stores_early_ms": of(allEarly), "all_stores_late_ms": of(allLate),
	}
	r.atMost("one store's month, late over early: 1.3", of(oneLate)/of(oneEarly), 1.3)
	r.atMost("all stores' month, late over early: 1.3", of(allLate)/of(allEarly), 1.3)
	r.round()
	return r, nil
}

// ask asks for both by turns; the first of each warms up. What does not add up to what is in the month is an error.
func (p *reportBench) ask(ctx context.Context, turns int) (one, all []time.Duration, err error) {
	_, credits, _ := p.sizes()
	err = p.meter.during(func() error {
		for n := range turns + 1 {
			tookOne, _, err := p.askAs(ctx, p.one)
			if err != nil {
				return err
			}
			tookAll, month, err := p.askAs(ctx, p.all)
			if err != nil {
				return err
			}
			if month.Net["TWD"] != month.Cost["TWD"] || entriesOf(month) != int64(credits) {
				return fmt.Errorf("the report tells of %d credits of %d, net %v, cost %v", entriesOf(month), credits, month.Net, month.Cost)
			}
			if n > 0 {
				one, all = append(one, tookOne), append(all, tookAll)
			}
		}
		return nil
	})
	slices.Sort(one)
	slices.Sort(all)
	return one, all, err
}

func (p *reportBench) askAs(ctx context.Context, who shop.Actor) (time.Duration, report.Month, error) {
	began := time.Now()
	month, err := p.reports.Commission(ctx, who, p.month)
	return time.Since(began), month, err
}

func entriesOf(m report.Month) (n int64) {
	for _, r := range m.Rows {
		n += r.Entries
	}
	return n
}
