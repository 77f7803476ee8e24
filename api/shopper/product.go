package shopper

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/catalogue"
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
	shown := &articleView{Variant: article.Name.In(her.language), Price: article.Currency.Price(article.PriceMinor)}
	for _, other := range p.Variants {
		if other.ID == article.ID {
			continue
		}
		shown.Others = append(shown.Others, otherView{
			Name: other.Name.In(her.language), Price: other.Currency.Price(other.PriceMinor),
			Link: tag.Fill("/p/"+url.PathEscape(brand.Slug)+"/{sku}?lang={lang}", map[string]string{"sku": other.SKU, "lang": string(her.language)}, her.click),
		})
	}
	return shown
}
