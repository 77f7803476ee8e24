package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
)

// journey is what the steps hand on to one another.
type journey struct {
	seed
	client
	api, local string
	out        io.Writer

	hq, staff, member string // access tokens
	apiKey            string
	stores            map[string]shop.ID
	people            map[string]shop.ID
	tag               shop.ID
	qrText            string
	click             string
	number            string // the customer's phone number
	subject           string // her name at the issuer
	customer          shop.ID
	target            string // her phone, as FCM knows it
	orders            map[string]shop.ID
	names             map[string]string           // of the orders, as the brand's systems call them
	sold              map[string]map[string]int64 // what each order must have earned, by role and beneficiary
	before            map[string]int64            // the report before anything was sold
}

// journeySteps are the story, in order.
var journeySteps = []struct {
	title string
	play  func(*journey, context.Context) error
}{
	{"Head office signs in 總部登入", (*journey).signInHQ},
	{"A shelf tag is made for the Xinyi shop 門市陳列 QR", (*journey).makeTag},
	{"Its QR code is read from the PNG, as a camera would", (*journey).readQR},
	{"A shopper scans it and lands on the product page", (*journey).scan},
	{"She becomes a member: the shop of the scan is her home store 歸屬門市", (*journey).join},
	{"Her phone is registered for messages", (*journey).registerPhone},
	{"The brand's web shop and till get a key", (*journey).makeKey},
	{"She buys the sofa on the web", (*journey).buyOnTheWeb},
	{"She buys a lamp at the till of the Banqiao shop", (*journey).buyAtTheTill},
	{"She orders two cushions on the web and collects them in Taichung 門市取貨", (*journey).collect},
	{"One cushion goes back: a part of each credit is taken back", (*journey).refund},
	{"A tablet of the Xinyi shop is enrolled, and Amy signs in on it", (*journey).signInStaff},
	{"The customer shows her member code: Amy sees what she bought, in every channel", (*journey).visit},
	{"Head office approves an offer, Amy sends it: it is on her phone", (*journey).sendOffer},
	{"The commission report of the month says all of it", (*journey).report},
}

func (j *journey) say(format string, args ...any) { fmt.Fprintf(j.out, "    "+format+"\n", args...) }

// must is how a step says what has to be true.
func must(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func (j *journey) get(ctx context.Context, token, path string, out any) error {
	_, err := j.call(ctx, call{method: http.MethodGet, url: j.api + path, token: token}, http.StatusOK, out)
	return err
}

func (j *journey) post(ctx context.Context, token, path string, body any, want int, out any) error {
	_, err := j.call(ctx, call{http.MethodPost, j.api + path, token, body}, want, out)
	return err
}

type signedIn struct {
	AccessToken string `json:"access_token"`
	Actor       struct {
		ID   shop.ID   `json:"id"`
		Role shop.Role `json:"role"`
	} `json:"actor"`
}

func (j *journey) person(role shop.Role) seedStaff {
	return j.Staff[slices.IndexFunc(j.Staff, func(p seedStaff) bool { return p.Role == role })]
}

func (j *journey) signInHQ(ctx context.Context) error {
	who := j.person(shop.RoleHQ)
	var in signedIn
	body := map[string]any{"brand": j.Brand.Slug, "email": who.Email, "password": who.Password, "device_secret": rand.Text() + rand.Text()}
	if err := j.post(ctx, "", "/v1/sign-in/manager", body, http.StatusOK, &in); err != nil {
		if strings.Contains(err.Error(), "sign_in_refused") {
			err = fmt.Errorf("%w (on a database of your own, `homestore seed` makes the demo brand)", err)
		}
		return err
	}
	j.hq = in.AccessToken
	j.say("%s is signed in as %s", who.Email, in.Actor.Role)
	if err := j.learnNames(ctx); err != nil {
		return err
	}
	var err error
	j.before, err = j.readReport(ctx, false)
	j.orders, j.names, j.sold = map[string]shop.ID{}, map[string]string{}, map[string]map[string]int64{}
	return err
}

// learnNames reads which ids the demo brand's stores and people have.
func (j *journey) learnNames(ctx context.Context) error {
	var stores struct {
		Items []struct {
			ID   shop.ID `json:"id"`
			Code string  `json:"code"`
		} `json:"items"`
	}
	var staff struct {
		Items []struct {
			ID         shop.ID `json:"id"`
			EmployeeNo string  `json:"employee_no"`
		} `json:"items"`
	}
	if err := errors.Join(j.get(ctx, j.hq, "/v1/manager/stores?limit=200", &stores), j.get(ctx, j.hq, "/v1/manager/staff?limit=200", &staff)); err != nil {
		return err
	}
	j.stores, j.people = map[string]shop.ID{}, map[string]shop.ID{}
	for _, s := range stores.Items {
		j.stores[s.Code] = s.ID
	}
	for _, p := range staff.Items {
		j.people[p.EmployeeNo] = p.ID
	}
	return nil
}

func (j *journey) makeTag(ctx context.Context) error {
	body := map[string]any{
		"store": j.stores["XINYI"], "staff": j.people["X001"], "sku": "SOFA-CLOUD-GREY", "placement": "shelf", "label": "雲朵沙發 櫃位三",
		"destination": j.api + "/p/" + j.Brand.Slug + "/{sku}?lang={lang}&utm_source=shelf&utm_campaign={store}",
	}
	var made struct {
		ID    shop.ID `json:"id"`
		Code  string  `json:"code"`
		State string  `json:"state"`
	}
	if err := j.post(ctx, j.hq, "/v1/manager/tags", body, http.StatusCreated, &made); err != nil {
		return err
	}
	j.tag = made.ID
	j.say("tag %s is %s, for the shop and for Amy (X001), who stands beside the sofa", made.Code, made.State)
	return must(made.State == "live", "the tag is %s", made.State)
}

// readQR uses zbar, which knows nothing of us.
func (j *journey) readQR(ctx context.Context) error {
	var png []byte
	if err := j.get(ctx, j.hq, "/v1/manager/tags/"+j.tag.String()+"/qr?format=png&pixels=400", &png); err != nil {
		return err
	}
	zbar := exec.CommandContext(ctx, "zbarimg", "--raw", "--quiet", "-")
	zbar.Stdin = bytes.NewReader(png)
	text, err := zbar.Output()
	if err != nil {
		return fmt.Errorf("read the QR with zbarimg (make deps installs it): %w", err)
	}
	j.qrText = strings.TrimSpace(string(text))
	j.say("%d bytes of PNG say %s", len(png), j.qrText)
	return must(strings.Contains(j.qrText, "/Q/"), "the QR says %q", j.qrText)
}

func (j *journey) scan(ctx context.Context) error {
	header, err := j.call(ctx, call{method: http.MethodGet, url: j.qrText}, http.StatusFound, nil)
	if err != nil {
		return err
	}
	to, err := url.Parse(header.Get("Location"))
	if err != nil {
		return err
	}
	j.click = to.Query().Get("hs_click")
	j.say("302 to %s?%s", to.Path, strings.ReplaceAll(to.RawQuery, j.click, j.click[:8]+"…"))
	if err := must(j.click != "" && header.Get("Cache-Control") == "no-store", "no click id came along, or the redirect may be cached"); err != nil {
		return err
	}
	var page []byte
	if _, err := j.call(ctx, call{method: http.MethodGet, url: to.String()}, http.StatusOK, &page); err != nil {
		return err
	}
	j.say("the page shows 雲朵三人沙發 in every colour, the way into the app, and a code for the till; %d bytes, nothing else is asked for", len(page))
	if err := must(bytes.Contains(page, []byte("雲朵三人沙發")) && bytes.Contains(page, []byte("苔綠")), "the page does not show the sofa in its colours"); err != nil {
		return err
	}
	return must(bytes.Contains(page, []byte("<svg")) && bytes.Contains(page, []byte(j.qrText+"?hs_click="+j.click)), "the page leads neither into the app nor to the till")
}

// join signs her in with a token of the brand's own identity, as its app would, and brings the click id along.
func (j *journey) join(ctx context.Context) error {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return err
	}
	j.number, j.subject = fmt.Sprintf("+8869%08d", n), "demo-"+rand.Text()
	var token struct {
		IDToken string `json:"id_token"`
	}
	person := map[string]any{"sub": j.subject, "phone": j.number, "name": "王小美"}
	if _, err := j.call(ctx, call{http.MethodPost, j.local + issuerPath + "/token", "", person}, http.StatusOK, &token); err != nil {
		return err
	}
	var in signedIn
	body := map[string]any{"brand": j.Brand.Slug, "provider": "oidc", "id_token": token.IDToken, "device_secret": rand.Text() + rand.Text()}
	if err := j.post(ctx, "", "/v1/sign-in/customer", body, http.StatusOK, &in); err != nil {
		return err
	}
	j.member, j.customer = in.AccessToken, in.Actor.ID
	var joined struct {
		MemberNo string `json:"member_no"`
		Home     struct {
			Bound bool `json:"bound"`
			Store struct {
				Code string `json:"code"`
				Name string `json:"name"`
			} `json:"store"`
			Staff string `json:"staff"`
		} `json:"home"`
		Refused []json.RawMessage `json:"refused"`
	}
	zone := awakeZone(time.Now())
	consents := map[string]bool{"push": true}
	body = map[string]any{"name": "王小美", "language": "zh-TW", "time_zone": zone, "consents": consents, "clicks": []string{j.click}}
	if err := j.post(ctx, j.member, "/v1/member", body, http.StatusCreated, &joined); err != nil {
		return err
	}
	j.say("王小美 is member %s; home store %s %s, won by %s", joined.MemberNo, joined.Home.Store.Code, joined.Home.Store.Name, joined.Home.Staff)
	if zone != j.Brand.TimeZone {
		j.say("(it is night in Taipei, when nobody is sent offers; she is travelling in %s)", zone)
	}
	return must(joined.Home.Bound && joined.Home.Store.Code == "XINYI" && joined.Home.Staff == "林艾咪" && len(joined.Refused) == 0,
		"home is %+v, refused %s", joined.Home, joined.Refused)
}

// awakeZone is a time zone in which it is day: Taipei's if it is. Offers are never sent at night, and the demo is played at
// any hour.
func awakeZone(now time.Time) string {
	for _, name := range []string{"Asia/Taipei", "Europe/Lisbon", "America/Los_Angeles"} {
		zone, err := time.LoadLocation(name)
		if err == nil && now.In(zone).Hour() >= 10 && now.In(zone).Hour() < 21 {
			return name
		}
	}
	return "Asia/Taipei"
}

func (j *journey) registerPhone(ctx context.Context) error {
	j.target = "demo-phone-" + rand.Text()
	body := map[string]any{"target_kind": "token", "target": j.target, "platform": "ios", "language": "zh-TW"}
	_, err := j.call(ctx, call{http.MethodPut, j.api + "/v1/member/devices", j.member, body}, http.StatusOK, nil)
	j.say("an iPhone in Traditional Chinese; its inbox is %s/?token=%s", j.local, url.QueryEscape(j.target))
	return err
}
