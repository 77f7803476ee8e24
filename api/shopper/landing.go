package shopper

import (
	"errors"
	"html/template"
	"regexp"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
	"homestore/notify/offer"
	"homestore/referral/label"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

var clickForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// visitor is what is known of somebody who lands on a page of ours.
type visitor struct {
	language shop.Language
	phone    string
	click    string    // as it came: handed on, not believed
	scan     scan.Scan // which the click id vouches for; zero when it is not ours, too old, or not in the database yet
	code     string    // the address of the code that she scanned, with the click id: what opens in the app
}

// visitorOf reads the click id that came with the link or, where it was lost on the way, in the cookie of the scan. A page without
// what the scan adds to it is better than none, so a scan that cannot be read is logged and left out.
func (f *Face) visitorOf(c *fiber.Ctx, brand knownBrand) visitor {
	her := visitor{language: languageOf(c, brand.Brand), phone: phoneOf(c.Get(fiber.HeaderUserAgent)), click: clickOf(c)}
	if her.click == "" {
		return her
	}
	found, err := f.Scans.ByClick(c.UserContext(), brand.ID, her.click, f.Now())
	var refusal *shop.Refusal
	switch {
	case err == nil:
		her.scan = found
		her.code = tag.QRText(brand.domain, found.Code) + "?" + tag.ClickParameter + "=" + her.click
	case !errors.As(err, &refusal):
		f.Log.WarnContext(c.UserContext(), "a page was shown without its scan", "error", err)
	}
	return her
}

func clickOf(c *fiber.Ctx) string {
	for _, click := range []string{c.Query(tag.ClickParameter), c.Cookies(clickCookie)} {
		if clickForm.MatchString(click) {
			return click
		}
	}
	return ""
}

// land sends a page with the ways on: to the web shop, into the app, to the till.
func (f *Face) land(c *fiber.Ctx, brand knownBrand, her visitor, v view) error {
	apps, err := f.Team.Apps(c.UserContext(), brand.ID)
	if err != nil {
		return f.away(c, brand.Brand, err)
	}
	v.Language, v.Brand = her.language, brand.Name.In(her.language)
	v.Link = tag.Fill(brand.Site, nil, her.click)
	v.App = appViewOf(apps, her, said[her.language])
	v.IsLanding = true
	v.Switch = tag.Fill("?lang="+string(said[her.language].InOther), nil, her.click)
	if !her.scan.ID.IsZero() {
		if v.Till, err = tillViewOf(her); err != nil {
			return err
		}
		v.Gift = f.giftOf(c, brand, her)
	}
	return render(c, fiber.StatusOK, v)
}

// giftView is what the scanned tag promises to who joins by it.
type giftView struct{ Title, Body, Terms string }

// giftOf is nil where the tag that answered promises nothing, or nothing that may be promised now.
func (f *Face) giftOf(c *fiber.Ctx, brand knownBrand, her visitor) *giftView {
	gift, err := f.findGift(c, brand, her)
	var refusal *shop.Refusal
	if err != nil {
		if !errors.As(err, &refusal) {
			f.Log.WarnContext(c.UserContext(), "a page was shown without its gift", "error", err)
		}
		return nil
	}
	return &giftView{gift.Title.In(her.language), gift.Body.In(her.language), gift.Terms.In(her.language)}
}

func (f *Face) findGift(c *fiber.Ctx, brand knownBrand, her visitor) (offer.Offer, error) {
	target, err := f.Directory.Find(c.UserContext(), her.scan.Code)
	if err != nil {
		return offer.Offer{}, err
	}
	if target.Gift.IsZero() {
		return offer.Offer{}, shop.ErrNotFound
	}
	gift, err := f.Offers.Find(c.UserContext(), shop.System(brand.ID), target.Gift)
	if err != nil {
		return offer.Offer{}, err
	}
	return gift, gift.MaySend(f.Now())
}

// brandPage lands whoever scanned a tag that points at no article: a staff card, a receipt, an insert in a parcel.
func (f *Face) brandPage(c *fiber.Ctx) error {
	brand, ok, err := f.brands.named(c.UserContext(), c.Params("brand"))
	if err != nil {
		return f.away(c, f.brandOf(c), err)
	}
	if !ok {
		return f.notice(c, f.brandOf(c), noticeNoProduct)
	}
	her := f.visitorOf(c, brand)
	return f.land(c, brand, her, view{Title: said[her.language].Welcome, LinkText: said[her.language].ToSite})
}

// tillView is the click id for a till: its scanner reads it from the screen and sends it with the order.
type tillView struct {
	Drawing template.HTML
	Click   string
}

// tillSize is 3 cm on a phone, as large as a till's scanner likes it.
var tillSize = label.Size{Pixels: 164, Margin: label.MinMargin}

func tillViewOf(her visitor) (*tillView, error) {
	drawing, err := label.Draw(her.click, label.Plain())
	if err != nil {
		return nil, err
	}
	svg, err := drawing.SVG(tillSize, said[her.language].TillTitle)
	return &tillView{template.HTML(svg), her.click}, err // drawn by us of a click id that we signed
}
