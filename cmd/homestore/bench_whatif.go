package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/whatif"
)

// whatIfBook is how many orders are replayed: enough pages that memory which grew would show. With --big a million.
const whatIfBook = 100_000

// whatIfDraft is as rich as plans are: it splits, caps, and asks for categories and channels.
const whatIfDraft = `{"version": 9, "first_day": "2030-01-01", "order_cap_minor": 2000,
	"conflict": {"home_display": "split", "weights": [60, 40]},
	"rules": [{"role": "home_store", "rate_bp": 350}, {"role": "home_staff", "rate_bp": 250}, {"role": "display_store", "rate_bp": 200},
		{"role": "display_staff", "rate_bp": 150}, {"role": "selling_store", "rate_bp": 200}, {"role": "selling_staff", "rate_bp": 150},
		{"role": "online_team", "rate_bp": 120, "when": {"category": "textile"}}, {"role": "online_team", "rate_bp": 100, "when": {"channel": "online"}}]}`

// whatIfBench replays a book and, by turns, reads its rows and does nothing with them.
type whatIfBench struct {
	*bench
	credit *creditBench
	whatif *whatif.Service
	plain  *pgx.Conn
	meter  cpuMeter
	draft  plan.Plan

	took, limit []time.Duration // of pages
	early, late uint64          // bytes alive after the first tenth and at the end
}

// benchWhatif measures a draft × a past range: whatif.Service.Replay on one connection, one core of Homestore's.
func benchWhatif(ctx context.Context, b *bench) (r benchResult, err error) {
	w := &whatIfBench{bench: b}
	if err := json.Unmarshal([]byte(whatIfDraft), &w.draft); err != nil {
		return r, err
	}
	w.meter.server = os.Getpid()
	if w.meter.postmaster, err = b.db.postmaster(); err != nil {
		return r, err
	}
	if err := makePlainTables(ctx, b.db.ownerURL); err != nil { // the schema alone
		return r, err
	}
	if w.plain, err = connectPlainly(ctx, b.db.ownerURL); err != nil {
		return r, err
	}
	defer w.plain.Close(ctx)
	err = b.withDomain(ctx, func(d *domain) error {
		w.whatif = d.whatif
		if err := w.fill(ctx, d); err != nil {
			return err
		}
		r, err = w.measure(ctx)
		return err
	})
	return r, err
}

func (w *whatIfBench) sizes() (seeds, book, turns int) {
	switch {
	case w.isQuick:
		return 400, 1200, 1
	case w.isBig:
		return smallBook, bigBook, 1
	}
	return smallBook / 2, whatIfBook, 3
}

// fill sells the first orders through the service and copies them.
func (w *whatIfBench) fill(ctx context.Context, d *domain) (err error) {
	seeds, book, _ := w.sizes()
	buyers := benchCustomers
	if w.isQuick {
		buyers = 100
	}
	w.credit = &creditBench{bench: w.bench, orders: d.orders}
	if w.credit.shops, err = newBenchShops(ctx, d, buyers); err != nil {
		return err
	}
	if err := w.credit.fill(ctx, seeds); err != nil {
		return err
	}
	return copyBook(ctx, w.db.ownerURL, w.credit.shops.brand, book/seeds-1)
}

func (w *whatIfBench) measure(ctx context.Context) (r benchResult, err error) {
	stop, err := profileTo(w.profileOf("whatif"))
	if err != nil {
		return r, err
	}
	defer stop()
	_, book, turns := w.sizes()
	var all rounds
	for range turns {
		ours, err := w.replay(ctx, book)
		if err != nil {
			return r, err
		}
		began := time.Now()
		if err := w.read(ctx); err != nil {
			return r, err
		}
		all.add(float64(book)/ours.Seconds(), float64(book)/time.Since(began).Seconds())
	}
	return w.result(all, book, book*turns), nil
}

// replay replays all orders, keeps how long each page took, and looks at what is alive.
func (w *whatIfBench) replay(ctx context.Context, book int) (took time.Duration, err error) {
	began := time.Now()
	last, isEarly := began, true
	day := plan.DayOf(began, time.UTC)
	err = w.meter.during(func() error {
		_, err := w.whatif.Replay(ctx, shop.System(w.credit.shops.brand), w.draft, plan.Day{Time: day.AddDate(0, -1, 0)}, plan.Day{Time: day.AddDate(0, 0, 1)}, func(done, of int) {
			if done > 0 {
				w.took = append(w.took, time.Since(last))
			}
			if done == of && of != book {
				err = fmt.Errorf("%d orders were replayed, %d are there", of, book)
			}
			if isEarly && done >= book/10 {
				isEarly, w.early = false, aliveBytes()
			}
			if done == book {
				w.late = aliveBytes()
			}
			last = time.Now()
		})
		return err
	})
	return time.Since(began), err
}

func aliveBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// read is the limit: the same rows, page by page, as a program that has nothing to compute would read them.
func (w *whatIfBench) read(ctx context.Context) error {
	var after shop.ID
	for {
		began := time.Now()
		next, err := readPlainPage(ctx, w.plain, w.credit.shops.brand, after)
		if err != nil || next.IsZero() {
			return err
		}
		after, w.limit = next, append(w.limit, time.Since(began))
	}
}

func (w *whatIfBench) result(all rounds, book, n int) benchResult {
	slices.Sort(w.took)
	slices.Sort(w.limit)
	r := benchResult{
		Unit:    fmt.Sprintf("orders replayed of %d, on one connection; times are of a page of 2,000", book),
		Against: "reading the same rows by the page on one plain connection, without row-level security, and dropping them",
		Rate:    median(all.rates), LimitRate: median(all.limits), Ratio: median(all.ratios),
		P50: percentile(w.took, 0.5), P99: percentile(w.took, 0.99), LimitP99: percentile(w.limit, 0.99),
		CPU: w.meter.sum.per(n), ResidentMB: residentMB(w.meter.server), N: n,
	}
	grown := float64(w.late) / float64(max(w.early, 1))
	r.Adds = map[string]float64{"orders": float64(book), "alive_early_mb": float64(w.early) / 1e6, "alive_late_mb": float64(w.late) / 1e6, "seconds_per_million": 1e6 / r.Rate}
	r.atMost("CPU µs an order, server: 60 (a million a minute on one core)", r.CPU.Server, 60)
	r.atMost("CPU µs an order, server and database: 60", r.CPU.Server+r.CPU.Database, 60)
	r.atMost("memory alive at the end over after a tenth: 1.2", grown, 1.2)
	r.round()
	return r
}
