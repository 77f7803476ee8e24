package shopper

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// Product is what the product page shows.
type Product struct {
	SKU         string // of the variant that was asked for
	Name        shop.Text
	Variant     shop.Text // its colour or size; may be empty
	Description shop.Text
	PriceMinor  int64 // tax included
	Currency    shop.Currency
	Others      []Variant // the product's other variants
}

// Variant is another colour or size of a product.
type Variant struct {
	SKU        string
	Name       shop.Text
	PriceMinor int64
}

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
	p, err := f.Products.Product(c.UserContext(), brand.ID, sku)
	if errors.Is(err, shop.ErrNotFound) {
		return f.notice(c, brand, noticeNoProduct)
	}
	if err != nil {
		return f.away(c, brand, err)
	}
	return render(c, fiber.StatusOK, p.view(brand, languageOf(c, brand), clickOf(c)))
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

func (p Product) view(brand tag.Brand, language shop.Language, click string) view {
	v := view{
		Language: language, Brand: brand.Name.In(language), Title: p.Name.In(language), Text: p.Description.In(language),
		Link: tag.Fill(brand.Site, nil, click), LinkText: buyText.In(language),
		Product: &productView{Variant: p.Variant.In(language), Price: price(p.Currency, p.PriceMinor)},
	}
	for _, other := range p.Others {
		v.Product.OthersTitle = othersText.In(language)
		v.Product.Others = append(v.Product.Others, otherView{
			Name: other.Name.In(language), Price: price(p.Currency, other.PriceMinor),
			Link: tag.Fill("/p/"+url.PathEscape(brand.Slug)+"/{sku}", map[string]string{"sku": other.SKU}, click),
		})
	}
	return v
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
