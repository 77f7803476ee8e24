package shopper

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

type productView struct {
	Variant     string
	Price       string
	OthersTitle string
	Others      []otherView
}

type otherView struct{ Name, Price, Link string }

var (
	buyText    = shop.Text{shop.TraditionalChinese: "到官網選購", shop.English: "Buy in the web shop"}
	othersText = shop.Text{shop.TraditionalChinese: "其他款式", shop.English: "Also available as"}
	clickForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
)

// product is the page that a tag may lead to where the web shop has none of its own: what hangs on the shelf, in her
// language, with all its variants, and the way to the web shop. The click id goes along on every link.
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
		return f.notice(c, brand, noticeNoProduct)
	}
	if err != nil {
		return f.away(c, brand, err)
	}
	return render(c, fiber.StatusOK, viewOf(p, v, brand, visitor{languageOf(c, brand), clickOf(c)}))
}

// clickOf is the click id that came with the link, or with an earlier scan. It is handed on, not believed.
func clickOf(c *fiber.Ctx) string {
	for _, click := range []string{c.Query(tag.ClickParameter), c.Cookies(clickCookie)} {
		if clickForm.MatchString(click) {
			return click
		}
	}
	return ""
}

// visitor is what the page takes over from her request.
type visitor struct {
	language shop.Language
	click    string
}

// viewOf is the page of an article: itself first, then the other colours and sizes of its product.
func viewOf(p catalogue.Product, article catalogue.Variant, brand tag.Brand, her visitor) view {
	shown := view{
		Language: her.language, Brand: brand.Name.In(her.language), Title: p.Name.In(her.language), Text: p.Description.In(her.language),
		Link: tag.Fill(brand.Site, nil, her.click), LinkText: buyText.In(her.language),
		Product: &productView{
			Variant: article.Name.In(her.language), Price: price(article.Currency, article.PriceMinor), OthersTitle: othersText.In(her.language),
		},
	}
	for _, other := range p.Variants {
		if other.ID == article.ID {
			continue
		}
		shown.Product.Others = append(shown.Product.Others, otherView{
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
