package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// ordersCompared are compared in one statement: some hundred of them a second and core on an old machine, and a few megabytes.
const ordersCompared = 5000

// differencesShown bound what is kept and told of a book that is wrong everywhere.
const differencesShown = 1000

// reconciling compares a brand's book with the facts of its orders, by the implementation in SQL, and with the traces that are kept.
type reconciling struct {
	pool  *postgres.Pool
	brand shop.BrandID
	now   time.Time
	heard func(ledger.Comparison) // of what was compared up to now, after each page; nil: nobody hears
}

// all goes through the orders of a turn.
func (r reconciling) all(ctx context.Context, turn ledger.Turn) (ledger.Comparison, error) {
	var after shop.ID
	return r.pages(ctx, func(tx pgx.Tx) ([]shop.ID, error) {
		ids, err := ledger.OrdersAfter(ctx, tx, r.brand, turn, after, ordersCompared)
		if len(ids) > 0 {
			after = ids[len(ids)-1]
		}
		return ids, err
	})
}

// some goes through orders that are drawn.
func (r reconciling) some(ctx context.Context, number int) (ledger.Comparison, error) {
	var drawn []shop.ID
	err := r.pool.Read(ctx, r.brand, func(tx pgx.Tx) (err error) {
		drawn, err = ledger.SomeOrders(ctx, tx, r.brand, number)
		return err
	})
	if err != nil {
		return ledger.Comparison{}, err
	}
	return r.these(ctx, drawn)
}

func (r reconciling) these(ctx context.Context, orders []shop.ID) (ledger.Comparison, error) {
	return r.pages(ctx, func(pgx.Tx) ([]shop.ID, error) {
		page := orders[:min(len(orders), ordersCompared)]
		orders = orders[len(page):]
		return page, nil
	})
}

// pages compares page after page, each in a transaction of its own: nobody waits for it, and none sees half of a posting.
func (r reconciling) pages(ctx context.Context, next func(pgx.Tx) ([]shop.ID, error)) (ledger.Comparison, error) {
	sum := ledger.Comparison{Differences: []ledger.Difference{}}
	for more := true; more; {
		err := r.pool.Read(ctx, r.brand, func(tx pgx.Tx) error {
			ids, err := next(tx)
			if more = len(ids) > 0; !more || err != nil {
				return err
			}
			c, err := r.page(ctx, tx, ids)
			c.Differences = c.Differences[:min(len(c.Differences), max(0, differencesShown-len(sum.Differences)))]
			sum.Add(c)
			return err
		})
		if err != nil {
			return sum, fmt.Errorf("reconcile brand %d: %w", r.brand, err)
		}
		if more && r.heard != nil {
			r.heard(sum)
		}
	}
	return sum, nil
}

func (r reconciling) page(ctx context.Context, tx pgx.Tx, ids []shop.ID) (ledger.Comparison, error) {
	c, err := ledger.Compare(ctx, tx, r.brand, ids, r.now)
	if err != nil {
		return c, err
	}
	traces, err := ledger.Retraced(ctx, tx, r.brand, ids)
	c.Differences = append(c.Differences, traces...)
	return c, err
}

// months compares what the closed months from one on were due beyond their orders; zero: all of them.
func (r reconciling) months(ctx context.Context, from time.Time) (period.Comparison, error) {
	var c period.Comparison
	err := r.pool.Read(ctx, r.brand, func(tx pgx.Tx) (err error) {
		c, err = period.Compare(ctx, tx, r.brand, from)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("reconcile brand %d: %w", r.brand, err)
	}
	return c, nil
}

// lately is the first month of the last half year. Of older ones nothing is due any more, unless somebody tampers: for all of them
// there is doctor ledger.
func (r reconciling) lately() time.Time {
	y, m, _ := r.now.UTC().Date()
	return time.Date(y, m-6, 1, 0, 0, 0, 0, time.UTC)
}

// turnsOfDay: in each hour a part of the orders is compared, so that each is once a day and no hour is busier than another.
const turnsOfDay = 24

// reconcile compares the book of every brand with the facts of the orders whose turn it is. A difference is looked at twice: a succession
// that has just taken effect may not have been followed yet.
func (h *house) reconcile(ctx context.Context) error {
	turn := ledger.Turn{No: h.now().UTC().Hour(), Of: turnsOfDay}
	brands, err := h.teams.Brands(ctx)
	if err != nil {
		return err
	}
	differences := 0
	for _, b := range brands {
		c, err := h.reconcileBrand(ctx, b.ID, turn)
		if err != nil {
			return err
		}
		differences += len(c.Differences)
		if len(c.Differences) > 0 {
			h.log.Error("the book says otherwise than the facts of its orders; homestore doctor ledger names the figures",
				"brand", b.Slug, "differences", len(c.Differences), "first", c.Differences[0].String())
		}
		if turn.No > 0 {
			continue
		}
		r := reconciling{pool: h.pool, brand: b.ID, now: h.now()}
		months, err := r.months(ctx, r.lately())
		if err != nil {
			return err
		}
		differences += len(months.Differences)
		if len(months.Differences) > 0 {
			h.log.Error("the book says otherwise of closed months than they are due; homestore doctor ledger names the figures",
				"brand", b.Slug, "differences", len(months.Differences), "first", months.Differences[0].String())
		}
	}
	h.instruments.differences.WithLabelValues(strconv.Itoa(turn.No)).Set(float64(differences))
	h.instruments.reconciled.Set(float64(time.Now().Unix()))
	return nil
}

func (h *house) reconcileBrand(ctx context.Context, brand shop.BrandID, turn ledger.Turn) (ledger.Comparison, error) {
	r := reconciling{pool: h.pool, brand: brand, now: h.now()}
	c, err := r.all(ctx, turn)
	if err != nil || len(c.Differences) == 0 {
		return c, err
	}
	if err := h.bindings.Follow(ctx, brand); err != nil {
		return c, err
	}
	var again []shop.ID
	for _, d := range c.Differences {
		again = append(again, d.Order)
	}
	return r.these(ctx, again)
}
