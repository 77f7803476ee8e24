// Package catalogue keeps what a brand sells: products and their variants, as the brand's shop system tells them.
//
// Always true: a variant's SKU names one variant of the brand, and a product's external id one product; telling the same again
// changes nothing but the time. What was sold keeps its own copy in the order's line, so a product that changes or goes does not
// change an order. Stock is not here yet.
package catalogue

import (
	"strings"
	"time"

	"homestore/clienteling/shop"
)

// Product is one thing in all its colours and sizes.
type Product struct {
	ID          shop.ID
	ExternalID  string // its name in the shop system
	Name        shop.Text
	Description shop.Text
	Category    string // what commission rules and segments call it
	Variants    []Variant
	UpdatedAt   time.Time
}

// Variant is what is sold under one SKU.
type Variant struct {
	ID         shop.ID
	Product    shop.ID
	SKU        string
	Name       shop.Text // colour, size; empty where there is only one
	PriceMinor int64
	Currency   shop.Currency
	UpdatedAt  time.Time
}

// Refusals about products.
var (
	ErrSKUUnknown = shop.Refuse(shop.NotFound, "sku_unknown", "There is no such article in this brand.")
	ErrTooMany    = shop.Refuse(shop.TooLarge, "products_too_many", "Send at most 1000 products and 10000 variants at once.")
)

// What one call may bring: a transaction of a second or so.
const (
	mostProducts = 1000
	mostVariants = 10_000
)

// check says what is wrong with the products, all of it at once, and that none is told twice.
func check(products []Product) error {
	if len(products) > mostProducts {
		return ErrTooMany
	}
	var c shop.Check
	ids, skus := map[string]bool{}, map[string]bool{}
	for _, p := range products {
		c.That(isName(p.ExternalID), "external_id", "external_id_invalid", "1 to 200 characters without control characters.")
		c.That(!ids[p.ExternalID], "external_id", "external_id_repeated", "Tell each product once.")
		c.That(p.Name.In(shop.TraditionalChinese) != "", "name", "name_required", "Give the name in at least one language.")
		ids[p.ExternalID] = true
		for _, v := range p.Variants {
			_, booked := v.Currency.Digits()
			c.That(isName(v.SKU), "variants.sku", "sku_invalid", "1 to 200 characters without control characters.")
			c.That(!skus[v.SKU], "variants.sku", "sku_repeated", "Tell each SKU once.")
			c.That(v.PriceMinor >= 0, "variants.price_minor", "price_negative", "A price is not negative.")
			c.That(booked, "variants.currency", "currency_unknown", "An ISO 4217 code that Homestore books in.")
			skus[v.SKU] = true
		}
	}
	if len(skus) > mostVariants {
		return ErrTooMany
	}
	return c.Err()
}

func isName(s string) bool {
	return s != "" && len(s) <= 200 && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
