package label

import (
	"strings"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
)

// symbols are how prices are written where the currency is used; others by their code.
var symbols = map[shop.Currency]string{"TWD": "NT$", "HKD": "HK$", "CNY": "CN¥", "JPY": "¥", "KRW": "₩", "USD": "US$", "SGD": "S$", "EUR": "€", "GBP": "£"}

// priceLine is the price as a shelf says it: NT$12,800, or NT$12,800 起 where a product's articles differ. Empty where nothing
// has a price.
func priceLine(o catalogue.Offered, in shop.Language) string {
	if o.MostMinor == 0 {
		return ""
	}
	price := grouped(o.Currency, o.LeastMinor)
	switch {
	case o.LeastMinor == o.MostMinor:
		return price
	case in == shop.English:
		return "from " + price
	}
	return price + " 起"
}

func grouped(c shop.Currency, minor int64) string {
	symbol, ok := symbols[c]
	if !ok {
		symbol = string(c) + " "
	}
	whole, fraction, hasFraction := strings.Cut(c.Format(minor), ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	return symbol + whole
}
