package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

// androidBrowser is each time another phone: two scans of one within seconds are one, whose click id binds one person.
func androidBrowser() string {
	return "Mozilla/5.0 (Linux; Android 14; Phone " + rand.Text()[:6] + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
}

// landed is a Homestore with a tag whose code lands on our own page and promises a gift.
type landed struct {
	*journey
	code string
	gift shop.ID
}

func newLanded(t *testing.T) *landed {
	t.Helper()
	r := runHomestore(t)
	s, err := readSeed()
	if err != nil {
		t.Fatal(err)
	}
	l := &landed{journey: &journey{seed: s, api: r.cfg.PublicURL, local: "http://" + r.cfg.LocalAddr, out: io.Discard, client: client{
		http: &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}}}
	fine(t, l.signInHQ(t.Context()))
	now := time.Now().UTC()
	var made struct {
		ID   shop.ID `json:"id"`
		Code string  `json:"code"`
	}
	fine(t, l.post(t.Context(), l.hq, "/v1/manager/offers", map[string]any{
		"kind": "gift", "title": map[string]string{"zh-TW": "入會禮：沙色抱枕", "en": "A sand cushion"}, "body": map[string]string{}, "terms": map[string]string{},
		"link": "", "starts_at": now.Add(-time.Minute).Format(time.RFC3339), "ends_at": now.AddDate(0, 0, 14).Format(time.RFC3339),
	}, http.StatusCreated, &made))
	l.gift = made.ID
	fine(t, l.post(t.Context(), l.hq, "/v1/manager/offers/"+made.ID.String()+"/approve", nil, http.StatusOK, nil))
	fine(t, l.post(t.Context(), l.hq, "/v1/manager/tags", map[string]any{
		"store": l.stores["XINYI"], "placement": "package_insert", "gift_offer": l.gift, "destination": l.api + "/p/" + l.Brand.Slug + "?lang={lang}",
	}, http.StatusCreated, &made))
	l.code = made.Code
	return l
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browse reads a page as a phone does that keeps no cookies, and follows the redirect of a scan.
func (l *landed) browse(t *testing.T, address string) (page string) {
	t.Helper()
	browser := androidBrowser()
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		fine(t, err)
		request.Header.Set("User-Agent", browser)
		request.Header.Set("Accept-Language", "en")
		response, err := l.http.Do(request)
		fine(t, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		fine(t, err)
		if response.StatusCode == http.StatusOK {
			return html.UnescapeString(string(body))
		}
		address = response.Header.Get("Location")
	}
	t.Fatalf("%s leads nowhere", address)
	return ""
}

func (l *landed) scanCode(t *testing.T) (page string) { return l.browse(t, l.api+"/Q/"+l.code) }

var fallbacks = regexp.MustCompile(`S\.browser_fallback_url=([^;]*);`)

// referrer is what Google Play hands to the app at its first start: the page's button led to the store, not to the app.
func referrer(t *testing.T, page string) (click string) {
	t.Helper()
	found := fallbacks.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no way to the store in %s", page)
	}
	address, err := url.QueryUnescape(found[1])
	fine(t, err)
	store, err := url.Parse(address)
	fine(t, err)
	handed, err := url.ParseQuery(store.Query().Get("referrer"))
	fine(t, err)
	if store.Host != "play.google.com" || handed.Get("hs_click") == "" {
		t.Fatalf("the store is %s", store)
	}
	return handed.Get("hs_click")
}

// person is somebody as an identity provider knows her; signed in, she has a token.
type person struct{ sub, phone string }

func (l *landed) enter(ctx context.Context, who person) (token string, err error) {
	var issued struct {
		IDToken string `json:"id_token"`
	}
	claims := map[string]any{"sub": who.sub}
	if who.phone != "" {
		claims["phone"] = who.phone
	}
	if _, err := l.call(ctx, call{http.MethodPost, l.local + issuerPath + "/token", "", claims}, http.StatusOK, &issued); err != nil {
		return "", err
	}
	var in signedIn
	body := map[string]any{"brand": l.Brand.Slug, "provider": "oidc", "id_token": issued.IDToken, "device_secret": rand.Text() + rand.Text()}
	err = l.post(ctx, "", "/v1/sign-in/customer", body, http.StatusOK, &in)
	return in.AccessToken, err
}

type joinedAs struct {
	ID    shop.ID `json:"id"`
	First bool    `json:"first"`
	Home  struct {
		Bound  bool   `json:"bound"`
		Source string `json:"source"`
		Store  struct {
			Code string `json:"code"`
		} `json:"store"`
	} `json:"home"`
	Refused []json.RawMessage `json:"refused"`
}

func (j joinedAs) isOfXinyi() bool {
	return j.Home.Bound && j.Home.Store.Code == "XINYI" && j.Home.Source == "scan"
}

func (l *landed) becomeMember(t *testing.T, token string, body map[string]any) (joined joinedAs) {
	t.Helper()
	fine(t, l.post(t.Context(), token, "/v1/member", body, http.StatusCreated, &joined))
	return joined
}

// gifts is how often she was promised the gift of the tag.
func (l *landed) gifts(t *testing.T, token string) (n int) {
	t.Helper()
	var mine struct {
		Items []struct {
			ID shop.ID `json:"id"`
		} `json:"items"`
	}
	fine(t, l.get(t.Context(), token, "/v1/member/offers", &mine))
	for _, o := range mine.Items {
		if o.ID == l.gift {
			n++
		}
	}
	return n
}

func newNumber() string { return fmt.Sprintf("+886987%06d", time.Now().UnixNano()/1000%1_000_000) }

// Without a cookie, a script or a look at what her phone is like: the click id is handed on from the code to the page, from the page to
// the store, from the store to the app.
func TestAnAppInstalledAfterTheScanClaimsItAtItsFirstStart(t *testing.T) {
	t.Parallel()
	l := newLanded(t)
	page := l.scanCode(t)
	for _, want := range []string{"For new members", "A sand cushion", "Become a member"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	click := referrer(t, page)
	her := person{"installed", newNumber()}
	token, err := l.enter(t.Context(), her)
	fine(t, err)
	joined := l.becomeMember(t, token, map[string]any{"clicks": []string{click}})
	if !joined.isOfXinyi() || !joined.First || len(joined.Refused) > 0 || l.gifts(t, token) != 1 {
		t.Errorf("%+v, and %d gifts", joined, l.gifts(t, token))
	}
	again := l.becomeMember(t, token, map[string]any{"clicks": []string{click, referrer(t, l.scanCode(t))}})
	if !again.isOfXinyi() || again.First || l.gifts(t, token) != 1 {
		t.Errorf("the second start: %+v, and %d gifts", again, l.gifts(t, token))
	}
}

func TestSheWhoJoinedOnTheWebFindsItInTheAppBySigningIn(t *testing.T) {
	t.Parallel()
	l := newLanded(t)
	click := referrer(t, l.scanCode(t))
	number := newNumber()
	web, err := l.enter(t.Context(), person{"on the web", number})
	fine(t, err)
	onTheWeb := l.becomeMember(t, web, map[string]any{"clicks": []string{click}})
	app, err := l.enter(t.Context(), person{"in the app", number}) // another provider's name for her, and the number that both have verified
	fine(t, err)
	var home struct {
		Bound bool `json:"bound"`
		Store struct {
			Code string `json:"code"`
		} `json:"store"`
	}
	fine(t, l.get(t.Context(), app, "/v1/member/home", &home))
	inTheApp := l.becomeMember(t, app, map[string]any{"clicks": []string{click}}) // the store handed it on as well
	if !onTheWeb.isOfXinyi() || !home.Bound || home.Store.Code != "XINYI" || inTheApp.ID != onTheWeb.ID || !inTheApp.isOfXinyi() || inTheApp.First || l.gifts(t, app) != 1 {
		t.Errorf("on the web %+v, at home %+v, in the app %+v, %d gifts", onTheWeb, home, inTheApp, l.gifts(t, app))
	}
	// And the other way about: a member of the web brings the scan only when the app is there.
	late, err := l.enter(t.Context(), person{"joins without", newNumber()})
	fine(t, err)
	before := referrer(t, l.scanCode(t))
	if joined := l.becomeMember(t, late, map[string]any{}); joined.Home.Bound || l.gifts(t, late) != 0 {
		t.Errorf("without a click id: %+v", joined)
	}
	if joined := l.becomeMember(t, late, map[string]any{"clicks": []string{before}}); !joined.isOfXinyi() || l.gifts(t, late) != 1 {
		t.Errorf("with the click id of the scan before: %+v, %d gifts", joined, l.gifts(t, late))
	}
	member, err := l.enter(t.Context(), person{"a member already", newNumber()})
	fine(t, err)
	l.becomeMember(t, member, map[string]any{})
	scanned := referrer(t, l.scanCode(t))
	if l.becomeMember(t, member, map[string]any{"clicks": []string{scanned}}); l.gifts(t, member) != 0 {
		t.Errorf("who was a member before she scanned got %d gifts for new members", l.gifts(t, member))
	}
}

func TestAbuse36TenAccountsGetOneWelcomeGift(t *testing.T) {
	t.Parallel()
	l := newLanded(t)
	number := newNumber()
	var tokens []string
	for n := range 10 {
		who := person{sub: fmt.Sprint("account ", n)}
		if n == 4 {
			who.phone = number // the one that a code was sent to
		}
		token, err := l.enter(t.Context(), who)
		fine(t, err)
		tokens = append(tokens, token)
		l.becomeMember(t, token, map[string]any{"phone": number, "clicks": []string{referrer(t, l.scanCode(t))}})
	}
	var got []int
	sum := 0
	for _, token := range tokens {
		n := l.gifts(t, token)
		got, sum = append(got, n), sum+n
	}
	if sum != 1 || got[4] != 1 {
		t.Errorf("the ten got %v gifts", got)
	}
}
