package shopper_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

func TestAPersonIsLedOnWithAClickIDOfAStoredScan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, nil)
	for _, tc := range []struct{ why, path string }{
		{"as the QR code says", "/Q/" + string(made.Code)},
		{"typed in lower case", "/q/" + strings.ToLower(string(made.Code))},
		{"typed as it is printed", "/q/" + made.Code.Grouped()},
		{"typed with O for 0 and l for 1", "/q/" + strings.NewReplacer("0", "O", "1", "l").Replace(string(made.Code))},
	} {
		got := b.ask(t, "GET", tc.path, nil, "Accept-Language", "en-GB,en;q=0.9")
		to, err := url.Parse(got.Header.Get("Location"))
		if err != nil || got.StatusCode != 302 || got.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d to %q, %v", tc.why, got.StatusCode, to, err)
		}
		click := to.Query().Get("hs_click")
		if want := "https://shop.example.test/p/SOFA-3?lang=en&utm_campaign=2026-11&hs_click=" + click; to.String() != want {
			t.Fatalf("%s: leads to %s, want %s", tc.why, to, want)
		}
		id, err := b.scans.Click(b.Brand, click, time.Now(), time.Hour)
		if err != nil {
			t.Fatalf("%s: %v", tc.why, err)
		}
		err = b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
			found, err := b.scans.ByClicks(t.Context(), tx, b.Brand, []shop.ID{id})
			if err == nil && (len(found) != 1 || found[0].Tag != made.ID || found[0].Kind != scan.Person) {
				err = fmt.Errorf("%+v is stored", found)
			}
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", tc.why, err)
		}
	}
}

func TestCookiesOfAScanAreFirstPartyAndHidden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, nil)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	first := b.ask(t, "GET", "/Q/"+string(made.Code), jar)
	cookies := map[string]*http.Cookie{}
	for _, cookie := range first.Cookies() {
		cookies[cookie.Name] = cookie
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Domain != "" || cookie.Path != "/" || cookie.Secure {
			t.Errorf("%s", cookie.Raw)
		}
	}
	if cookies["hs_click"] == nil || cookies["hs_device"] == nil || cookies["hs_click"].MaxAge != 30*24*60*60 {
		t.Fatalf("%v", cookies)
	}
	second := b.ask(t, "GET", "/Q/"+string(made.Code), jar)
	for _, cookie := range second.Cookies() {
		if cookie.Name == "hs_device" {
			t.Error("a device that has its cookie got another")
		}
		if cookie.Name == "hs_click" && cookie.Value == cookies["hs_click"].Value {
			t.Error("two scans got one click id")
		}
	}
	figures, err := b.scans.Figures(t.Context(), b.Brand, []shop.ID{made.ID}, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil || len(figures) != 1 || figures[0].Scans != 2 || figures[0].Sessions != 1 {
		t.Fatalf("%+v, %v", figures, err)
	}
	public := b.ask(t, "GET", "/Q/"+string(made.Code), nil, "Host", "go.brand.tw")
	for _, cookie := range public.Cookies() {
		if !cookie.Secure {
			t.Errorf("away from this machine: %s", cookie.Raw)
		}
	}
	if len(public.Cookies()) == 0 {
		t.Error("no cookie away from this machine")
	}
}

func TestACodeThatLeadsNowhereGetsAFriendlyPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	retired, draft := b.issue(t, nil), b.issue(t, func(s *tag.Spec) { s.Draft = true })
	if _, err := b.tags.Retire(t.Context(), b.hq, retired.ID); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		why, path, language, says string
	}{
		{"unknown", "/Q/" + string(tag.NewCode()), "zh-TW,zh;q=0.9", "這個條碼目前沒有內容"},
		{"unknown, in English", "/Q/" + string(tag.NewCode()), "en", "There is nothing behind this code"},
		{"no code at all", "/q/hello", "", "這個條碼目前沒有內容"},
		{"an attack", "/q/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "en", "There is nothing behind this code"},
		{"a draft", "/Q/" + string(draft.Code), "fr", "這個條碼目前沒有內容"},
		{"retired", "/Q/" + string(retired.Code), "zh-HK", "這個條碼目前沒有內容"},
		{"retired, in English", "/Q/" + string(retired.Code), "de, en;q=0.5", "There is nothing behind this code"},
	} {
		got := b.ask(t, "GET", tc.path, nil, "Accept-Language", tc.language)
		if got.StatusCode != 404 || !strings.Contains(got.body, tc.says) || !strings.Contains(got.body, `href="https://shop.example.test"`) {
			t.Errorf("%s: %d %s", tc.why, got.StatusCode, got.body)
		}
		if strings.Contains(got.body, "<script") || got.Header.Get("Content-Type") != "text/html; charset=utf-8" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", tc.why, got.Header)
		}
		mustAllowItsStyle(t, got)
	}
}

// mustAllowItsStyle checks the page's own policy as a browser does.
func mustAllowItsStyle(t *testing.T, got answer) {
	t.Helper()
	found := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(got.body)
	if found == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(found[1]))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(got.Header.Get("Content-Security-Policy"), want) {
		t.Errorf("the policy %q forbids the page's style %s", got.Header.Get("Content-Security-Policy"), want)
	}
}
