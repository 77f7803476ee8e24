package customer

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"homestore/clienteling/shop"
)

// regionOf is where a brand that books in a currency writes its telephone numbers. Numbers of other countries need their
// country code.
var regionOf = map[shop.Currency]string{"TWD": "TW", "JPY": "JP", "KRW": "KR", "HKD": "HK", "GBP": "GB", "USD": "US", "CNY": "CN", "SGD": "SG"}

// Region is the region in whose way a brand's people write telephone numbers, by its currency; empty where the currency is
// that of many countries.
func Region(currency shop.Currency) string { return regionOf[currency] }

// normalisePhone is E.164. A number with an extension is refused: behind it sits an office, and two people of it are not
// one customer.
func normalisePhone(value, region string) (string, error) {
	if len(value) > 64 { // before the library's patterns see it
		return "", ErrPhone
	}
	if region == "" {
		region = "ZZ" // the library's "no region": only numbers with a country code are read
	}
	n, err := phonenumbers.Parse(value, region)
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsValidNumber(n) {
		return "", ErrPhone
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// MaskPhone shows of an E.164 number what a person needs to recognise her own: 0912•••678. At least three digits are
// hidden; of a short number, more of the beginning.
func MaskPhone(e164 string) string {
	if e164 == "" {
		return ""
	}
	digits := digitsOf(e164)
	if n, err := phonenumbers.Parse(e164, "ZZ"); err == nil {
		digits = digitsOf(phonenumbers.Format(n, phonenumbers.NATIONAL))
	}
	const tail = 3
	if len(digits) < 2*tail {
		return "•••"
	}
	return digits[:min(4, len(digits)-2*tail)] + "•••" + digits[len(digits)-tail:]
}

// MaskEmail shows the first character and the host: l•••@example.com.
func MaskEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return ""
	}
	first := []rune(address[:at])[:1]
	return string(first) + "•••" + address[at:]
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
