package main

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
)

func TestASeedBeginsABrandAndTouchesNoneThatHasOrders(t *testing.T) {
	t.Parallel()
	at := time.Date(2010, 11, 20, 9, 0, 0, 0, time.UTC)
	g := newGiftShop(t, at)
	placed := order.WasPlaced{Order: "o1", PlacedAt: at, Channel: order.Online, Store: g.web, Currency: onlineRetailBrand.Currency, Lines: []order.Line{
		{Kind: order.Merchandise, SKU: "22423", Quantity: 1, UnitPrice: 1275},
	}}
	if _, err := g.orders.Apply(t.Context(), g.actor.Brand, "api", placed); err != nil {
		t.Fatal(err)
	}
	s, err := readSeed()
	if err != nil {
		t.Fatal(err)
	}
	s.Brand.Slug = onlineRetailBrand.Slug
	if _, err := g.seedBrandOf(t.Context(), s, "http://127.0.0.1:8080"); !errors.Is(err, errBegun) {
		t.Errorf("it says %v", err)
	}
	var kept int
	err = g.pool.Read(t.Context(), g.actor.Brand, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM plan) + (SELECT count(*) FROM product)`).Scan(&kept)
	})
	if err != nil || kept != 1 {
		t.Errorf("%d plans and products %v, want the plan that was there", kept, err)
	}
}
