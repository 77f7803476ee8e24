// Package offer keeps what a brand promises its customers: a coupon, a threshold, free shipping, a bundle or a gift; and to
// whom it was granted, with the code that redeems it.
//
// Always true: a customer has at most one grant of an offer, whose code nobody can guess; a code is redeemed once, with one
// order; an offer leads only to hosts that the brand allows; what is approved does not change. What an offer takes off a
// price is the web shop's and the till's business, which know the code. Who is told of an offer: see campaign.
package offer

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Kind is what is promised.
type Kind string

// All kinds of offers.
const (
	Coupon       Kind = "coupon"        // so much off
	Threshold    Kind = "threshold"     // so much off from so much on
	FreeShipping Kind = "free_shipping" // also what a typhoon calls for
	Bundle       Kind = "bundle"        // together for less
	Gift         Kind = "gift"
)

var kinds = []Kind{Coupon, Threshold, FreeShipping, Bundle, Gift}

// Draft is what somebody writes down.
type Draft struct {
	ID       shop.ID // zero: a new one; an offer that exists under it is taken for this one, so writing it again writes it once
	Kind     Kind
	Title    shop.Text
	Body     shop.Text
	Terms    shop.Text // small print: shown in the app, not in the push
	Link     string    // page or app link; empty: the app opens the offer itself
	StartsAt time.Time
	EndsAt   time.Time
}

// Offer is a draft that is kept.
type Offer struct {
	ID shop.ID
	Draft
	ApprovedAt time.Time // zero: nobody may send it yet
	ApprovedBy shop.ID
	CreatedAt  time.Time
}

// Grant is the promise to one customer.
type Grant struct {
	Offer      shop.ID
	Customer   shop.ID
	Code       string
	GrantedAt  time.Time
	GrantedBy  string // shop.Actor.Pseudonym, campaign:<id> or tag:<id>
	RedeemedAt time.Time
	Order      shop.ID // with which it was redeemed
}

// Refusals about offers.
var (
	ErrNotApproved = shop.Refuse(shop.Unprocessable, "offer_not_approved", "This offer is not approved yet.")
	ErrOver        = shop.Refuse(shop.Gone, "offer_over", "This offer is over.")
	ErrNotBegun    = shop.Refuse(shop.Unprocessable, "offer_not_begun", "This offer has not begun yet.")
	ErrLink        = shop.Refuse(shop.Unprocessable, "offer_link_refused", "An offer leads to an https address on one of the brand's allowed hosts.")
	ErrCodeUnknown = shop.Refuse(shop.NotFound, "offer_code_unknown", "There is no such code.")
	ErrRedeemed    = shop.Refuse(shop.Conflict, "offer_code_redeemed", "This code was redeemed with another order.")

	_ = postgres.RefuseOn("offer_grant_customer_fkey", customer.ErrUnknown)
	_ = postgres.RefuseOn("offer_grant_offer_fkey", shop.ErrNotFound)
)

// MaySend is nil for an offer that customers may be told of now: ErrNotApproved, ErrNotBegun or ErrOver otherwise.
func (o Offer) MaySend(now time.Time) error {
	if o.ApprovedAt.IsZero() {
		return ErrNotApproved
	}
	return o.runs(now)
}

func (d Draft) runs(now time.Time) error {
	switch {
	case now.Before(d.StartsAt):
		return ErrNotBegun
	case !now.Before(d.EndsAt):
		return ErrOver
	}
	return nil
}

// A push has 4,096 bytes for texts, link and ids. 600 characters of at most four bytes, a link of a thousand and how to
// refuse leave some.
const (
	maxTitle = 100
	maxBody  = 500
	maxTerms = 5000
	maxLink  = 1000
)

// longest keeps promises within what anybody plans.
const longest = 2 * 366 * 24 * time.Hour

// check says what is wrong with a draft, all of it at once.
func (d Draft) check(language shop.Language, now time.Time) error {
	var c shop.Check
	c.That(slices.Contains(kinds, d.Kind), "kind", "kind_unknown", "coupon, threshold, free_shipping, bundle or gift.")
	c.That(d.Title[language] != "", "title", "title_required", "Give the title at least in the brand's own language.")
	c.That(isText(d.Title, maxTitle, false), "title", "text_invalid", "In zh-TW and en, one line of at most 100 characters.")
	c.That(isText(d.Body, maxBody, true), "body", "text_invalid", "In zh-TW and en, at most 500 characters.")
	c.That(isText(d.Terms, maxTerms, true), "terms", "text_invalid", "In zh-TW and en, at most 5,000 characters.")
	c.That(d.EndsAt.After(d.StartsAt) && d.EndsAt.After(now), "ends_at", "period_invalid", "An offer ends after it begins, and not in the past.")
	c.That(d.EndsAt.Sub(d.StartsAt) <= longest, "ends_at", "period_too_long", "An offer runs for two years at most.")
	return c.Err()
}

func isText(t shop.Text, most int, mayBreak bool) bool {
	for language, s := range t {
		if language != shop.TraditionalChinese && language != shop.English || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
			return false
		}
		strange := func(r rune) bool { return !unicode.IsGraphic(r) && (r != '\n' || !mayBreak) && r != '\u200d' } // emoji join by U+200D
		if strings.ContainsFunc(s, strange) {
			return false
		}
	}
	return true
}

// checkLink is ErrLink unless the address is plain https on one of the hosts, compared whole. A loopback host may go without
// TLS, for development.
func checkLink(link string, hosts []string) error {
	if link == "" {
		return nil
	}
	unsafe := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\\\"'<>^`|{}", r) }
	u, err := url.Parse(link)
	if err != nil || len(link) > maxLink || strings.ContainsFunc(link, unsafe) || u.User != nil || u.Opaque != "" {
		return ErrLink
	}
	isLoopback := u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.")
	if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback) || !slices.Contains(hosts, u.Host) {
		return ErrLink
	}
	// Browsers take what stands before the first slash, question mark or hash; Go must have found the same.
	if !strings.HasPrefix(link, u.Scheme+"://"+u.Host+"/") && link != u.Scheme+"://"+u.Host {
		return ErrLink
	}
	return nil
}

// codeAlphabet has no vowels, so that no code reads as a word, and nothing that looks like something else.
const codeAlphabet = "23456789BCDFGHJKMNPQRSTVWXYZ"

const codeLength = 12

// newCode has 57 bits: of a million codes that are given out, one in 10¹¹ guesses finds one.
func newCode() string {
	code := make([]byte, 0, codeLength)
	for len(code) < codeLength {
		var random [32]byte
		_, _ = rand.Read(random[:]) // documented never to fail
		for _, b := range random {
			// Only what is below the largest multiple of the alphabet's length, so that no letter is likelier than another.
			if int(b) < 256/len(codeAlphabet)*len(codeAlphabet) && len(code) < codeLength {
				code = append(code, codeAlphabet[int(b)%len(codeAlphabet)])
			}
		}
	}
	return string(code)
}

// readCode is the code as it is kept, of what somebody has typed.
func readCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
}
