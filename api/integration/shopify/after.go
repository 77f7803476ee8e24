package shopify

import (
	"cmp"
	"errors"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// currency is what a refund's amounts are in, the order's: as its own body says it, else as the order does. Empty: neither can say.
func (w work) currency(b refundBody) (shop.Currency, error) {
	if c := b.shopCurrency(); c != "" {
		return c, nil
	}
	id, err := order.NameOf(w.ctx, w.tx, w.m.Brand, w.m.Source, string(b.OrderID))
	if errors.Is(err, shop.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	of, err := order.Load(w.ctx, w.tx, w.m.Brand, id)
	return of.Currency, err
}

// shopCurrency is empty in older bodies, which have amounts alone.
func (b refundBody) shopCurrency() shop.Currency {
	var codes []string
	for _, l := range b.Lines {
		codes = append(codes, l.SubtotalSet.ShopMoney.Currency)
	}
	for _, s := range b.Shipping {
		codes = append(codes, s.Subtotal.ShopMoney.Currency)
	}
	for _, a := range b.Adjustments {
		codes = append(codes, a.AmountSet.ShopMoney.Currency)
	}
	return shop.Currency(cmp.Or(codes...))
}

// refundFacts is a refund: pieces of lines as Shopify counts them; shipping by its money; money alone when no line is named.
// One that takes back neither, such as a mere restocking, is no fact.
func refundFacts(b refundBody, orderID text, c shop.Currency) ([]order.Fact, error) {
	f := order.WasRefunded{Order: string(orderID), ExternalID: string(b.ID), Kind: order.RefundPaid, At: first(b.ProcessedAt, b.CreatedAt)}
	if f.Order == "" || f.ExternalID == "" || f.At.IsZero() {
		return nil, order.ErrNotUnderstood.Saying("A refund has an id, the id of its order and an instant.")
	}
	for _, l := range b.Lines {
		line := order.RefundedLine{Line: string(l.LineItemID), Quantity: l.Quantity}
		if l.Quantity == 0 {
			var err error
			if line.Amount, err = l.Subtotal.money(c); err != nil {
				return nil, err
			}
		}
		if line.Quantity != 0 || line.Amount != 0 {
			f.Lines = append(f.Lines, line)
		}
	}
	for _, s := range b.Shipping {
		amount, err := s.Subtotal.ShopMoney.Amount.money(c)
		if err != nil {
			return nil, err
		}
		if amount > 0 {
			f.Lines = append(f.Lines, order.RefundedLine{Line: shippingName(s.ShippingLine.ID), Amount: amount})
		}
	}
	if len(f.Lines) == 0 {
		var err error
		if f.Amount, err = b.money(c); err != nil {
			return nil, err
		}
	}
	if len(f.Lines) == 0 && f.Amount == 0 {
		return nil, nil
	}
	return []order.Fact{f}, nil
}

// money is what a refund gave back without naming lines: Shopify books it as a discrepancy of the order, below zero. Older
// bodies have the payments alone.
func (b refundBody) money(c shop.Currency) (sum int64, err error) {
	for _, a := range b.Adjustments {
		amount, err := a.Amount.money(c)
		if err != nil {
			return 0, err
		}
		sum -= amount
	}
	if len(b.Adjustments) > 0 {
		return max(sum, 0), nil
	}
	for _, t := range b.Transactions {
		if t.Kind != "refund" || t.Status != "success" {
			continue
		}
		if t.Currency != "" && c != "" && t.Currency != string(c) {
			return 0, order.ErrNotUnderstood.Saying("A payment in %.10q of an order in %s.", t.Currency, c)
		}
		amount, err := t.Amount.money(c)
		if err != nil {
			return 0, err
		}
		sum += amount
	}
	return sum, nil
}

// fulfilment is a parcel or handover that succeeded; one that failed, was cancelled or is still open handed nothing over.
func (w work) fulfilment(b fulfillmentBody, orderID text) ([]order.Fact, error) {
	if b.Status != "success" {
		return nil, nil
	}
	f := order.WasFulfilled{Order: string(orderID), ExternalID: string(b.ID), Kind: order.Ship, At: first(b.CreatedAt, b.UpdatedAt)}
	if f.Order == "" || f.ExternalID == "" || f.At.IsZero() {
		return nil, order.ErrNotUnderstood.Saying("A fulfilment has an id, the id of its order and an instant.")
	}
	switch b.ShipmentStatus {
	case "ready_for_pickup":
		return nil, nil // nobody has it yet; the platform tells again when she does
	case "picked_up":
		f.Kind, f.At = order.Pickup, first(b.UpdatedAt, b.CreatedAt)
	}
	for _, l := range b.LineItems {
		f.Lines = append(f.Lines, string(l.ID))
	}
	if b.LocationID != "" {
		store, err := w.Store(w.ctx, w.tx, w.m.Brand, w.m.Key, string(b.LocationID))
		if err != nil {
			return nil, err
		}
		f.Store = store // zero: a warehouse
	}
	return []order.Fact{f}, nil
}
