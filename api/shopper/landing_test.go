package shopper_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/notify/offer"
	"homestore/referral/label"
	"homestore/referral/tag"
)

const (
	androidPhone = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
	desktop      = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"
)

// landing issues a tag that leads to our own page, scans it, and returns where the scan led with the click id in it.
func (b *bundle) landing(t *testing.T, change func(*tag.Spec)) (path, click string, code tag.Code) {
	t.Helper()
	made := b.issue(t, func(s *tag.Spec) {
		s.Destination = "http://" + b.host + "/p/sunny/{sku}?lang={lang}"
		if change != nil {
			change(s)
		}
	})
	got := b.ask(t, "GET", "/Q/"+string(made.Code), nil)
	to, err := url.Parse(got.Header.Get("Location"))
	if err != nil || got.StatusCode != 302 || to.Query().Get("hs_click") == "" {
		t.Fatalf("%d to %q, %v", got.StatusCode, got.Header.Get("Location"), err)
	}
	return to.RequestURI(), to.Query().Get("hs_click"), made.Code
}

func TestTheLandingPageIsOneSmallRequestInBothLanguages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.haveApps(t)
	path, _, _ := b.landing(t, nil)
	for lang, wants := range map[string][]string{
		"zh-TW": {`lang="zh-TW"`, "三人沙發", "NT$12,800", "到官網選購", "其他款式", "加入會員", "在櫃檯結帳", "English", "晴日家居"},
		"en":    {`lang="en"`, "Three-seat sofa &lt;b&gt;", "Sit down.", "Buy in the web shop", "Also available as", "Become a member", "Paying at the till", "中文"},
	} {
		for _, phone := range []string{phone, androidPhone} {
			got := b.ask(t, "GET", strings.Replace(path, "lang=zh-TW", "lang="+lang, 1), nil, "User-Agent", phone)
			for _, want := range wants {
				if got.StatusCode != 200 || !strings.Contains(got.body, want) {
					t.Errorf("%d: the page in %s lacks %q", got.StatusCode, lang, want)
				}
			}
			mustAllowItsStyle(t, got)
			mustAskForNothing(t, got.body)
			mustBeWellFormed(t, got.body)
			// 14 kB are what a server sends before it waits for the phone: ten packets.
			if size := packed(t, got.body); size > 14_000 {
				t.Errorf("%s: %d bytes compressed", lang, size)
			} else {
				t.Logf("%s: %d bytes, %d compressed", lang, len(got.body), size)
			}
		}
	}
}

// mustAskForNothing: whatever makes a browser ask again is not there, so one request shows all.
func mustAskForNothing(t *testing.T, page string) {
	t.Helper()
	page = strings.Replace(page, `<link rel="icon" href="data:,">`, "", 1) // without it browsers ask for one
	for _, asks := range []string{"<script", "<link", "<img", "<iframe", "<object", "<embed", "<video", "<audio", "<source", " src=", "srcset", "url(", "@import", "http-equiv", " style=", " onclick"} {
		if strings.Contains(page, asks) {
			t.Errorf("the page has %q", asks)
		}
	}
}

// mustBeWellFormed reads the page as XML that knows HTML's void elements, so that nothing is left open.
func mustBeWellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "link", "input"}, xml.HTMLEntity
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%v in %s", err, page)
			return
		}
	}
}

func packed(t *testing.T, page string) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, page); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func TestThePageShowsTheClickIDToATill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path, click, _ := b.landing(t, nil)
	got := b.ask(t, "GET", path, nil)
	svg := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindString(got.body)
	if svg == "" || !strings.Contains(got.body, "<figcaption class=\"soft\">"+click+"</figcaption>") {
		t.Fatalf("no code for the till in %s", got.body)
	}
	drawing, err := label.Draw(click, label.Plain())
	if err != nil {
		t.Fatal(err)
	}
	if want, err := drawing.SVG(label.Size{Pixels: 164, Margin: 4}, "給收銀機掃描的條碼"); err != nil || svg != string(want) {
		t.Errorf("%v, the code on the page is not that of the click id: %s", err, svg)
	}
	for why, path := range map[string]string{
		"she came by herself": "/p/sunny/SOFA-3", "a click id that is not ours": "/p/sunny/SOFA-3?hs_click=" + strings.Repeat("A", 50),
	} {
		if got := b.ask(t, "GET", path, nil); got.StatusCode != 200 || strings.Contains(got.body, "<svg") {
			t.Errorf("%s: %d %s", why, got.StatusCode, got.body)
		}
	}
}

func TestThePageLeadsIntoTheAppOrToItsStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path, click, code := b.landing(t, nil)
	if got := b.ask(t, "GET", path, nil, "User-Agent", androidPhone, "Accept-Language", "en"); strings.Contains(got.body, "button second") {
		t.Errorf("a brand without an app offers one: %s", got.body)
	}
	b.haveApps(t)
	address := "http://" + strings.ToUpper(b.host) + "/Q/" + string(code) + "?hs_click=" + click
	play := "https://play.google.com/store/apps/details?id=com.example.shop&referrer=hs_click%3D" + click
	for _, tc := range []struct {
		why, userAgent, path string
		wants, never         []string
	}{
		{"Android opens the app, or its store with the click id as referrer", androidPhone, path,
			[]string{`href="intent://` + strings.TrimPrefix(address, "http://") + "#Intent;scheme=http;package=com.example.shop;S.browser_fallback_url=" + url.QueryEscape(play) + `;end"`},
			[]string{"apps.apple.com", `id="copy"`}},
		{"an iPhone's banner opens the app with the address, which may be copied too", phone, path,
			[]string{`href="https://apps.apple.com/app/id1234567890"`, `content="app-id=1234567890, app-argument=` + address + `"`, `value="` + address + `"`},
			[]string{"intent:", "play.google.com"}},
		{"any other leads to both stores", desktop, path, []string{`href="https://apps.apple.com/app/id1234567890"`, `href="` + play + `"`}, []string{"intent:", `id="copy"`}},
		{"who came by herself is led to the store", androidPhone, "/p/sunny/SOFA-3",
			[]string{`href="https://play.google.com/store/apps/details?id=com.example.shop"`}, []string{"hs_click", "intent:"}},
	} {
		got := b.ask(t, "GET", tc.path, nil, "User-Agent", tc.userAgent, "Accept-Language", "en")
		page := html.UnescapeString(got.body)
		for _, want := range tc.wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: lacks %q in\n%s", tc.why, want, page)
			}
		}
		for _, never := range tc.never {
			if strings.Contains(page, never) {
				t.Errorf("%s: has %q", tc.why, never)
			}
		}
	}
}

func TestATagWithoutAnArticleLandsOnTheBrandsPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path, click, _ := b.landing(t, func(s *tag.Spec) {
		s.Kind, s.Reference, s.Placement, s.Destination = tag.Free, "", tag.PackageInsert, "http://"+b.host+"/p/sunny?lang={lang}"
	})
	got := b.ask(t, "GET", path, nil)
	for _, want := range []string{"歡迎光臨", "加入會員", `href="https://shop.example.test?hs_click=` + click + `"`, "<svg"} {
		if got.StatusCode != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%d: lacks %q in %s", got.StatusCode, want, got.body)
		}
	}
	if got := b.ask(t, "GET", "/p/nobody", nil); got.StatusCode != 404 {
		t.Errorf("nobody's page: %d", got.StatusCode)
	}
}

func TestThePageShowsTheGiftThatTheTagPromises(t *testing.T) {
	t.Parallel()
	b := setup(t)
	offers, now := offer.New(b.pool, time.Now), time.Now()
	title := shop.Text{shop.TraditionalChinese: "沙色抱枕", shop.English: "A sand cushion <b>"}
	gift, err := offers.Create(t.Context(), shop.System(b.Brand), offer.Draft{Kind: offer.Gift, Title: title, StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	path, _, _ := b.landing(t, func(s *tag.Spec) { s.Gift = gift.ID })
	if got := b.ask(t, "GET", path, nil); got.StatusCode != 200 || strings.Contains(got.body, "沙色抱枕") {
		t.Errorf("nobody has approved it: %d %s", got.StatusCode, got.body)
	}
	if _, err := offers.Approve(t.Context(), shop.System(b.Brand), gift.ID); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"zh-TW": "沙色抱枕", "en": "A sand cushion &lt;b&gt;"} {
		got := b.ask(t, "GET", strings.Replace(path, "lang=zh-TW", "lang="+lang, 1), nil)
		if got.StatusCode != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", lang, got.StatusCode, got.body)
		}
	}
	if got := b.ask(t, "GET", "/p/sunny/SOFA-3", nil); strings.Contains(got.body, "沙色抱枕") {
		t.Errorf("who scanned nothing is promised something: %s", got.body)
	}
}
