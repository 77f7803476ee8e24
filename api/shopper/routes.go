// Package shopper answers people who scan: the redirect of a tag, the pages where it leads nowhere, the product page that a
// tag may lead to, and the files by which phones open what is scanned in the brand's own app.
//
// Always true: a redirect goes out after its scan is stored; it leads only where the tag's record and its brand allow; and
// nobody who scans sees a bare error: whatever happens, she gets a page in her language that leads to the brand's site.
// People get a click id, programs a plain redirect. Which scan counts is said by referral/scan, where a tag leads by
// referral/tag.
package shopper

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/catalogue"
	"homestore/clienteling/team"
	"homestore/notify/offer"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// Parts are what the face speaks to.
type Parts struct {
	Directory *tag.Directory
	Scans     *scan.Service
	Team      *team.Service
	Catalogue *catalogue.Service
	Offers    *offer.Service
	Now       func() time.Time
	Log       *slog.Logger
}

// missesPerMinute is how many codes that lead nowhere an address may try in a minute. A person who mistypes needs three.
const missesPerMinute = 20

// Face is the shopper's.
type Face struct {
	Parts
	brands *brandList
	misses *guard.Limiter
}

// New makes the face.
func New(p Parts) *Face {
	return &Face{
		Parts:  p,
		brands: &brandList{read: p.Team.Brands, now: p.Now},
		misses: guard.NewLimiter(guard.Rate{PerSecond: missesPerMinute / 60.0, Burst: missesPerMinute}, p.Now),
	}
}

// Routes is the table of contents. A QR code is upper case, people type lower case, and the router tells them apart.
func (f *Face) Routes() []endpoint.Route {
	return []endpoint.Route{
		{Method: http.MethodGet, Path: "/q/{code}", Operation: "scanTag", Public: true, Answers: http.StatusFound, Handler: f.scan},
		{Method: http.MethodHead, Path: "/q/{code}", Operation: "headTag", Public: true, Answers: http.StatusFound, Handler: f.scan},
		{Method: http.MethodGet, Path: "/Q/{code}", Operation: "scanPrintedTag", Public: true, Answers: http.StatusFound, Handler: f.scan},
		{Method: http.MethodHead, Path: "/Q/{code}", Operation: "headPrintedTag", Public: true, Answers: http.StatusFound, Handler: f.scan},
		{Method: http.MethodGet, Path: "/p/{brand}", Operation: "brandPage", Public: true, Handler: f.brandPage},
		{Method: http.MethodGet, Path: "/p/{brand}/{sku}", Operation: "productPage", Public: true, Handler: f.product},
		{Method: http.MethodGet, Path: "/robots.txt", Operation: "robots", Public: true, Handler: robots},
		{Method: http.MethodGet, Path: ApplePath, Operation: "appleAppSiteAssociation", Public: true, Handler: f.appleFile},
		{Method: http.MethodGet, Path: GooglePath, Operation: "androidAssetLinks", Public: true, Handler: f.googleFile},
	}
}

// Mount registers the face's routes.
func Mount(router fiber.Router, f *Face, frame endpoint.Frame) {
	endpoint.Mount(router, f.Routes(), frame)
}

// robots keeps crawlers that ask from reading tags; those that do not ask are told apart when they come.
func robots(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.SendString("User-agent: *\nDisallow: /q/\nDisallow: /Q/\n")
}
