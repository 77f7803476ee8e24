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
	Accept     string // Accept: an older browser says by it what it fetches for a page
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
		r.FetchMode != "" && r.FetchMode != "navigate",
		r.FetchDest == "" && asksForPart(r.Accept):
		return Embedded
	}
	return names.kindOf(r.UserAgent)
}

// asksForPart says whether an Accept header is one for a part of a page. A frame and a script ask as a page or a program does,
// and cannot be told by it.
func asksForPart(accept string) bool {
	first, _, _ := strings.Cut(accept, "/")
	return first == "image" || first == "video" || first == "audio" || strings.HasPrefix(accept, "text/css")
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

// programs are parts of names that no browser of people has: words for what programs do, and the addresses that they leave for
// complaints. They are few on purpose. A word that also stands in the name of a shopping app or of a reader of QR codes
// (ping, scan, reader, link, page, cloud) costs more people than it finds programs.
var programs = []string{
	"bot", "crawl", "spider", "http", "www.", ".com", "agent", "monitor", "inspect", "fetch", "archiv", "survey", "preview", "render",
	"synthetic", "headless", "phantom", "selenium", "puppeteer", "playwright", "webdriver", "lighthouse", "google-",
}

// notPrograms have such a word in them although people use them: a maker of phones, and a kit in Chinese apps.
var notPrograms = strings.NewReplacer("cubot", "", "analysysagent", "")

// previewers are parts of the names of programs that show a card for a link which somebody sends or posts.
var previewers = []string{
	"facebookexternalhit", "facebookcatalog", "facebot", "line-poker", "linebot", "twitterbot", "slackbot", "slack-img", "discordbot", "telegrambot",
	"whatsapp", "linkedinbot", "viber", "kakaotalk-scrap", "vkshare", "pinterestbot", "redditbot", "embedly", "iframely", "bitlybot", "mattermost",
	"google-pagerenderer", "preview",
}

// engines are what a browser's name has after "Mozilla/5.0 (…)".
var engines = []string{"applewebkit/", "gecko/", "trident/", "msie ", "presto/"}

func classifyName(name string) Kind {
	switch {
	case looksLikeBrowser(name) && !containsAny(notPrograms.Replace(name), programs...):
		if isInApp(name) {
			return InApp
		}
		return Person
	case containsAny(name, previewers...):
		return Preview
	}
	return Bot
}

// looksLikeBrowser says whether a name is made as browsers of people make theirs: all pretend to be Netscape, say what they run
// on, and name their engine. Most programs call themselves by their own name; those that do not say "compatible", as only
// Internet Explorer does among browsers.
func looksLikeBrowser(name string) bool {
	pretence, rest, found := strings.Cut(name, " (")
	return found && (strings.HasPrefix(pretence, "mozilla/") || strings.HasPrefix(pretence, "opera/")) && containsAny(rest, engines...) &&
		(!strings.Contains(rest, "compatible;") || strings.Contains(rest, "msie "))
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

// fetchesTwice says whether an app's browser asks for each address twice, the first time by itself. WeChat is known to.
func fetchesTwice(userAgent string) bool { return strings.Contains(userAgent, "MicroMessenger/") }

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}
