package onlineretail

import (
	"strconv"
	"strings"
	"time"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
)

// invoice is a bill or a credit note while its lines come.
type invoice struct {
	number   string
	customer string
	at, last time.Time // of its first and its last line
	lines    []line
}

func (v *invoice) add(l line) {
	v.lines = append(v.lines, l)
	if l.at.After(v.last) {
		v.last = l.at
	}
}

func (v *invoice) isCredit() bool { return strings.HasPrefix(v.number, "C") }

// whose facts go one after the other: the customer's, or those of an order without one.
func (v *invoice) whose() string {
	if v.customer == "" {
		return v.number
	}
	return v.customer
}

// order makes an invoice an order, and remembers what was bought.
func (i *importer) order(v *invoice) {
	f := order.WasPlaced{
		Order: v.number, PlacedAt: v.at.UTC(), Channel: order.Online, Store: i.store, Currency: Currency, Lines: make([]order.Line, len(v.lines)),
	}
	if v.customer != "" {
		f.Identities = []customer.Identity{{Kind: customer.WebShop, Value: "online-retail:" + v.customer}}
	}
	for n, l := range v.lines {
		name := strconv.Itoa(n + 1)
		kind, category := meaning(l.code)
		f.Lines[n] = order.Line{
			No: n + 1, ExternalID: name, SKU: l.code, Name: l.text, Kind: kind, Category: category, Quantity: l.pieces, UnitPrice: l.price,
		}
		i.result.GrossMinor += l.pieces * l.price
		if v.customer != "" {
			k := good{v.customer, l.code}
			i.bought[k] = append(i.bought[k], &purchase{order: v.number, line: name, price: l.price, pieces: l.pieces, money: l.pieces * l.price})
		}
	}
	i.lanes.add(v.whose(), len(v.lines), i.result.Lines, f, order.WasFulfilled{Order: v.number, ExternalID: v.number, Kind: order.Ship, At: f.PlacedAt})
	i.result.Orders++
	i.result.OrderLines += len(v.lines)
}

// meaning is what a stock code sells.
func meaning(code string) (order.LineKind, string) {
	switch upper := strings.ToUpper(code); {
	case upper == "POST" || upper == "DOT" || upper == "C2":
		return order.Shipping, "postage"
	case upper == "BANK CHARGES" || upper == "AMAZONFEE" || upper == "CRUK" || upper == "D":
		return order.Shipping, "fee"
	case upper == "M":
		return order.Merchandise, "manual"
	case strings.HasPrefix(upper, "GIFT_"):
		return order.GiftCard, ""
	}
	return order.Merchandise, ""
}
