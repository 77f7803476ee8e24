package scan

import (
	"slices"
	"strings"
	"testing"
)

const (
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
	chrome  = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
	inLINE  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.19.0"
	inInsta = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 359.0.0.29.89 (iPhone15,2; iOS 18_1; zh_TW; zh-Hant; scale=3.00; 1179x2556; 662944209)"
	inChat  = "Mozilla/5.0 (Linux; Android 13; 22081212C Build/TKQ1.220829.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MMWEBID/2247 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/WIFI Language/zh_TW ABI/arm64"
	inFB    = "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/491.0.0.56.78;]"
)

func TestWhoReadsATag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why  string
		r    Request
		want Kind
	}{
		{"Safari", Request{Method: "GET", UserAgent: safari}, Person},
		{"Safari that navigates", Request{Method: "GET", UserAgent: safari, FetchDest: "document", FetchMode: "navigate"}, Person},
		{"Chrome on Android", Request{Method: "GET", UserAgent: chrome}, Person},
		{"LINE's browser", Request{Method: "GET", UserAgent: inLINE}, InApp},
		{"Instagram's browser", Request{Method: "GET", UserAgent: inInsta}, InApp},
		{"Facebook's browser", Request{Method: "GET", UserAgent: inFB}, InApp},
		{"WeChat's browser", Request{Method: "GET", UserAgent: inChat}, InApp},
		{"Messenger's browser", Request{Method: "GET", UserAgent: strings.Replace(inFB, "FB_IAB/FB4A", "FB_IAB/Orca-Android", 1)}, InApp},
		{"any app's browser on an iPhone", Request{Method: "GET", UserAgent: strings.Replace(safari, " Version/18.1 Mobile/15E148 Safari/604.1", " Mobile/15E148 MomoShopping/5.2", 1)}, InApp},
		{"any app's browser on Android", Request{Method: "GET", UserAgent: strings.Replace(chrome, "K)", "K; wv)", 1) + " QRCodeScanner/3.1"}, InApp},
		{"a phone called CUBOT", Request{Method: "GET", UserAgent: "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36"}, Person},
		{"LinkedIn's browser", Request{Method: "GET", UserAgent: safari + " [LinkedInApp]"}, InApp},
		{"DuckDuckGo's browser", Request{Method: "GET", UserAgent: safari + " DuckDuckGo/7"}, Person},
		{"LINE's card for a link", Request{Method: "GET", UserAgent: "facebookexternalhit/1.1;line-poker/1.0"}, Preview},
		{"Facebook's card", Request{Method: "GET", UserAgent: "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}, Preview},
		{"WhatsApp's card", Request{Method: "GET", UserAgent: "WhatsApp/2.23.20.0"}, Preview},
		{"Slack's card", Request{Method: "GET", UserAgent: "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}, Preview},
		{"Google's crawler that looks like a phone", Request{Method: "GET", UserAgent: chrome + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, Bot},
		{"Microsoft's preview that looks like a browser", Request{Method: "GET", UserAgent: chrome + " BingPreview/1.0b"}, Preview},
		{"a browser that runs on nothing", Request{Method: "GET", UserAgent: "Mozilla/5.0 AppleWebKit/537.36 Chrome/139.0.7258.127 Safari/537.36"}, Bot},
		{"curl", Request{Method: "GET", UserAgent: "curl/8.11.0"}, Bot},
		{"a library", Request{Method: "GET", UserAgent: "okhttp/4.12.0"}, Bot},
		{"no name at all", Request{Method: "GET"}, Bot},
		{"Chrome without a head", Request{Method: "GET", UserAgent: strings.Replace(chrome, "Chrome/", "HeadlessChrome/", 1)}, Bot},
		{"a name that does not end", Request{Method: "GET", UserAgent: strings.Repeat("a", 1<<20)}, Bot},
		{"HEAD", Request{Method: "HEAD", UserAgent: safari}, Prefetch},
		{"Chrome prefetches", Request{Method: "GET", UserAgent: chrome, SecPurpose: "prefetch"}, Prefetch},
		{"Chrome prerenders", Request{Method: "GET", UserAgent: chrome, SecPurpose: "prefetch;prerender"}, Prefetch},
		{"Safari's top hit", Request{Method: "GET", UserAgent: safari, Purpose: "preview"}, Prefetch},
		{"older Chrome", Request{Method: "GET", UserAgent: chrome, Purpose: "prefetch"}, Prefetch},
		{"older Firefox", Request{Method: "GET", UserAgent: chrome, XMoz: "prefetch"}, Prefetch},
		{"row 15: an image of an older browser", Request{Method: "GET", UserAgent: safari, Accept: "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"}, Embedded},
		{"row 15: a style sheet of an older browser", Request{Method: "GET", UserAgent: safari, Accept: "text/css,*/*;q=0.1"}, Embedded},
		{"a page in an older browser", Request{Method: "GET", UserAgent: safari, Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, Person},
		{"a browser that takes anything", Request{Method: "GET", UserAgent: safari, Accept: "*/*"}, Person},
		{"row 15: an image points at the tag", Request{Method: "GET", UserAgent: safari, FetchDest: "image", FetchMode: "no-cors"}, Embedded},
		{"row 15: a frame points at the tag", Request{Method: "GET", UserAgent: safari, FetchDest: "iframe", FetchMode: "navigate"}, Embedded},
		{"row 15: a script fetches the tag", Request{Method: "GET", UserAgent: safari, FetchDest: "empty", FetchMode: "cors"}, Embedded},
	} {
		if got := Classify(tc.r); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
}

func TestOnlyPeopleCount(t *testing.T) {
	t.Parallel()
	for kind, want := range map[Kind]bool{Person: true, InApp: true, App: true, Bot: false, Preview: false, Prefetch: false, Embedded: false} {
		if kind.Counts() != want || slices.Contains(People(), kind) != want {
			t.Errorf("%s counts: %t", kind, kind.Counts())
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	r := Request{Method: "GET", UserAgent: inInsta, FetchDest: "document"}
	for b.Loop() {
		Classify(r)
	}
}

func TestRememberedNamesStayFewAndKeepTheirKind(t *testing.T) {
	t.Parallel()
	m := memory{kinds: map[string]Kind{}}
	for i := range maxRemembered + 10 {
		m.kindOf(safari + strings.Repeat("x", i%100) + string(rune('a'+i/100)))
	}
	long := safari + strings.Repeat("y", maxKept)
	for range 2 {
		if got := m.kindOf("Googlebot/2.1"); got != Bot {
			t.Errorf("a crawler is a %s", got)
		}
		if got := m.kindOf(long); got != Person {
			t.Errorf("a person with a long name is a %s", got)
		}
	}
	if _, kept := m.kinds[long]; kept || len(m.kinds) > maxRemembered {
		t.Errorf("%d names are kept, the long one too: %t", len(m.kinds), kept)
	}
}
