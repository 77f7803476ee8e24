package scan

import (
	"strings"
	"sync"
)

// Kind says who read a tag, and people by what. Only people count and get a click id; the others are answered, stored and
// left out of figures.
type Kind string

const (
	Person   Kind = "person"   // in a browser
	InApp    Kind = "in_app"   // a person in the browser of an app: LINE, Facebook, Instagram, Messenger, WeChat
	App      Kind = "app"      // a person in the brand's own app, signed in
	Bot      Kind = "bot"      // crawlers, monitors, libraries
	Preview  Kind = "preview"  // somebody's program looks where a link leads
	Prefetch Kind = "prefetch" // a browser fetches ahead, or HEAD: nobody has looked yet
	Embedded Kind = "embedded" // a page points at the tag as at its image, frame or script; its reader need know nothing of it
)

// People are the kinds that count.
func People() []Kind { return []Kind{Person, InApp, App} }

// Counts says whether a scan of this kind is in figures and may credit anybody.
func (k Kind) Counts() bool { return k == Person || k == InApp || k == App }

// Request is what a classification looks at: the method and some headers, as they came.
type Request struct {
	Method     string
	UserAgent  string
	SecPurpose string // Sec-Purpose: prefetch;prerender
	Purpose    string // Purpose, X-Purpose: prefetch, preview
	XMoz       string // X-Moz: prefetch
	FetchDest  string // Sec-Fetch-Dest: document when a person navigates
	FetchMode  string // Sec-Fetch-Mode: navigate when a person navigates
}

// Classify tells people from programs. What the browser says of itself (fetch metadata) comes before what its name suggests,
// because pages cannot forge it: an image or frame that points at a tag never counts, whoever's browser loads it.
func Classify(r Request) Kind {
	switch {
	case r.Method == "HEAD",
		containsAny(lower(r.SecPurpose), "prefetch", "prerender"),
		containsAny(lower(r.Purpose), "prefetch", "prerender", "preview", "instant"),
		lower(r.XMoz) == "prefetch":
		return Prefetch
	case r.FetchDest != "" && r.FetchDest != "document",
		r.FetchMode != "" && r.FetchMode != "navigate":
		return Embedded
	}
	return names.kindOf(r.UserAgent)
}

// memory keeps what names were classified as. Searching one for the words of programs takes 7 us, a twelfth of a scan, and
// the phones of a city have some hundred names.
type memory struct {
	mu    sync.RWMutex
	kinds map[string]Kind
}

var names = memory{kinds: map[string]Kind{}}

// What is kept is bounded, also against somebody who invents names: 2 MB at most. When it is full it is begun anew.
const (
	maxRemembered = 4096
	maxKept       = 512 // bytes of a name
)

func (m *memory) kindOf(name string) Kind {
	m.mu.RLock()
	kind, known := m.kinds[name]
	m.mu.RUnlock()
	if known {
		return kind
	}
	kind = classifyName(lower(name))
	if len(name) > maxKept {
		return kind
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kinds) >= maxRemembered {
		clear(m.kinds)
	}
	m.kinds[strings.Clone(name)] = kind
	return kind
}

// maxName is where reading a name stops; real ones have 500 bytes at most.
const maxName = 1024

func lower(s string) string { return strings.ToLower(s[:min(len(s), maxName)]) }

// previewers name the programs that show a card for a link somebody sends or posts.
var previewers = []string{
	"facebookexternalhit", "facebookcatalog", "facebot", "line-poker", "linebot", "twitterbot", "slackbot", "slack-img", "discordbot", "telegrambot",
	"whatsapp", "linkedinbot", "skypeuripreview", "viber", "kakaotalk-scrap", "vkshare", "pinterestbot", "redditbot", "snap url preview",
	"bingpreview", "embedly", "iframely", "bitlybot", "mattermost", "google-pagerenderer", "preview",
}

// programs are parts of names that no browser of people has in it. They are words for what programs do, and the addresses
// they leave for complaints; a phone called CUBOT is taken out before the search.
var programs = []string{
	"bot", "crawl", "spider", "scrap", "slurp", "http", "www.", "@", ".com", ".net", ".org", "fetch", "monitor", "check", "scan", "valid", "index", "archiv",
	"search", "feed", "rss", "python", "perl", "java/", "ruby", "php", "curl", "wget", "node", "axios", "headless", "phantom", "lighthouse",
	"speed", "uptime", "ping", "probe", "proxy", "agent", "client", "library", "link", "extract", "grab", "harvest", "download", "analy", "audit",
	"test", "seo", "rank", "site", "page", "web/", "dataprovider", "research", "sniff", "survey", "inspect", "discover", "mediapartners", "adsbot",
	"google-", "googleother", "yahoo", "yandex", "baidu", "bing", "naver", "daum", "qwant", "duckduck", "ia_archiver", "nutch", "heritrix",
	"synthetic", "datadog", "gptbot", "openai", "claude", "anthropic", "perplexity", "cohere", "barkrowler", "capture", "screenshot", "render",
	"security", "censys", "nmap", "nikto", "sqlmap", "zgrab", "masscan", "expanse", "cloud", "ads", "parser", "reader", "collect", "tracker", "verif",
}

// browsers are parts of names that stand for a person although they contain a program's word.
var browsers = strings.NewReplacer(
	"cubot", "", // a maker of phones
	"android@", "", "ios@", "", // Ecosia writes its version so
	"linkedinapp", "", "yahoo! ", "", "yjapp", "", "yahoomobile", "",
	"duckduckgo/", "", "ddg/", "", // a browser for phones; its crawler is DuckDuckBot
	"yabrowser", "", "yasearchbrowser", "", "yandexsearch", "", "naver(inapp", "", "baiduboxapp", "", "bidubrowser", "",
	"bingsapp", "", "bingweb", "", "whale/", "", "daumapps", "", "searchcraft", "", "googleapp", "", "snapchat", "",
)

// engines are what a browser's name has after "Mozilla/5.0 (…)".
var engines = []string{"applewebkit/", "gecko/", "trident/", "msie ", "presto/"}

func classifyName(name string) Kind {
	if containsAny(name, previewers...) {
		return Preview
	}
	plain := browsers.Replace(name)
	if containsAny(plain, programs...) {
		return Bot
	}
	switch {
	case !strings.HasPrefix(name, "mozilla/") && !strings.HasPrefix(name, "opera/"):
		return Bot // libraries and apps call themselves by their own name; browsers of people pretend to be Netscape
	case !containsAny(name, engines...):
		return Bot
	case strings.Contains(name, "compatible;") && !strings.Contains(name, "msie "):
		return Bot // only Internet Explorer ever said so of itself
	case isInApp(name):
		return InApp
	}
	return Person
}

// apps are parts of the names of browsers that live in an app.
var apps = []string{
	" line/", "fban/", "fbav/", "fb_iab/", "instagram", "messenger", "twitter", "kakaotalk", "snapchat", "pinterest/", "linkedinapp", "tiktok",
	"musical_ly", "bytedancewebview", "weibo", " qq/", "alipayclient",
	"; wv)", // what Android calls a browser that an app has made its own
}

// isInApp says whether a browser of people is part of an app. On iPhones only Safari and those that take its place call
// themselves Safari.
func isInApp(name string) bool {
	return containsAny(name, apps...) ||
		strings.Contains(name, "like mac os x") && strings.Contains(name, " mobile/") && !strings.Contains(name, "safari")
}

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}
