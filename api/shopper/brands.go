package shopper

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/team"
	"homestore/referral/tag"
)

const (
	// brandsFor is how long the list of brands is believed. It changes a few times a year.
	brandsFor = time.Minute
	// brandsWithin bounds the wait for it, and brandsAgain how often it is asked for while nothing is known: a page without
	// a link now is better than one with a link after everybody's time-out.
	brandsWithin = 500 * time.Millisecond
	brandsAgain  = time.Second
)

var errNoBrands = errors.New("the list of brands could not be read")

// brandList is the brands in memory, by short domain and by slug, so that a page for a code that leads nowhere leads to
// the brand whose host was asked, also while the database is away.
type brandList struct {
	read func(context.Context) ([]team.Brand, error)
	now  func() time.Time

	mu       sync.Mutex
	byDomain map[string]knownBrand
	bySlug   map[string]knownBrand
	askedAt  time.Time
}

// knownBrand is a brand with the host that its codes begin with.
type knownBrand struct {
	tag.Brand
	domain string
}

// refresh reads the list when it is old. What is known stays when the database does not answer. An error says that nothing
// is known.
func (l *brandList) refresh(ctx context.Context) error {
	now := l.now()
	switch since := now.Sub(l.askedAt); {
	case l.bySlug != nil && since < brandsFor:
		return nil
	case l.bySlug == nil && since < brandsAgain:
		return errNoBrands
	}
	l.askedAt = now
	ctx, cancel := context.WithTimeout(ctx, brandsWithin)
	defer cancel()
	all, err := l.read(ctx)
	if err != nil {
		if l.bySlug != nil {
			return nil
		}
		return err
	}
	l.byDomain, l.bySlug = make(map[string]knownBrand, len(all)), make(map[string]knownBrand, len(all))
	for _, b := range all {
		known := knownBrand{tag.Brand{ID: b.ID, Slug: b.Slug, Name: b.Name, Site: b.SiteURL, Language: b.Language}, b.ShortDomain}
		l.byDomain[b.ShortDomain], l.bySlug[b.Slug] = known, known
	}
	return nil
}

// at is the brand with the short domain; the zero Brand when none has it or nobody knows.
func (l *brandList) at(ctx context.Context, host string) tag.Brand {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(ctx); err != nil {
		return tag.Brand{} // the page is the same without a name and a link
	}
	return l.byDomain[host].Brand
}

// named is the brand with the slug; ok is false when none has it.
func (l *brandList) named(ctx context.Context, slug string) (brand knownBrand, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(ctx); err != nil {
		return knownBrand{}, false, err
	}
	brand, ok = l.bySlug[slug]
	return brand, ok, nil
}

// brandOf is the brand whose short domain was asked, in upper case too: some readers of QR codes keep the code's.
func (f *Face) brandOf(c *fiber.Ctx) tag.Brand {
	return f.brands.at(c.UserContext(), strings.ToLower(string(c.Request().Host())))
}
