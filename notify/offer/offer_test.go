package offer

import (
	"errors"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/notify/push"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func lamp() Draft {
	return Draft{
		Kind:  Coupon,
		Title: shop.Text{shop.TraditionalChinese: "檯燈 8 折", shop.English: "20 % off the lamp"},
		Body:  shop.Text{shop.TraditionalChinese: "到週日為止。", shop.English: "Until Sunday."},
		Terms: shop.Text{shop.TraditionalChinese: "每人限用一次。"},
		Link:  "https://shop.example.test/lamp?from=push", StartsAt: noon.Add(-time.Hour), EndsAt: noon.Add(7 * 24 * time.Hour),
	}
}

func TestWhatADraftMustBe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		change func(*Draft)
		ok     bool
	}{
		{"a whole draft", func(*Draft) {}, true},
		{"only the brand's own language", func(d *Draft) { delete(d.Title, shop.English); d.Body, d.Terms = nil, nil }, true},
		{"an emoji of several parts is a text", func(d *Draft) { d.Body[shop.English] = "For the 👩‍👧\nand her lamp" }, true},
		{"a kind that nobody knows", func(d *Draft) { d.Kind = "lottery" }, false},
		{"no title in the brand's language", func(d *Draft) { delete(d.Title, shop.TraditionalChinese) }, false},
		{"a title of two lines", func(d *Draft) { d.Title[shop.English] = "a\nb" }, false},
		{"a title too long for a phone", func(d *Draft) { d.Title[shop.English] = strings.Repeat("a", 101) }, false},
		{"a body too long for a push", func(d *Draft) { d.Body[shop.TraditionalChinese] = strings.Repeat("燈", 501) }, false},
		{"a language that the apps do not speak", func(d *Draft) { d.Body["fr"] = "bonjour" }, false},
		{"text that turns what follows around", func(d *Draft) { d.Body[shop.English] = "a\u202eb" }, false},
		{"broken text", func(d *Draft) { d.Body[shop.English] = "a\xff" }, false},
		{"an end before the beginning", func(d *Draft) { d.EndsAt = d.StartsAt.Add(-time.Second) }, false},
		{"an end in the past", func(d *Draft) { d.StartsAt, d.EndsAt = noon.Add(-2*time.Hour), noon }, false},
		{"an offer for ever", func(d *Draft) { d.EndsAt = noon.AddDate(3, 0, 0) }, false},
	} {
		d := lamp()
		tc.change(&d)
		if err := d.check(shop.TraditionalChinese, noon); (err == nil) != tc.ok || err != nil && !errors.Is(err, shop.ErrFields) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

// The limits of a draft are FCM's, counted in characters.
func TestLongestDraftFitsAPush(t *testing.T) {
	t.Parallel()
	for why, letter := range map[string]string{"four bytes": "🛋", "escaped in JSON": `"`} {
		o := push.Offer{
			DeliveryID: shop.NewID(noon), OfferID: shop.NewID(noon), CampaignID: shop.NewID(noon), IsFirst: true,
			Title: shop.Text{shop.TraditionalChinese: strings.Repeat(letter, maxTitle)},
			Body:  shop.Text{shop.TraditionalChinese: strings.Repeat(letter, maxBody)},
			Link:  "https://shop.example.test/" + strings.Repeat("a", maxLink-26), EndsAt: noon.Add(time.Hour), ShowBy: noon.Add(time.Hour),
		}
		if _, err := o.Message(shop.TraditionalChinese, noon); err != nil {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestOfferLeadsOnlyToAllowedHosts(t *testing.T) {
	t.Parallel()
	hosts := []string{"shop.example.test", "localhost:8080", "plain.example.test"}
	for _, tc := range []struct {
		why, link string
		ok        bool
	}{
		{"no link: the app opens the offer", "", true},
		{"the shop", "https://shop.example.test/lamp?a=1&b=%E7%87%88#top", true},
		{"the shop's front page", "https://shop.example.test", true},
		{"this machine, in development", "http://localhost:8080/p/lamp", true},
		{"another host", "https://evil.example/", false},
		{"a host that ends like ours", "https://evilshop.example.test/", false},
		{"a host that begins like ours", "https://shop.example.test.evil.example/", false},
		{"another port", "https://shop.example.test:8443/", false},
		{"a name before the host", "https://shop.example.test@evil.example/", false},
		{"our name as a name", "https://a@shop.example.test/", false},
		{"without TLS", "http://plain.example.test/", false},
		{"a script", "javascript:alert(1)", false},
		{"a backslash, which browsers read as a slash", `https://evil.example\@shop.example.test/`, false},
		{"no scheme", "//shop.example.test/", false},
		{"a new line", "https://shop.example.test/\nx", false},
		{"another alphabet", "https://shop.example.test/燈", false},
		{"too long for a push", "https://shop.example.test/" + strings.Repeat("a", 1000), false},
	} {
		if err := checkLink(tc.link, hosts); (err == nil) != tc.ok {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

func TestWhenAnOfferMayBeSent(t *testing.T) {
	t.Parallel()
	d := lamp()
	for _, tc := range []struct {
		why      string
		approved bool
		at       time.Time
		want     error
	}{
		{"approved and running", true, noon, nil},
		{"from its first moment", true, d.StartsAt, nil},
		{"not in its last", true, d.EndsAt, ErrOver},
		{"before it begins", true, d.StartsAt.Add(-time.Millisecond), ErrNotBegun},
		{"not approved", false, noon, ErrNotApproved},
	} {
		o := Offer{Draft: d}
		if tc.approved {
			o.ApprovedAt = d.StartsAt
		}
		if err := o.MaySend(tc.at); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

func TestCodesAreReadAsTheyAreTyped(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		code := newCode()
		if len(code) != codeLength || strings.Trim(code, codeAlphabet) != "" || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
		if typed := strings.ToLower(code[:4] + "-" + code[4:8] + " " + code[8:]); readCode(typed) != code {
			t.Fatalf("%q is read as %q", typed, readCode(typed))
		}
	}
}
