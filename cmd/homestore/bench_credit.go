package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

const (
	// ordersAtOnce is how many orders come in one transaction: a page of a platform's reconciliation, a till's evening file.
	ordersAtOnce = 200
	// smallBook and largeBook are how many orders are in the book when it is measured; quality.md asks for 10^4 and 10^6.
	smallBook  = 10_000
	largeBook  = 40_000
	bigBook    = 1_000_000
	creditTurn = 5 // batches of each side in one turn
)

// creditBench writes orders and, by turns, the same rows plainly.
type creditBench struct {
	*bench
	shops  *benchShops
	orders *order.Service
	plain  *pgx.Conn
	meter  cpuMeter

	book        int // orders in it
	took, limit []time.Duration
	n, rows     int
}

// benchCredit measures orders → credits → ledger: Service.ApplyMany with everybody who hears of an order.
func benchCredit(ctx context.Context, b *bench) (r benchResult, err error) {
	c := &creditBench{bench: b}
	c.meter.server = os.Getpid()
	if c.meter.postmaster, err = b.db.postmaster(); err != nil {
		return r, err
	}
	var names []string
	for _, t := range creditTables {
		names = append(names, t.name)
	}
	if err := makePlainTables(ctx, b.db.ownerURL, names...); err != nil {
		return r, err
	}
	if c.plain, err = connectPlainly(ctx, b.db.ownerURL); err != nil {
		return r, err
	}
	defer c.plain.Close(ctx)
	err = b.withDomain(ctx, func(d *domain) error {
		c.orders = d.orders
		buyers := benchCustomers
		if b.isQuick {
			buyers = 100
		}
		if c.shops, err = newBenchShops(ctx, d, buyers); err != nil {
			return err
		}
		r, err = c.measure(ctx)
		if err == nil {
			err = c.check(ctx, d)
		}
		return err
	})
	return r, err
}

// bookSizes are how many orders are in the book when it is measured, and how often.
func (c *creditBench) bookSizes() (small, large, turns int) {
	switch {
	case c.isQuick && c.isBig:
		return 400, 6000, 1
	case c.isQuick:
		return 400, 600, 1
	case c.isBig:
		return smallBook, bigBook, 12
	}
	return smallBook, largeBook, 12
}

func (c *creditBench) measure(ctx context.Context) (r benchResult, err error) {
	small, large, turns := c.bookSizes()
	stop, err := profileTo(c.profileOf("credit"))
	if err != nil {
		return r, err
	}
	defer stop()
	if err := c.fill(ctx, small); err != nil {
		return r, err
	}
	early, err := c.turns(ctx, turns)
	if err != nil {
		return r, err
	}
	if err := c.grow(ctx, large); err != nil {
		return r, err
	}
	c.took, c.limit, c.n, c.rows, c.meter.sum = nil, nil, 0, 0, benchSpent{}
	late, err := c.turns(ctx, turns)
	if err != nil {
		return r, err
	}
	return c.result(early, late, small, large), nil
}

// fill adds orders until so many are in the book. It is also what warms up.
func (c *creditBench) fill(ctx context.Context, book int) error {
	for c.book < book {
		if _, err := c.apply(ctx, c.shops.batch(ordersAtOnce)); err != nil {
			return err
		}
	}
	return nil
}

// grow copies the whole book as often as it fits, and adds what is missing.
func (c *creditBench) grow(ctx context.Context, book int) error {
	if copies := book/c.book - 1; c.isBig && copies > 0 {
		if err := copyBook(ctx, c.db.ownerURL, c.shops.brand, copies); err != nil {
			return err
		}
		c.book += copies * c.book
	}
	return c.fill(ctx, book)
}

func (c *creditBench) apply(ctx context.Context, facts []order.Fact) ([]shop.ID, error) {
	results, err := c.orders.ApplyMany(ctx, c.shops.brand, "bench", facts)
	if err != nil {
		return nil, err
	}
	c.book += len(facts)
	ids := make([]shop.ID, len(results))
	for i, r := range results {
		if ids[i] = r.Order; r.Outcome != order.Applied {
			return nil, fmt.Errorf("an order was %s (%s)", r.Outcome, r.Note)
		}
	}
	slices.SortFunc(ids, func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
	return ids, nil
}

// turns measures both sides by turns. What is prepared (facts, rows) is prepared before the clock starts.
func (c *creditBench) turns(ctx context.Context, turns int) (rounds, error) {
	var r rounds
	for range turns {
		var facts [][]order.Fact
		for range creditTurn {
			facts = append(facts, c.shops.batch(ordersAtOnce))
		}
		ids := make([][]shop.ID, len(facts))
		ours, err := c.clock(&c.took, len(facts), func(i int) (err error) {
			ids[i], err = c.apply(ctx, facts[i])
			return err
		})
		if err != nil {
			return r, err
		}
		rows := make([][]plainRow, len(ids))
		for i := range ids {
			if rows[i], err = rowsOf(ctx, c.plain, ids[i]); err != nil {
				return r, err
			}
			c.rows += len(rows[i])
		}
		meter := c.meter
		limit, err := c.clock(&c.limit, len(rows), func(i int) error { return insertPlainly(ctx, c.plain, rows[i]) })
		c.meter = meter // of ours alone
		if err != nil {
			return r, err
		}
		orders := float64(len(facts) * ordersAtOnce)
		c.n += len(facts) * ordersAtOnce
		r.add(orders/ours.Seconds(), orders/limit.Seconds())
	}
	return r, nil
}

// clock does n things and keeps how long each took.
func (c *creditBench) clock(took *[]time.Duration, n int, do func(int) error) (sum time.Duration, err error) {
	err = c.meter.during(func() error {
		for i := range n {
			began := time.Now()
			if err := do(i); err != nil {
				return err
			}
			d := time.Since(began)
			*took, sum = append(*took, d), sum+d
		}
		return nil
	})
	return sum, err
}

func (c *creditBench) result(early, late rounds, small, large int) benchResult {
	slices.Sort(c.took)
	slices.Sort(c.limit)
	r := benchResult{
		Unit:    fmt.Sprintf("orders, %d a transaction, on one connection; times are a transaction's", ordersAtOnce),
		Against: "the same rows by pgx batches, one INSERT a row, into unpartitioned tables with the same keys and indexes, no foreign keys, no row-level security",
		Rate:    median(late.rates), LimitRate: median(late.limits), Ratio: median(late.ratios),
		P50: percentile(c.took, 0.5), P99: percentile(c.took, 0.99), LimitP99: percentile(c.limit, 0.99),
		CPU: c.meter.sum.per(c.n), ResidentMB: residentMB(c.meter.server), N: c.n,
	}
	flat := median(late.rates) / median(early.rates)
	r.Adds = map[string]float64{
		"orders_early": float64(small), "orders_late": float64(large), "rate_early": median(early.rates), "ratio_early": median(early.ratios),
		"late_over_early": flat, "rows_per_order": float64(c.rows) / float64(max(c.n, 1)),
	}
	r.atLeast("of the same rows by plain batches: 0.5", r.Ratio, 0.5)
	r.atLeast(fmt.Sprintf("rate at %d orders over rate at %d: 0.8", large, small), flat, 0.8)
	r.round()
	return r
}

// check asks the book whether it still holds: speed that loses a cent is none.
func (c *creditBench) check(ctx context.Context, d *domain) error {
	var broken error
	err := d.pool.Read(ctx, c.shops.brand, func(tx pgx.Tx) error {
		return examineBook(ctx, tx, c.shops.brand, func(_, format string, args ...any) { broken = fmt.Errorf(format, args...) })
	})
	return errors.Join(err, broken)
}
