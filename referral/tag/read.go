package tag

import (
	"net/url"
	"strings"

	"homestore/clienteling/shop"
)

// ErrForeign is for a QR code that leads somewhere else than to the brand's own codes: perhaps somebody stuck it over ours.
var ErrForeign = shop.Refuse(shop.Unprocessable, "tag_foreign", "This is not one of the brand's codes. Do not open what it says.")

// Read is the code in what a scanner read: the whole text of a QR code, or what stands behind /Q/ in it, or what a person typed. ErrForeign
// for an address that is not one of our codes at the brand's short domain, ErrUnknown for what cannot be a code.
func Read(text, shortDomain string) (Code, error) {
	if !strings.Contains(text, ":") {
		return Normalise(text)
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || !strings.EqualFold(u.Host, shortDomain) {
		return "", ErrForeign
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && IsLoopback(u.Host)) {
		return "", ErrForeign
	}
	code, isOurs := strings.CutPrefix(strings.ToUpper(u.Path), "/Q/")
	if !isOurs {
		return "", ErrForeign
	}
	return Normalise(code)
}
