package main

import (
	"context"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"homestore/referral/binding"
	"homestore/referral/scan"
)

// scan plays a reading when it happened, also where Homestore hears of it later: what she bought since may have been displayed.
func (g *stage) scan(ctx context.Context, e entry) (string, error) {
	if g.clicks[e.Click] != "" {
		return ignored, nil // a click id is of one reading
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
