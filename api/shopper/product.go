package shopper

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// articleView is what hangs on the shelf.
type articleView struct {
	Variant string
	Price   string
	Others  []otherView
}

type otherView struct{ Name, Price, Link string }

// product lands whoever scanned a tag of an article: what hangs on the shelf, in her language, with all its variants, and
// the ways on. The click id goes along on every link.
func (f *Face) product(c *fiber.Ctx) error {
	brand, ok, err := f.brands.named(c.UserContext(), c.Params("brand"))
	if err != nil {
		return f.away(c, f.brandOf(c), err)
	}
	sku, badEscape := url.PathUnescape(c.Params("sku"))
	if !ok || badEscape != nil || !utf8.ValidString(sku) || strings.ContainsRune(sku, 0) {
		return f.notice(c, f.brandOf(c), noticeNoProduct)
	}
	p, v, err := f.Catalogue.BySKU(c.UserContext(), brand.ID, sku)
	if errors.Is(err, catalogue.ErrSKUUnknown) {
		return f.notice(c, brand.Brand, noticeNoProduct)
	}
	if err != nil {
		return f.away(c, brand.Brand, err)
	}
	her := f.visitorOf(c, brand)
	shown := view{
		Title: p.Name.In(her.language), Text: p.Description.In(her.language), LinkText: said[her.language].Buy,
		Article: articleOf(p, v, brand, her),
	}
	return f.land(c, brand, her, shown)
}

// articleOf is the article itself, then the other colours and sizes of its product.
func articleOf(p catalogue.Product, article catalogue.Variant, brand knownBrand, her visitor) *articleView {
	shown := &articleView{Variant: article.Name.In(her.language), Price: price(article.Currency, article.PriceMinor)}
	for _, other := range p.Variants {
		if other.ID == article.ID {
			continue
		}
		shown.Others = append(shown.Others, otherView{
			Name: other.Name.In(her.language), Price: price(other.Currency, other.PriceMinor),
			Link: tag.Fill("/p/"+url.PathEscape(brand.Slug)+"/{sku}?lang={lang}", map[string]string{"sku": other.SKU, "lang": string(her.language)}, her.click),
		})
	}
	return shown
}

// signs are how shoppers write a currency; others are written by their code.
var signs = map[shop.Currency]string{"TWD": "NT$", "HKD": "HK$", "GBP": "£", "EUR": "€", "USD": "US$", "JPY": "¥"}

// price is an amount as it stands on a price tag: NT$12,800.
func price(currency shop.Currency, minor int64) string {
	sign, ok := signs[currency]
	if !ok {
		sign = string(currency) + " "
	}
	whole, fraction, _ := strings.Cut(currency.Format(minor), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}
