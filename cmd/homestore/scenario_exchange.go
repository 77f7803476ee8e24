package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

func (g *stage) exchanged(e entry, at time.Time) (order.Fact, error) {
	lines, err := g.lines(e.In)
	x := order.WasExchanged{Order: e.Order, ExternalID: e.ID, At: at, In: lines, Staff: g.staff[e.Staff]}
	if e.Store != nil {
		x.Store = g.stores[*e.Store]
	}
	for _, no := range e.Out {
		x.Out = append(x.Out, strconv.Itoa(no)) // a line's number is its name
	}
	return x, err
}

// meetMade learns which orders exchanges have made: one may have waited for its order and made its own only now.
func (g *stage) meetMade(ctx context.Context) error {
	return g.domain.pool.Read(ctx, g.brand, func(tx pgx.Tx) error {
		for name, f := range g.facts {
			if _, is := f.(order.WasExchanged); !is || !g.orders[name].IsZero() {
				continue
			}
			id, err := order.NameOf(ctx, tx, g.brand, storySource, name)
			if errors.Is(err, shop.ErrNotFound) {
				continue // it waits, or is an edit
			}
			if err != nil {
				return err
			}
			g.orders[name] = id
		}
		return nil
	})
}

// answerOf is what is told of a paper that took something back: the rules' word, of which the order alone knows a part.
func (g *stage) answerOf(ctx context.Context, f order.Fact, r order.Result) (outcome string, err error) {
	err = g.domain.pool.Read(ctx, g.brand, func(tx pgx.Tx) error {
		outcome, err = g.domain.book.Answer(ctx, tx, g.brand, f, r)
		return err
	})
	return outcome, err
}
