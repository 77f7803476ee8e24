package shopper_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

const weChat = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.54(0x18003636) NetType/WIFI Language/zh_TW"

// phoneOf keeps cookies as the browser of one phone does.
func phoneOf(t *testing.T) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}

// scan is a reading by somebody, and the click id that she was led on with; empty when she was given none.
func (b *bundle) scan(t *testing.T, made tag.Tag, jar http.CookieJar, headers ...string) string {
	t.Helper()
	got := b.ask(t, "GET", "/Q/"+string(made.Code), jar, headers...)
	to, err := url.Parse(got.Header.Get("Location"))
	if err != nil || got.StatusCode != http.StatusFound || !strings.HasPrefix(to.String(), "https://shop.example.test/p/SOFA-3?") {
		t.Fatalf("%d to %q, %v", got.StatusCode, to, err)
	}
	return to.Query().Get("hs_click")
}

func (b *bundle) mustCount(t *testing.T, why string, made tag.Tag, scans, sessions int64) {
	t.Helper()
	figures, err := b.scans.Figures(t.Context(), b.Brand, []shop.ID{made.ID}, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil || len(figures) != 1 || figures[0].Scans != scans || figures[0].Sessions != sessions {
		t.Errorf("%s: %+v, %v; want %d scans in %d sessions", why, figures, err, scans, sessions)
	}
}

func TestAbuse10ProgramsAreAnsweredStoredAndNotCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, nil)
	for _, tc := range []struct {
		why, method string
		headers     []string
		want        scan.Kind
	}{
		{"a crawler", "GET", []string{"User-Agent", crawler}, scan.Bot},
		{"LINE's card for a link", "GET", []string{"User-Agent", "facebookexternalhit/1.1;line-poker/1.0"}, scan.Preview},
		{"HEAD", "HEAD", nil, scan.Prefetch},
		{"prefetch", "GET", []string{"Sec-Purpose", "prefetch"}, scan.Prefetch},
		{"prerender", "GET", []string{"Sec-Purpose", "prefetch;prerender"}, scan.Prefetch},
		{"older prefetch", "GET", []string{"Purpose", "prefetch"}, scan.Prefetch},
		{"Firefox's older prefetch", "GET", []string{"X-Moz", "prefetch"}, scan.Prefetch},
		{"Safari's preview", "GET", []string{"X-Purpose", "preview"}, scan.Prefetch},
	} {
		b.mustNotCount(t, tc.why, b.ask(t, tc.method, "/Q/"+string(made.Code), phoneOf(t), tc.headers...), tc.want)
	}
	if got := b.stored(t); got[scan.Bot] != 1 || got[scan.Preview] != 1 || got[scan.Prefetch] != 6 || len(got) != 3 {
		t.Errorf("stored %v", got)
	}
}

// mustNotCount: the answer leads on, with neither click id nor cookie, and one more scan of the kind is stored.
func (b *bundle) mustNotCount(t *testing.T, why string, got answer, kind scan.Kind) {
	t.Helper()
	if got.StatusCode != http.StatusFound || got.Header.Get("Location") != "https://shop.example.test/p/SOFA-3?lang=zh-TW&utm_campaign=2026-11" {
		t.Errorf("%s: %d to %q", why, got.StatusCode, got.Header.Get("Location"))
	}
	if len(got.Cookies()) > 0 {
		t.Errorf("%s: got the cookies %v", why, got.Cookies())
	}
	if b.stored(t)[kind] == 0 {
		t.Errorf("%s: no %s is stored", why, kind)
	}
}

func TestAbuse15OnlyTopLevelNavigationAttributes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, nil)
	parts := [][2]string{
		{"iframe", "navigate"}, {"frame", "navigate"}, {"fencedframe", "navigate"}, {"object", "navigate"}, {"embed", "navigate"},
		{"image", "no-cors"}, {"script", "no-cors"}, {"style", "no-cors"}, {"font", "cors"}, {"audio", "no-cors"}, {"video", "no-cors"},
		{"track", "cors"}, {"empty", "cors"}, {"empty", "no-cors"}, {"worker", "same-origin"}, {"manifest", "cors"}, {"document", "cors"},
	}
	for _, part := range parts {
		got := b.ask(t, "GET", "/Q/"+string(made.Code), phoneOf(t), "Sec-Fetch-Dest", part[0], "Sec-Fetch-Mode", part[1], "Sec-Fetch-Site", "cross-site")
		b.mustNotCount(t, part[0]+" by "+part[1], got, scan.Embedded)
	}
	old := b.ask(t, "GET", "/Q/"+string(made.Code), phoneOf(t), "Accept", "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5")
	b.mustNotCount(t, "an image of a browser without fetch metadata", old, scan.Embedded)
	if stored := b.stored(t); stored[scan.Embedded] != len(parts)+1 || len(stored) != 1 {
		t.Errorf("stored %v", stored)
	}
	for _, headers := range [][]string{
		{"Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "none", "Sec-Fetch-User", "?1"},
		{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
	} {
		if click := b.scan(t, made, phoneOf(t), headers...); click == "" {
			t.Errorf("somebody who navigates got no click id: %v", headers)
		}
	}
	b.mustCount(t, "the two who navigate", made, 2, 2)
}

func TestAbuse11AThousandScansOfOnePhoneAreOneSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, jar := b.issue(t, nil), phoneOf(t)
	clicks := map[string]bool{}
	for range 1000 {
		clicks[b.scan(t, made, jar)] = true
	}
	if len(clicks) != 1000 {
		t.Errorf("%d click ids", len(clicks))
	}
	b.mustCount(t, "one phone", made, 1000, 1)
}

func TestAbuse11TwoPeopleWithTheSamePhoneOnOneWiFiAreTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, nil)
	ann, bob := phoneOf(t), phoneOf(t)
	first, second := b.scan(t, made, ann), b.scan(t, made, bob)
	if first == "" || second == "" || first == second {
		t.Errorf("click ids %q and %q", first, second)
	}
	b.mustCount(t, "ann and bob", made, 2, 2)
	b.scan(t, made, bob)
	b.scan(t, made, ann)
	b.mustCount(t, "both again", made, 4, 2)
}

func TestAbuse11APlatformThatFetchesTwiceIsOneSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, jar := b.issue(t, nil), phoneOf(t)
	b.scan(t, made, nil, "User-Agent", weChat) // the platform, which keeps no cookies
	click := b.scan(t, made, jar, "User-Agent", weChat)
	b.mustCount(t, "a new person", made, 2, 1)
	if kinds := b.stored(t); click == "" || kinds[scan.InApp] != 2 {
		t.Errorf("click id %q, stored %v", click, kinds)
	}
	b.scan(t, made, jar, "User-Agent", weChat)
	b.mustCount(t, "again, with her cookie", made, 3, 1)

	other := b.issue(t, nil)
	b.scan(t, other, nil, "User-Agent", weChat)
	b.scan(t, other, jar, "User-Agent", weChat)
	b.mustCount(t, "a person with a cookie, at another tag", other, 2, 1)
	b.scan(t, other, nil, "User-Agent", weChat)
	b.scan(t, other, phoneOf(t), "User-Agent", weChat)
	b.mustCount(t, "and her friend", other, 4, 2)
}
