package shopify

import (
	"fmt"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// lines are what was sold, shipping and tip included, and what of the order's discount is in none of them. Shopify spreads
// an order's discount over the lines itself and says so in their allocations; only old bodies have none.
func lines(b orderBody, c shop.Currency) (all []order.Line, discount int64, err error) {
	var taken, merchandise int64
	hasTip, isSpread := false, false
	for _, l := range b.LineItems {
		if l.Quantity == 0 {
			continue // removed before anything was paid
		}
		line, err := l.line(c, b.TaxesIncluded)
		if err != nil {
			return nil, 0, err
		}
		taken, isSpread = taken+line.Discount, isSpread || l.Allocations != nil
		hasTip = hasTip || line.Kind == order.Tip
		if line.Kind == order.Merchandise {
			merchandise += line.Gross()
		}
		all = append(all, line)
	}
	for n, s := range b.ShippingLines {
		if s.IsRemoved {
			continue
		}
		line, err := s.line(n, c, b.TaxesIncluded)
		if err != nil {
			return nil, 0, err
		}
		taken += line.Discount
		all = append(all, line)
	}
	tip, err := b.TotalTipReceived.money(c)
	if err != nil {
		return nil, 0, err
	}
	if tip > 0 && !hasTip {
		all = append(all, order.Line{ExternalID: "tip", Name: "Tip", Kind: order.Tip, Quantity: 1, UnitPrice: tip})
	}
	total, err := b.TotalDiscounts.money(c)
	if err != nil {
		return nil, 0, err
	}
	if !isSpread {
		discount = min(max(total-taken, 0), merchandise)
	}
	return all, discount, nil
}

func (l lineBody) line(c shop.Currency, isTaxed bool) (order.Line, error) {
	price, err := l.Price.money(c)
	if err != nil {
		return order.Line{}, err
	}
	discount, err := discountOf(l.Allocations, l.TotalDiscount, c)
	if err != nil {
		return order.Line{}, err
	}
	name := l.Name
	if name == "" {
		name = l.Title
	}
	line := order.Line{
		ExternalID: string(l.ID), SKU: l.SKU, Name: name, Kind: order.Merchandise, Quantity: l.Quantity, UnitPrice: price, Discount: discount, TaxIncluded: isTaxed,
	}
	switch {
	case l.GiftCard:
		line.Kind = order.GiftCard
	case l.Tip != nil:
		line.Kind = order.Tip
	}
	return line, nil
}

// discountOf is what the allocations sum to; without any, the line's own discount, which they would repeat.
func discountOf(allocations []allocation, own text, c shop.Currency) (sum int64, err error) {
	if len(allocations) == 0 {
		return own.money(c)
	}
	for _, a := range allocations {
		amount, err := a.Amount.money(c)
		if err != nil {
			return 0, err
		}
		sum += amount
	}
	return sum, nil
}

func (s shippingBody) line(n int, c shop.Currency, isTaxed bool) (order.Line, error) {
	price, err := s.Price.money(c)
	if err != nil {
		return order.Line{}, err
	}
	discount, err := discountOf(s.Allocations, "", c)
	if err != nil {
		return order.Line{}, err
	}
	if len(s.Allocations) == 0 && s.DiscountedPrice != "" {
		cut, err := s.DiscountedPrice.money(c)
		if err != nil {
			return order.Line{}, err
		}
		discount = max(price-cut, 0)
	}
	name := shippingName(s.ID)
	if s.ID == "" {
		name = fmt.Sprintf("shipping:no.%d", n+1)
	}
	return order.Line{ExternalID: name, Name: s.Title, Kind: order.Shipping, Quantity: 1, UnitPrice: price, Discount: discount, TaxIncluded: isTaxed}, nil
}

// shippingName keeps ids of shipping lines apart from those of line items, which Shopify numbers on their own.
func shippingName(id text) string { return "shipping:" + string(id) }
