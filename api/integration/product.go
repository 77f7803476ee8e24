package integration

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
)

type putProductsRequest struct {
	Products []productRequest `json:"products"`
}

// Validate asks for the list: one that is empty says so.
func (r *putProductsRequest) Validate() error {
	var c shop.Check
	c.That(r.Products != nil, "products", "required", "Name the products to make or change.")
	return c.Err()
}

type productRequest struct {
	ExternalID  string           `json:"external_id"`
	Name        shop.Text        `json:"name"`
	Description shop.Text        `json:"description"`
	Category    string           `json:"category"`
	Variants    []variantRequest `json:"variants"`
}

type variantRequest struct {
	SKU      string        `json:"sku"`
	Name     shop.Text     `json:"name"`
	Price    int64         `json:"price_minor"`
	Currency shop.Currency `json:"currency"`
}

type putProductsAnswer struct {
	Products int `json:"products"`
	Variants int `json:"variants"`
}

// putProducts makes or changes products by their external ids, all or none.
func (f *Face) putProducts(ctx context.Context, in putProductsRequest) (putProductsAnswer, error) {
	actor := endpoint.Actor(ctx)
	answer := putProductsAnswer{Products: len(in.Products)}
	products := make([]catalogue.Product, len(in.Products))
	for i, p := range in.Products {
		products[i] = catalogue.Product{ExternalID: p.ExternalID, Name: p.Name, Description: p.Description, Category: p.Category}
		for _, v := range p.Variants {
			products[i].Variants = append(products[i].Variants, catalogue.Variant{SKU: v.SKU, Name: v.Name, PriceMinor: v.Price, Currency: v.Currency})
			answer.Variants++
		}
	}
	err := f.Pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		return catalogue.Put(ctx, tx, actor.Brand, products, f.Now())
	})
	return answer, err
}
