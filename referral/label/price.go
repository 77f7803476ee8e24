package label

import (
	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
)

// priceLine is the price as a shelf says it: NT$12,800, or NT$12,800 起 where a product's articles differ. Empty where nothing
// has a price.
func priceLine(o catalogue.Offered, in shop.Language) string {
	if o.MostMinor == 0 {
		return ""
	}
	price := o.Currency.Price(o.LeastMinor)
	switch {
	case o.LeastMinor == o.MostMinor:
		return price
	case in == shop.English:
		return "from " + price
	}
	return price + " 起"
}
