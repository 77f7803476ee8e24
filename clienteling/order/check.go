package order

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Refusals of a fact.
var (
	ErrFuture = shop.Refuse(shop.Unprocessable, "order_in_future", "This happened more than a day after now; check the clock or the time zone of who tells it.")
	_         = postgres.RefuseOn("sales_order_not_placed_in_future", ErrFuture)

	_ = postgres.RefuseOn("sales_order_store_fkey", team.ErrStoreUnknown)
	_ = postgres.RefuseOn("fulfilment_store_fkey", team.ErrStoreUnknown)
	_ = postgres.RefuseOn("exchange_store_fkey", team.ErrStoreUnknown)
	_ = postgres.RefuseOn("sales_order_customer_fkey", customer.ErrUnknown)
)

// Bounds of what a fact may say. They are far above any order that was ever placed and low enough that no sum over the
// lines of an order leaves 64 bits.
const (
	maxLines    = 10_000
	maxQuantity = 1_000_000_000
	maxMinor    = 1_000_000_000_000_000 // ten million millions in a currency with cents
	maxName     = 200
	maxText     = 1000
	slack       = 24 * time.Hour // clocks and time zones of others; the database has the same bound
)

// oldest is before any till kept books; ids cannot carry instants before 1970.
var oldest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// checkFact refuses a fact that nobody can mean, naming every wrong field.
func checkFact(f Fact, now time.Time) error {
	var c shop.Check
	c.That(isName(f.OrderName()), "order", "name_invalid", hintName)
	c.That(!f.instant().Before(oldest), "at", "time_missing", "Say when it happened, after 1990.")
	f.check(&c)
	if err := c.Err(); err != nil {
		return err
	}
	latest := now.Add(slack)
	placed, isOrder := f.(WasPlaced)
	if f.instant().After(latest) || isOrder && placed.PlacedAt.After(latest) {
		return ErrFuture
	}
	return nil
}

const (
	hintName   = "1 to 200 characters of UTF-8 without U+0000."
	hintText   = "At most 1000 characters of UTF-8 without U+0000."
	hintAmount = "A whole number of minor units, from 0 to 10^15."
)

func isName(s string) bool { return s != "" && utf8.RuneCountInString(s) <= maxName && isText(s) }

// IsCampaign says whether a text can be an order's campaign; the empty one is none.
func IsCampaign(s string) bool { return s == "" || isName(s) }

func isText(s string) bool {
	return utf8.RuneCountInString(s) <= maxText && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

func isAmount(minor int64) bool { return minor >= 0 && minor <= maxMinor }

func isQuantity(n int64) bool { return n >= 0 && n <= maxQuantity }

func (f WasPlaced) check(c *shop.Check) {
	_, known := f.Currency.Digits()
	c.That(known, "currency", "currency_unknown", "An ISO 4217 code that Homestore books in.")
	c.That(f.Channel == Online || f.Channel == Till, "channel", "channel_unknown", "online or till.")
	c.That(!f.Store.IsZero(), "store", "store_missing", "Say which store sold it; for an online order the web store.")
	c.That(f.AssistStaff.IsZero() || !f.AssistStore.IsZero(), "assist_store", "assist_store_missing", "Say at which store she assisted: the credit is earned under it.")
	c.That(f.State == "" || f.State == Placed || f.State == Cancelled || f.State == Test, "state", "state_unknown", "placed, cancelled or test.")
	c.That(!f.PlacedAt.Before(oldest), "placed_at", "time_missing", "Say when it was placed, after 1990.")
	c.That(f.TaxBP >= 0 && f.TaxBP <= 10000, "tax_bp", "tax_invalid", "Basis points, 0 to 10000.")
	c.That(IsCampaign(f.Campaign), "campaign", "text_invalid", "At most 200 characters of UTF-8 without U+0000.")
	c.That(IsInvoice(f.Invoice), "invoice", "invoice_invalid", "The number of the invoice, at most 40 characters.")
	c.That(isText(f.Payment), "payment_hash", "text_invalid", hintText)
	checkLines(c, "lines", f.Lines, f.Discount)
}

func (f WasEdited) check(c *shop.Check) {
	c.That(f.Version >= 2, "version", "version_invalid", "The order as placed is version 1; an edit is 2 or higher.")
	checkLines(c, "lines", f.Lines, f.Discount)
}

func (f WasRefunded) check(c *shop.Check) {
	kind := f.kind()
	c.That(isName(f.ExternalID), "external_id", "name_invalid", hintName)
	c.That(kind == RefundPaid || kind == Allowance || kind == Void, "kind", "kind_unknown", "refund, allowance or void.")
	c.That(isAmount(f.Amount), "amount_minor", "amount_invalid", hintAmount)
	c.That(len(f.Lines) <= maxLines, "lines", "too_many", "At most 10000 lines.")
	c.That(kind != Void || len(f.Lines) == 0 && f.Amount == 0, "lines", "void_is_whole", "A void takes back everything: give neither lines nor an amount.")
	c.That(kind == Void || (len(f.Lines) > 0) != (f.Amount > 0), "lines", "refund_empty", "Give lines, or one amount over all of them.")
	for i, l := range f.Lines {
		at := fmt.Sprintf("lines[%d].", i)
		c.That(isName(l.Line), at+"line", "name_invalid", hintName)
		c.That(isQuantity(l.Quantity) && isAmount(l.Amount) && (l.Quantity == 0 || l.Amount == 0), at+"quantity", "refund_line_invalid",
			"Give pieces or money, not below 0 and not both.")
	}
}

func (f WasFulfilled) check(c *shop.Check) {
	c.That(isName(f.ExternalID), "external_id", "name_invalid", hintName)
	c.That(f.Kind == Ship || f.Kind == Pickup, "kind", "kind_unknown", "ship or pickup.")
	c.That(len(f.Lines) <= maxLines, "lines", "too_many", "At most 10000 lines.")
	for i, l := range f.Lines {
		c.That(isName(l), fmt.Sprintf("lines[%d]", i), "name_invalid", hintName)
	}
}

func (f WasPaid) check(*shop.Check)      {}
func (f WasCancelled) check(*shop.Check) {}

func (f WasAdjusted) check(c *shop.Check) {
	c.That(isName(f.ExternalID), "external_id", "name_invalid", hintName)
	c.That(len(f.Lines) > 0, "lines", "adjustment_empty", "Say on which lines money is given back.")
	c.That(len(f.Lines) <= maxLines, "lines", "too_many", "At most 10000 lines.")
	for i, l := range f.Lines {
		at := fmt.Sprintf("lines[%d].", i)
		c.That(isName(l.Line), at+"line", "name_invalid", hintName)
		c.That(l.Amount > 0 && isAmount(l.Amount), at+"amount_minor", "amount_invalid", "A whole number of minor units, from 1 to 10^15.")
	}
}

func (f WasExchanged) check(c *shop.Check) {
	c.That(isName(f.ExternalID), "external_id", "name_invalid", hintName)
	c.That(f.ExternalID != f.Order, "external_id", "name_taken", "A name of its own: it may become that of a new order.")
	c.That(len(f.Out)+len(f.In) > 0, "out", "exchange_empty", "Say which lines go out and which come in.")
	c.That(len(f.Out) <= maxLines, "out", "too_many", "At most 10000 lines.")
	for i, name := range f.Out {
		c.That(isName(name), fmt.Sprintf("out[%d]", i), "name_invalid", hintName)
	}
	for i, l := range f.In {
		c.That(l.No != 0 || l.ExternalID != "", fmt.Sprintf("in[%d].external_id", i), "name_invalid", "A name or a number: its place says nothing of the order's lines.")
	}
	checkLines(c, "in", f.In, 0)
}

// checkLines looks at every line and at their sum, from which the order's discount is taken.
func checkLines(c *shop.Check, field string, lines []Line, discount int64) {
	c.That(len(lines) <= maxLines, field, "too_many", "At most 10000 lines.")
	c.That(isAmount(discount), "discount_minor", "amount_invalid", hintAmount)
	names, numbers := map[string]bool{}, map[int]bool{}
	var merchandise int64
	for i, l := range number(lines) {
		at := fmt.Sprintf("%s[%d].", field, i)
		ok := checkLine(c, at, l)
		c.That(!names[l.ExternalID], at+"external_id", "line_repeated", "Each line has a name of its own within the order.")
		c.That(l.No > 0 && !numbers[l.No], at+"line", "line_repeated", "Lines are numbered from 1, each once.")
		names[l.ExternalID], numbers[l.No] = true, true
		if ok && l.Kind == Merchandise {
			merchandise += l.Gross()
		}
		if !ok || merchandise > maxMinor {
			merchandise = maxMinor
		}
	}
	c.That(discount <= merchandise, "discount_minor", "discount_too_high", "The discount is more than its merchandise costs.")
}

func checkLine(c *shop.Check, at string, l Line) (ok bool) {
	c.That(isName(l.ExternalID), at+"external_id", "name_invalid", hintName)
	c.That(isText(l.SKU) && isText(l.Name) && isText(l.Category), at+"name", "text_invalid", hintText)
	c.That(l.Kind == Merchandise || l.Kind == Shipping || l.Kind == GiftCard || l.Kind == Tip, at+"kind", "kind_unknown",
		"merchandise, shipping, gift_card or tip.")
	isPriced := isAmount(l.UnitPrice) && l.Quantity > 0 && isQuantity(l.Quantity) && l.UnitPrice <= maxMinor/l.Quantity
	c.That(isQuantity(l.Quantity) && l.Quantity > 0, at+"quantity", "quantity_invalid", "A whole number of pieces, from 1 to 10^9.")
	c.That(isPriced || l.Quantity <= 0, at+"unit_price_minor", "amount_invalid", hintAmount)
	isDiscounted := isPriced && l.Discount >= 0 && l.Gross() >= 0
	c.That(isDiscounted || !isPriced, at+"discount_minor", "discount_too_high", "From 0 to what the line costs.")
	return isDiscounted
}

// number gives lines without a number their place in the sequence, and lines without a name their number.
func number(lines []Line) []Line {
	numbered := make([]Line, len(lines))
	for i, l := range lines {
		if l.No == 0 {
			l.No = i + 1
		}
		if l.ExternalID == "" {
			l.ExternalID = fmt.Sprint(l.No)
		}
		if l.Kind == "" {
			l.Kind = Merchandise
		}
		numbered[i] = l
	}
	return numbered
}
