package brandapp_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

func TestJoiningWithAClickMakesTheShopHerHomeStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	shelf := b.issue(nil)
	click := b.click(shelf, 2*time.Hour)
	body := fmt.Sprintf(`{"name":"王美玲","phone":"0912 345 678","language":"zh-TW","consents":{"push":true,"email":false},"clicks":[%q]}`, click)
	joined := b.ask("mei", http.MethodPost, "/v1/member", body)
	joined.is(t, "joined", 201, `"first":true`, `"member_no":"`, `"bound":true`, `"code":"S1"`, `"name":"Xinyi"`, `"source":"scan"`, `"since":"2026-03-10T02:00:00Z"`, `"refused":[]`)

	b.ask("mei", http.MethodGet, "/v1/member", "").is(t, "me", 200, joined.field(t, "member_no"), `"phone":"0912•••678"`, `"name":"王美玲"`, `"joined_at":"2026-03-10T04:00:00Z"`)
	b.ask("mei", http.MethodGet, "/v1/member/home", "").is(t, "home", 200, `"bound":true`, `"code":"S1"`)
	b.ask("mei", http.MethodGet, "/v1/member/consents", "").is(t, "said when she joined", 200, `"channel":"push","granted":true,"source":"brand_app"`, `"channel":"email","granted":false`)
	b.ask("lan", http.MethodPost, "/v1/member", body).is(t, "somebody else's click id", 201, `"bound":false`, `"click_used"`)
}

func TestWhyAClickDidNotBindIsSaidAndSheIsAMemberAllTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	shelf := b.issue(nil)
	for _, tc := range []struct{ why, who, click, code string }{
		{"a month and a day old", "mei", b.click(shelf, 31*24*time.Hour), "click_expired"},
		{"not signed by us", "lan", b.keys.Sign(b.Brand+1000, shop.NewID(noon)), "unknown_click"},
	} {
		answer := b.ask(tc.who, http.MethodPost, "/v1/member", fmt.Sprintf(`{"name":"x","clicks":[%q]}`, tc.click))
		answer.is(t, tc.why, 201, `"member_no":"`, `"home":{"bound":false}`, fmt.Sprintf(`"refused":[{"code":%q`, tc.code))
	}
}

func TestJoiningNamesEachWrongField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct{ why, body, field string }{
		{"no telephone number", `{"phone":"12"}`, `"name":"phone"`},
		{"a language we do not speak", `{"language":"fr"}`, `"name":"language"`},
		{"an empty click id", `{"clicks":["ok",""]}`, `"name":"clicks[1]"`},
	} {
		b.ask("mei", http.MethodPost, "/v1/member", tc.body).is(t, tc.why, 422, tc.field)
	}
	b.ask("mei", http.MethodPost, "/v1/member", `{"tier":"gold"}`).is(t, "what is not hers to say", 400, `"field_unknown"`)
	b.ask("mei", http.MethodGet, "/v1/member", "").is(t, "nothing was written", 200, `"name":""`)
}

func TestSheChoosesHerStoreOrNobodyAndNotTwiceInAQuarter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask("mei", http.MethodPut, "/v1/member/home", `{}`).is(t, "nothing said", 422, `"name":"store"`)
	b.ask("mei", http.MethodPut, "/v1/member/home", `{"store":"S1"}`).is(t, "not an id", 422, `"name":"store"`, `"id_malformed"`)
	b.ask("mei", http.MethodPut, "/v1/member/home", fmt.Sprintf(`{"store":%q}`, shop.NewID(noon))).is(t, "no such store", 422, `"store_unknown"`, `"name":"store"`)
	b.ask("mei", http.MethodPut, "/v1/member/home", fmt.Sprintf(`{"store":%q}`, b.S2)).is(t, "chosen", 200, `"code":"S2"`, `"source":"customer"`)
	b.ask("mei", http.MethodPut, "/v1/member/home", `{"store":null}`).is(t, "too soon", 409, `"choice_too_soon"`)
	nobody := b.ask("lan", http.MethodPut, "/v1/member/home", `{"store":null}`)
	nobody.is(t, "nobody", 200, `"bound":true`, `"source":"customer"`)
	nobody.hides(t, "nobody", `"store"`)
}

func TestScanningAStaffMembersCodeMakesHerTheirs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	card, err := b.tags.IssueCard(t.Context(), b.actors["amy"], b.S1)
	if err != nil {
		t.Fatal(err)
	}
	scan := func(who string, code tag.Code) answer {
		return b.ask(who, http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, code.Grouped()))
	}
	scan("mei", card.Code).is(t, "journey 2", 201, `"leads":"destination"`, `"url":"https://shop.example.test`, `"click":"`, `"claim":{"outcome":"won"}`)
	b.ask("mei", http.MethodGet, "/v1/member/home", "").is(t, "home", 200, `"code":"S1"`, `"staff":"林艾咪"`, `"source":"staff_code"`)
	scan("mei", card.Code).is(t, "again", 201, `"claim":{"outcome":"already_bound"`)

	shelf := scan("lan", b.issue(nil).Code)
	shelf.is(t, "a shelf", 201, `"sku":"SOFA-3"`, `"url":"https://shop.example.test/p/SOFA-3?lang=en`)
	shelf.hides(t, "a shelf claims nobody", `"claim"`)
	b.ask("lan", http.MethodGet, "/v1/member/home", "").is(t, "a shelf claims nobody", 200, `{"bound":false}`)

	if _, err := b.tags.Retire(t.Context(), b.actors["hq"], card.ID); err != nil {
		t.Fatal(err)
	}
	scan("foreign", card.Code).is(t, "another brand's app", 404, `"tag_unknown"`)
	scan("mei", tag.NewCode()).is(t, "a code that nobody made", 404, `"tag_unknown"`)
}

func TestAbuse01TheAppsScannerRefusesAForeignCodeStuckOverOurs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(nil)
	brand, err := b.brand()
	if err != nil {
		t.Fatal(err)
	}
	scan := func(text string) answer {
		return b.ask("mei", http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, text))
	}
	scan(tag.QRText(brand.ShortDomain, made.Code)).is(t, "ours, as the camera read it", 201, `"leads":"destination"`, `"click":"`)
	for why, text := range map[string]string{
		"another host, our code": "https://evil.example/Q/" + string(made.Code),
		"a host like ours":       "https://" + brand.ShortDomain + ".evil.example/Q/" + string(made.Code),
		"ours as a user name":    "https://" + brand.ShortDomain + "@evil.example/Q/" + string(made.Code),
		"a payment":              "line://pay/generate/1234",
		"a script":               "javascript:location='https://evil.example'",
	} {
		got := scan(text)
		got.is(t, why, 422, `"tag_foreign"`)
		got.hides(t, why, "evil", "click")
	}
	foreign := b.ask("foreign", http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, made.Code))
	foreign.is(t, "in another brand's app", 404, `"tag_unknown"`)
}

func TestARetiredCardLeadsToTheSiteAndClaimsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	card, err := b.tags.IssueCard(t.Context(), b.actors["amy"], b.S1)
	if err == nil {
		_, err = b.tags.Retire(t.Context(), b.actors["hq"], card.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer := b.ask("mei", http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, card.Code))
	answer.is(t, "retired", 201, `"leads":"gone"`, `"url":"https://shop.example.test"`)
	answer.hides(t, "retired", `"claim"`, `"click"`)
}
