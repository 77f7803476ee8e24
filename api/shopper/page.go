package shopper

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

var (
	//go:embed style.css
	style string
	//go:embed page.html
	pageHTML string

	pages = template.Must(template.New("page.html").Parse(pageHTML))

	// pagePolicy lets a page have its own style and nothing else: no script, no frame, no picture from anywhere. The empty icon in the
	// page itself keeps browsers from asking for one.
	pagePolicy = func() string {
		sum := sha256.Sum256([]byte(style))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	}()
)

// notice is a page that says one thing and leads on.
type notice struct {
	status int
	title  shop.Text
	text   shop.Text
}

// What is retired is answered as what never was, so its page leads on as well: what hung there is most likely still to be had.
var (
	noticeNowhere = notice{fiber.StatusNotFound,
		shop.Text{shop.TraditionalChinese: "這個條碼目前沒有內容", shop.English: "There is nothing behind this code"},
		shop.Text{shop.TraditionalChinese: "請再掃描一次，或確認輸入的代碼；條碼也可能已經停用。您要找的商品很可能還在，歡迎到我們的網站看看。", shop.English: "Please scan it once more, or check the code you typed; it may also be out of use. What you are looking for is most likely still there: please have a look on our site."}}
	noticeTooMany = notice{fiber.StatusTooManyRequests,
		shop.Text{shop.TraditionalChinese: "請稍等一下", shop.English: "One moment, please"},
		shop.Text{shop.TraditionalChinese: "短時間內嘗試了太多條碼。請過一分鐘再掃描。", shop.English: "Too many codes were tried in a short time. Please scan again in a minute."}}
	noticeAway = notice{fiber.StatusServiceUnavailable,
		shop.Text{shop.TraditionalChinese: "馬上就好", shop.English: "We will be right back"},
		shop.Text{shop.TraditionalChinese: "請過幾秒再掃描一次。您也可以直接逛逛我們的網站。", shop.English: "Please scan again in a few seconds. Our site is open in the meantime."}}
	noticeNoProduct = notice{fiber.StatusNotFound,
		shop.Text{shop.TraditionalChinese: "找不到這項商品", shop.English: "We cannot find this product"},
		shop.Text{shop.TraditionalChinese: "它可能換了名字，歡迎到我們的網站看看。", shop.English: "It may have another name now. Please have a look on our site."}}
)

// view is what page.html shows: a notice, or where somebody lands.
type view struct {
	Language  shop.Language
	Style     template.CSS
	Say       words
	Brand     string
	Title     string
	Text      string
	Link      string // empty: no button
	LinkText  string
	IsLanding bool
	Article   *articleView
	Gift      *giftView
	App       *appView
	Till      *tillView
	Switch    string // the same page in the other language
}

// notice sends a page in the shopper's language that leads to the brand's site, if the brand is known.
func (f *Face) notice(c *fiber.Ctx, brand tag.Brand, n notice) error {
	language := languageOf(c, brand)
	return render(c, n.status, view{
		Language: language, Brand: brand.Name.In(language), Title: n.title.In(language), Text: n.text.In(language),
		Link: brand.Site, LinkText: said[language].ToSite,
	})
}

func render(c *fiber.Ctx, status int, v view) error {
	v.Style, v.Say = template.CSS(style), said[v.Language]
	var page bytes.Buffer
	if err := pages.Execute(&page, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentLanguage, string(v.Language))
	c.Set("X-Robots-Tag", "noindex")
	return c.Status(status).Send(page.Bytes())
}

func setRetryAfter(c *fiber.Ctx, wait time.Duration) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
}
