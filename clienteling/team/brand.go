// Package team keeps who sells: brands and their policy, stores, staff and where they work, the devices in the shops, who is
// signed in, and the keys of a brand's other systems.
//
// Always true: no PIN, password, device secret or API key is stored, only its hash; a wrong PIN is counted before it is
// compared, so no crash and no parallel request gives a guess for free; of all refreshes of one generation of a session
// one rotates it, and an older generation that comes back ends the session; a policy that has begun never changes.
//
// It does not speak HTTP and does not make tokens: that is api/signin. It does not know customers; a customer's session is an
// id that somebody above has found.
package team

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Brand is a tenant.
type Brand struct {
	ID           shop.BrandID
	Slug         string
	Name         shop.Text
	TimeZone     string
	Language     shop.Language
	Currency     shop.Currency
	TaxBP        int      // tax contained in prices
	SiteURL      string   // where a code leads that leads nowhere else
	ShortDomain  string   // host of the QR text
	AllowedHosts []string // hosts that a tag may lead to
	CreatedAt    time.Time

	zone *time.Location
}

// Addresses are where a brand is to be found on the web, and where its codes may lead.
type Addresses struct {
	SiteURL      string
	ShortDomain  string
	AllowedHosts []string
}

// Refusals about brands.
var (
	ErrBrandExists = shop.Refuse(shop.Conflict, "brand_exists", "There is a brand with this id or slug.")
	_              = postgres.RefuseOn("brand_pkey", ErrBrandExists)
	_              = postgres.RefuseOn("brand_slug_once", ErrBrandExists)
)

// Zone is the brand's time zone.
func (b Brand) Zone() *time.Location {
	if b.zone == nil {
		return time.UTC
	}
	return b.zone
}

// Day is the brand's calendar day of an instant, as midnight UTC of that date: the form in which days are passed.
func (b Brand) Day(at time.Time) time.Time {
	y, m, d := at.In(b.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

var (
	slugForm = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)
	hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
)

// check says what is wrong with a brand, all of it at once, and settles its zone.
func (b *Brand) check() error {
	var c shop.Check
	c.That(b.ID > 0, "id", "id_invalid", "A brand's id is a positive number.")
	c.That(slugForm.MatchString(b.Slug) && len(b.Slug) <= 40, "slug", "slug_invalid", "Small letters, digits and single hyphens, at most 40.")
	c.That(b.Name.In(b.Language) != "", "name", "name_required", "Give the name in at least one language.")
	c.That(slices.Contains([]shop.Language{shop.TraditionalChinese, shop.English}, b.Language), "language", "language_unknown", "zh-TW or en.")
	_, booked := b.Currency.Digits()
	c.That(booked, "currency", "currency_unknown", "An ISO 4217 code that Homestore books in.")
	c.That(b.TaxBP >= 0 && b.TaxBP <= 10000, "tax_bp", "tax_out_of_range", "Basis points from 0 to 10000.")
	zone, err := time.LoadLocation(b.TimeZone)
	c.That(err == nil && b.TimeZone != "", "time_zone", "time_zone_unknown", "An IANA name such as Asia/Taipei.")
	site, err := url.Parse(b.SiteURL)
	c.That(err == nil && (site.Scheme == "https" || site.Scheme == "http") && site.Host != "", "site_url", "url_invalid", "An absolute address of the brand's site.")
	c.That(hostForm.MatchString(b.ShortDomain), "short_domain", "host_invalid", "A host name in small letters.")
	for _, host := range b.AllowedHosts {
		c.That(hostForm.MatchString(host), "allowed_hosts", "host_invalid", "Host names in small letters.")
	}
	b.zone = zone
	return c.Err()
}

// storable reports whether a short text a person types may be kept: not empty, no control characters, not too long.
func storable(s string, most int) bool {
	return strings.TrimSpace(s) == s && s != "" && len([]rune(s)) <= most &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
