package label

import (
	"testing"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
)

func TestPricesAreWrittenAsOnAShelf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		least, most int64
		currency    shop.Currency
		in          shop.Language
		want, why   string
	}{
		{12800, 12800, "TWD", shop.TraditionalChinese, "NT$12,800", "no decimals in use"},
		{980, 980, "TWD", shop.TraditionalChinese, "NT$980", "no separator"},
		{1234567, 1234567, "TWD", shop.English, "NT$1,234,567", "two of them"},
		{123450, 123450, "HKD", shop.English, "HK$1,234.50", "with decimals"},
		{28800, 32000, "TWD", shop.TraditionalChinese, "NT$28,800 起", "articles differ"},
		{28800, 32000, "TWD", shop.English, "from NT$28,800", "in English"},
		{0, 0, "TWD", shop.English, "", "nothing has a price"},
		{0, 500, "TWD", shop.English, "from NT$0", "a gift among them"},
	} {
		if got := priceLine(catalogue.Offered{LeastMinor: tc.least, MostMinor: tc.most, Currency: tc.currency}, tc.in); got != tc.want {
			t.Errorf("%d to %d %s in %s: %q, want %q (%s)", tc.least, tc.most, tc.currency, tc.in, got, tc.want, tc.why)
		}
	}
}
