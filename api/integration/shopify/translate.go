package shopify

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// ClickName is the note attribute, or the parameter of the landing page, that carries a click id.
const ClickName = "hs_click"

// InvoiceName is the note attribute in which an invoicing app writes the number of the invoice.
const InvoiceName = "hs_invoice"

// Brands knows the brand whose shop it is.
type Brands interface {
	BrandByID(ctx context.Context, id shop.BrandID) (team.Brand, error)
}

// Translator turns messages of the inbox into facts.
type Translator struct {
	Brands Brands
	// Store is the brand's store behind one of Shopify's places; of no place ("") the web store of the key. Zero: not known.
	Store func(ctx context.Context, tx pgx.Tx, brand shop.BrandID, key shop.ID, place string) (shop.ID, error)
	// Click is the scan behind a click id that was good at the instant.
	Click func(brand shop.BrandID, token string, at time.Time) (shop.ID, error)
}

// Translate says what a message tells. What is exchanged there comes as an edit of the order and a refund, and stays that: nothing
// in them says that they belong together. It is refused with order.ErrNotUnderstood when it is of no known form, names no
// currency that Homestore books in, or was sold at a place that is no store of the brand.
func (t *Translator) Translate(ctx context.Context, tx pgx.Tx, m order.Message) ([]order.Fact, error) {
	w := work{Translator: t, ctx: ctx, tx: tx, m: m}
	kind, _, _ := strings.Cut(m.Topic, "/")
	switch kind {
	case "orders":
		return w.order()
	case "refunds":
		var b refundBody
		if err := unwrap(m.Body, "refund", &b); err != nil {
			return nil, err
		}
		currency, err := w.currency(b)
		if err != nil {
			return nil, err
		}
		return refundFacts(b, b.OrderID, currency)
	case "fulfillments":
		var b fulfillmentBody
		if err := unwrap(m.Body, "fulfillment", &b); err != nil {
			return nil, err
		}
		return w.fulfilment(b, b.OrderID)
	}
	return nil, order.ErrNotUnderstood.Saying("Nobody listens to the topic %.60q.", m.Topic)
}

// work is one message being translated.
type work struct {
	*Translator
	ctx context.Context
	tx  pgx.Tx
	m   order.Message
}

// order is everything that a body tells of an order: itself, that it was paid or cancelled, its refunds and parcels.
func (w work) order() ([]order.Fact, error) {
	var b orderBody
	if err := unwrap(w.m.Body, "order", &b); err != nil {
		return nil, err
	}
	placed, err := w.placed(b)
	if err != nil {
		return nil, err
	}
	facts := []order.Fact{placed}
	switch b.FinancialStatus {
	case "paid", "partially_refunded", "refunded":
		facts = append(facts, order.WasPaid{Order: placed.Order, At: placed.PlacedAt})
	}
	for _, r := range b.Refunds {
		of, err := refundFacts(r, b.ID, placed.Currency)
		if err != nil {
			return nil, err
		}
		facts = append(facts, of...)
	}
	for _, f := range b.Fulfillments {
		of, err := w.fulfilment(f, b.ID)
		if err != nil {
			return nil, err
		}
		facts = append(facts, of...)
	}
	return facts, nil
}

func (w work) placed(b orderBody) (order.WasPlaced, error) {
	at := first(b.ProcessedAt, b.CreatedAt)
	currency := shop.Currency(b.Currency)
	if _, ok := currency.Digits(); !ok || b.ID == "" || at.IsZero() {
		return order.WasPlaced{}, order.ErrNotUnderstood.Saying("An order has an id, an instant and a currency that Homestore books in.")
	}
	brand, err := w.Brands.BrandByID(w.ctx, w.m.Brand)
	if err != nil {
		return order.WasPlaced{}, err
	}
	version := first(b.UpdatedAt, b.ProcessedAt, b.CreatedAt)
	p := order.WasPlaced{
		Order: string(b.ID), Version: int(version.Unix()), At: version, PlacedAt: at, State: order.Placed, Channel: order.Online,
		Currency: currency, Clicks: w.clicks(b, at), Identities: identities(b, brand.Currency), Campaign: campaign(b), Invoice: invoice(b),
	}
	if b.TaxesIncluded {
		p.TaxBP = brand.TaxBP
	}
	if p.Lines, p.Discount, err = lines(b, currency); err != nil {
		return p, err
	}
	switch {
	case b.Test:
		p.State = order.Test
	case b.CancelledAt != nil || b.FinancialStatus == "voided":
		p.State, p.CancelledAt = order.Cancelled, first(b.CancelledAt, b.UpdatedAt)
	}
	place := ""
	if b.SourceName == "pos" {
		p.Channel, place = order.Till, string(b.LocationID)
		if place == "" {
			return p, order.ErrNotUnderstood.Saying("A till's order names no place.")
		}
	}
	p.Store, err = w.Store(w.ctx, w.tx, w.m.Brand, w.m.Key, place)
	if err == nil && p.Store.IsZero() {
		err = order.ErrNotUnderstood.Saying("The place %.40q is no store here: say which one it is, then replay.", place)
	}
	return p, err
}

// identities are what Shopify calls her. A test order's customer is nobody: she would only clutter the brand's customers.
func identities(b orderBody, currency shop.Currency) []customer.Identity {
	if b.Customer == nil || b.Test {
		return nil
	}
	var out []customer.Identity
	add := func(kind customer.Kind, value string, isVerified bool) {
		if normal, err := customer.Normalise(kind, value, customer.Region(currency)); err == nil {
			out = append(out, customer.Identity{Kind: kind, Value: normal, Verified: isVerified})
		}
	}
	if b.Customer.ID != "" {
		add(customer.WebShop, Platform+":"+string(b.Customer.ID), false)
	}
	add(customer.Phone, b.Customer.Phone, false)
	add(customer.Email, b.Customer.Email, b.Customer.VerifiedEmail)
	return out
}

// campaign is the first discount code, else what the landing page says of itself. A text that can be no campaign is none: that
// is no reason to refuse the order. Shopify does not say whether somebody bought at the price for the brand's own people.
func campaign(b orderBody) string {
	if len(b.DiscountCodes) > 0 && b.DiscountCodes[0].Code != "" && order.IsCampaign(b.DiscountCodes[0].Code) {
		return b.DiscountCodes[0].Code
	}
	if page, err := url.Parse(b.LandingSite); err == nil && order.IsCampaign(page.Query().Get("utm_campaign")) {
		return page.Query().Get("utm_campaign")
	}
	return ""
}

// invoice is the number of the order's invoice as far as Shopify knows it; one that can be none is none.
func invoice(b orderBody) string {
	for _, a := range b.NoteAttributes {
		if a.Name == InvoiceName && order.IsInvoice(string(a.Value)) {
			return string(a.Value)
		}
	}
	return ""
}

// clicks are the scans behind the click ids that came with the order. One that was tampered with or is too old is no reason
// to refuse the order: it names nobody.
func (w work) clicks(b orderBody, at time.Time) []shop.ID {
	var tokens []string
	for _, a := range b.NoteAttributes {
		if a.Name == ClickName {
			tokens = append(tokens, string(a.Value))
		}
	}
	if page, err := url.Parse(b.LandingSite); err == nil {
		tokens = append(tokens, page.Query()[ClickName]...)
	}
	var scans []shop.ID
	for _, token := range tokens {
		if scan, err := w.Click(w.m.Brand, token, at); err == nil {
			scans = append(scans, scan)
		}
	}
	return scans
}
