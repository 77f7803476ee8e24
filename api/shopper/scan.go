package shopper

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/shop"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// The cookies of whoever scans. Both are ours alone: no script reads them, no other site gets them.
const (
	clickCookie  = "hs_click"  // the last click id, for as long as one lives
	deviceCookie = "hs_device" // random; tells two phones of one model apart
	deviceLife   = 400 * 24 * time.Hour
)

// scan answers a reading of a tag: 302 after it is stored. 404 is a page that leads to the brand's site, so is 503 when
// neither memory nor database knows the code, or when nothing can keep the scan.
func (f *Face) scan(c *fiber.Ctx) error {
	came := time.Now()
	code, err := tag.Normalise(c.Params("code"))
	if err != nil {
		return f.miss(c, came)
	}
	target, err := f.Directory.Find(c.UserContext(), code)
	if errors.Is(err, tag.ErrUnknown) || (err == nil && target.LeadsAt(f.Now()) == tag.Nowhere) {
		return f.miss(c, came)
	}
	if err != nil {
		return f.away(c, f.brandOf(c), err)
	}
	answer, err := f.Scans.Record(c.UserContext(), f.reading(c, target))
	if err != nil {
		return f.away(c, target.Brand, err)
	}
	if answer.Leads == tag.ToGone {
		return f.miss(c, came)
	}
	f.setCookies(c, answer)
	c.Set("X-Robots-Tag", "noindex")
	if answer.Leads == tag.ToDestination {
		return c.Redirect(target.URL(f.circumstance(c, target.Brand), answer.Click), fiber.StatusFound)
	}
	return c.Redirect(target.Brand.Site, fiber.StatusFound)
}

// circumstance is what a tag's rules may ask. That she has the brand's app is what a link says; when the app itself opens a code,
// see api/brandapp.
func (f *Face) circumstance(c *fiber.Ctx, brand tag.Brand) tag.Circumstance {
	return tag.Circumstance{Language: languageOf(c, brand), HasApp: c.Query("app") == "1", At: f.Now()}
}

// reading is what the request says of itself. The address is hashed at once and never stored.
func (f *Face) reading(c *fiber.Ctx, target tag.Target) scan.Reading {
	purpose := c.Get("Purpose")
	if purpose == "" {
		purpose = c.Get("X-Purpose")
	}
	return scan.Reading{
		Target:  target,
		Address: endpoint.Address(c.UserContext()),
		Cookie:  c.Cookies(deviceCookie),
		Request: scan.Request{
			Method:     c.Method(),
			UserAgent:  c.Get(fiber.HeaderUserAgent),
			SecPurpose: c.Get("Sec-Purpose"),
			Purpose:    purpose,
			XMoz:       c.Get("X-Moz"),
			FetchDest:  c.Get("Sec-Fetch-Dest"),
			FetchMode:  c.Get("Sec-Fetch-Mode"),
			Accept:     c.Get(fiber.HeaderAccept),
		},
	}
}

func (f *Face) setCookies(c *fiber.Ctx, a scan.Answer) {
	if a.Click != "" {
		f.setCookie(c, clickCookie, a.Click, scan.DefaultClickLife)
	}
	if a.Cookie != "" {
		f.setCookie(c, deviceCookie, a.Cookie, deviceLife)
	}
}

// setCookie is for TLS only, except on this machine, where browsers would throw it away.
func (f *Face) setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Secure: !tag.IsLoopback(string(c.Request().Host())),
	})
}

// missAfter is when a miss is answered, counted from its arrival. A retired code is found and its scan stored, an unknown one
// may not even be asked for: both take some milliseconds, and a guesser shall not tell by which it was.
const missAfter = 40 * time.Millisecond

// miss answers a code that leads nowhere, be it unknown, a draft or retired: one page, at one time. Who tries many is slowed
// down. A code that leads on is never slowed: a mall's shoppers share one address with whoever guesses there.
func (f *Face) miss(c *fiber.Ctx, came time.Time) error {
	time.Sleep(missAfter - time.Since(came))
	brand := f.brandOf(c)
	wait, ok := f.misses.Take(guard.AddressKey(endpoint.Address(c.UserContext())))
	if !ok {
		setRetryAfter(c, wait)
		return f.notice(c, brand, noticeTooMany)
	}
	return f.notice(c, brand, noticeNowhere)
}

// retrySeconds is how soon a phone may try again when the database is away: most restarts take less.
const retrySeconds = 5

func (f *Face) away(c *fiber.Ctx, brand tag.Brand, err error) error {
	f.Log.WarnContext(c.UserContext(), "a scan was answered with come again", "request_id", endpoint.RequestID(c.UserContext()), "error", err)
	setRetryAfter(c, retrySeconds*time.Second)
	return f.notice(c, brand, noticeAway)
}

// languageOf is the shopper's language, or else the brand's.
func languageOf(c *fiber.Ctx, brand tag.Brand) shop.Language {
	fallback := brand.Language
	if fallback == "" {
		fallback = shop.TraditionalChinese
	}
	// A link may say it (the destination of a tag does), for somebody whose browser says something else.
	return shop.PreferredLanguage(c.Query("lang"), shop.PreferredLanguage(c.Get(fiber.HeaderAcceptLanguage), fallback))
}
