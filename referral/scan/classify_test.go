package scan

import (
	"encoding/csv"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
	chrome  = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
	inLINE  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.19.0"
	inInsta = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 359.0.0.29.89 (iPhone15,2; iOS 18_1; zh_TW; zh-Hant; scale=3.00; 1179x2556; 662944209)"
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
		{"a phone called CUBOT", Request{Method: "GET", UserAgent: "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36"}, Person},
		{"LinkedIn's browser", Request{Method: "GET", UserAgent: safari + " [LinkedInApp]"}, InApp},
		{"DuckDuckGo's browser", Request{Method: "GET", UserAgent: safari + " DuckDuckGo/7"}, Person},
		{"LINE's card for a link", Request{Method: "GET", UserAgent: "facebookexternalhit/1.1;line-poker/1.0"}, Preview},
		{"Facebook's card", Request{Method: "GET", UserAgent: "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}, Preview},
		{"WhatsApp's card", Request{Method: "GET", UserAgent: "WhatsApp/2.23.20.0"}, Preview},
		{"Slack's card", Request{Method: "GET", UserAgent: "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}, Preview},
		{"Google's crawler that looks like a phone", Request{Method: "GET", UserAgent: chrome + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, Bot},
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

// The patterns are words of ours, not this list's. When they are changed, look at misses of one half only; the other half,
// chosen by a hash, then says whether the change is more than learning by heart.
func TestCrawlersAreRecognised(t *testing.T) {
	t.Parallel()
	var known []struct{ Instances []string }
	readJSON(t, "crawler-user-agents.json", &known)
	var seen, unseen tally
	for _, crawler := range known {
		for _, name := range crawler.Instances {
			h := fnv.New32a()
			h.Write([]byte(name))
			which := &seen
			if h.Sum32()%2 == 0 {
				which = &unseen
			}
			which.note(!Classify(Request{Method: "GET", UserAgent: name}).Counts())
		}
	}
	t.Logf("recall %.4f of %d seen, %.4f of %d unseen examples", seen.share(), seen.all, unseen.share(), unseen.all)
	if seen.share() < 0.97 || unseen.share() < 0.97 {
		t.Errorf("fewer crawlers are recognised than before: want 0.97 of each half")
	}
}

func TestEveryInAppBrowserIsAPerson(t *testing.T) {
	t.Parallel()
	file, err := os.Open(shared(t, "inapp_browsers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if got := Classify(Request{Method: "GET", UserAgent: row[0]}); !got.Counts() {
			t.Errorf("%s on %s is taken for a %s: %s", row[3], row[2], got, row[0])
		}
	}
	t.Logf("%d browsers of people", len(rows)-1)
}

type tally struct{ hits, all int }

func (c *tally) note(hit bool) {
	c.all++
	if hit {
		c.hits++
	}
}

func (c tally) share() float64 { return float64(c.hits) / float64(c.all) }

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// shared is a file of the collected user agents, which lie beside the repository and not in it.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", "useragents", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIP: %s is not there, so nothing is measured", path)
	}
	return path
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
