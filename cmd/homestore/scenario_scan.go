package main

import (
	"context"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

// scan plays a reading when it happened, also where Homestore hears of it later: what she bought since may have been displayed.
func (g *stage) scan(ctx context.Context, e entry) (string, error) {
	if g.clicks[e.Click] != "" {
		return ignored, nil // a click id is of one reading
	}
	if id, isAwaited := g.awaited[e.Click]; isAwaited {
		return g.arrive(ctx, e, id)
	}
	at, err := g.story.instant(e.At)
	if err != nil {
		return "", err
	}
	heard := g.now()
	defer g.setClock(heard)
	g.setClock(at)
	target, err := g.domain.tags.Resolve(ctx, g.tags[e.Tag])
	if err != nil {
		return codeOf(err)
	}
	reading := scan.Reading{Target: target, Address: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Request: scan.Request{Method: "GET", UserAgent: map[string]string{
		"bot":     "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"preview": "facebookexternalhit/1.1",
	}[e.Class]}}
	if reading.Request.UserAgent == "" {
		reading.Request.UserAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
	}
	if e.Customer != nil {
		if reading.Customer, err = g.customer(ctx, *e.Customer); err != nil {
			return "", err
		}
	}
	answer, err := g.domain.scans.Record(ctx, reading)
	if err != nil {
		return codeOf(err)
	}
	g.clicks[e.Click] = answer.Click
	if e.Customer == nil || !at.Before(heard) {
		return ok, nil
	}
	return ok, g.domain.pool.Brand(ctx, g.brand, func(tx pgx.Tx) error {
		return g.domain.book.BindingChanged(ctx, tx, g.brand, binding.Change{Customer: reading.Customer, Since: at, At: at}, heard)
	})
}

// click is the click id that was given out for a reading, also where Homestore hears of that later: she had it at once.
func (g *stage) click(name string) string {
	if click := g.clicks[name]; click != "" {
		return click
	}
	for _, e := range g.story.Timeline {
		at, err := g.story.instant(e.At)
		if e.Do != "scan" || e.Click != name || e.Class != "" || err != nil || at.After(g.now()) {
			continue
		}
		if g.awaited[name].IsZero() {
			g.awaited[name] = shop.NewID(at)
		}
		return g.domain.clicks.Sign(g.brand, g.awaited[name])
	}
	return ""
}

// arrive plays a reading whose click id was used before Homestore heard of it: the spool of a process is drained.
func (g *stage) arrive(ctx context.Context, e entry, id shop.ID) (string, error) {
	target, err := g.domain.tags.Resolve(ctx, g.tags[e.Tag])
	if err != nil {
		return codeOf(err)
	}
	one := scan.Scan{
		ID: id, Brand: g.brand, Tag: target.Tag, Code: target.Code, Store: target.Store, Staff: target.StaffAt(id.Time()), Placement: target.Placement, Kind: scan.Person,
	}
	delete(g.awaited, e.Click)
	g.clicks[e.Click] = g.domain.clicks.Sign(g.brand, id)
	if e.Customer != nil {
		one.Kind = scan.App
		if one.Customer, err = g.customer(ctx, *e.Customer); err != nil {
			return "", err
		}
	}
	if err := g.domain.writer.Store(one); err != nil {
		return "", err
	}
	if _, err := g.domain.book.CreditArrived(ctx, g.brand, g.now()); err != nil {
		return "", err
	}
	if e.Customer == nil {
		return ok, nil
	}
	return ok, g.domain.pool.Brand(ctx, g.brand, func(tx pgx.Tx) error {
		if err := g.domain.scans.KeepForCustomer(ctx, tx, g.brand, one.Customer, []scan.Scan{one}); err != nil {
			return err
		}
		return g.domain.book.BindingChanged(ctx, tx, g.brand, binding.Change{Customer: one.Customer, Since: one.At(), At: one.At()}, g.now())
	})
}
