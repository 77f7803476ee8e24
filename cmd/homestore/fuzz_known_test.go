package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"homestore/api/contracttest"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// What the webhooks of a fuzz are signed with.
const (
	fuzzShop   = "fuzz.myshopify.com"
	fuzzSecret = "a secret of the shop's own"
)

// fuzzKinds are the kinds of things that a field or parameter names, by its operation or by itself.
var fuzzKinds = map[string][]string{
	"store": {"store"}, "from_store": {"store"}, "to_store": {"store", "spare store"}, "stores": {"store"}, "home_store": {"store"}, "staff": {"staff", "clerk"}, "customers": {"customer"}, "by": {"tag", "draft tag"}, "statements": {"statement"}, "offer": {"offer", "draft offer"}, "gift_offer": {"offer", "draft offer"}, "template": {"template"},
	"putTagTemplate name": {"template"}, "listTagTemplateChanges name": {"template"},
	"code": {"tag code"}, "clicks": {"click"}, "hs_click": {"click"}, "member_code": {"member code"}, "order": {"order name"}, "brand": {"brand"}, "sku": {"sku"},
	"assist_store": {"store code"}, "pickup_store": {"store code"}, "assist_staff": {"employee number"},
	"tellOrder store": {"store code"}, "tellOrder staff": {"employee number"}, "tellFulfilment store": {"store code"},
	"tellExchange store": {"store code"}, "tellExchange staff": {"employee number"},
	"enrolDevice code":   {"enrolment code"},
	"raiseDispute order": {"order"}, "raiseDispute customer": {"customer"},
	"putLabelTemplate name": {"label template"}, "printLabels template": {"label template"}, "drawTag template": {"label template"}, "tags": {"tag", "paused tag"},
}

// fuzzIDs are the kinds behind {id}, by the beginning of the path.
var fuzzIDs = map[string][]string{
	"/v1/manager/tags/": {"tag", "draft tag", "paused tag"}, "/v1/manager/tag-batches/": {"tag batch"}, "/v1/manager/tag-alarms/": {"tag alarm"}, "/v1/manager/staff/": {"staff"}, "/v1/manager/successions/": {"succession"}, "/v1/manager/assignments/": {"assignment"},
	"/v1/manager/devices/": {"device"}, "/v1/manager/integration-keys/": {"integration key", "platform key"}, "/v1/manager/statements/": {"statement"}, "/v1/staff/me/statements/": {"statement"}, "/v1/manager/adjustments/": {"adjustment"}, "/v1/manager/adjustments": {"staff"}, "/v1/manager/orders/": {"order", "held order"}, "/v1/manager/plans/": {"plan version"}, "/v1/manager/plan-drafts/": {"plan draft"}, "/v1/staff/orders/": {"order"},
	"/v1/manager/customers/": {"customer"}, "/v1/staff/customers/": {"customer"}, "/v1/manager/offers/": {"offer", "draft offer"},
	"/v1/manager/campaigns/": {"campaign"}, "/v1/manager/bindings/": {"held claim"}, "/v1/member/claims/": {"my claim"}, "/v1/staff/disputes/": {"dispute"}, "/v1/manager/disputes/": {"dispute"}, "/v1/integrations/inbox/": {"message"}, "/v1/member/deliveries/": {"delivery"},
}

// fuzzTexts mean something by themselves.
var fuzzTexts = map[string][]any{
	"month": {"2026-03", "2026-11", "2026-10"}, "askAdjustment kind": {"staff", "store"}, "file": {"page.js", "page.css"}, "lang": {"en", "zh-TW"}, "Accept-Language": {"en", "zh-TW,zh;q=0.9"},
	"currency": {"TWD"}, "unit_price_minor": {4200}, "quantity": {1}, "tellRefund line": {"1", "2"}, "tellFulfilment lines": {"1", "2"}, "tellExchange out": {"1", "2"}, "tellPriceAdjustment line": {"1", "2"}, "discount_minor": {0, 1}, "external_id": {"1", "2", "R-1"}, "system": {"", "till"}, "version": {1, 2, 3},
	"reportFunnel by": {"tag", "store", "staff"}, "reportFunnel from": {"2026-11-01"}, "reportFunnel to": {"2026-11-30"},
	"replayPlan from": {"2026-11-01"}, "replayPlan to": {"2026-11-30"},
	"raiseDispute role": {"home_staff", "selling_staff"}, "reportDisputes from": {"2026-10", "2026-11"}, "reportDisputes to": {"2026-11", "2026-12"},
	"text": {"林小姐", "0912", "912345678", "lin@example.com"}, "phone": {"0912345678", "+886912345678", "+886 987-654-321"}, "email": {"lin@example.com", "LIN@例え.jp", "fuzz@clearday.example"},
	"value": {"A0017", "+886912345678", "lin@example.com", "web:7", "web:8"}, "time_zone": {"Asia/Taipei", "America/New_York"}, "pin": {"830271", "111111"},
	"password": {"clear-day-fuzz-1"}, "webhook_secret": {fuzzSecret}, "place": {"655441491"}, "setIssuer provider": {"firebase", "line"}, "totp_code": {"", "287082"}, "employee_no": {"FUZZ"}, "scopes": {"orders:write", "inbox:read"},
	"addIntegrationKey platform": {"api", "shopify"}, "X-Shopify-Topic": {"orders/create", "orders/updated", "orders/cancelled", "refunds/create", "fulfillments/create"},
	"X-Shopify-Shop-Domain": {fuzzShop},
}

func newFuzz(t *testing.T) *fuzz {
	t.Helper()
	f := &fuzz{cast: newCast(t), known: map[string][]any{}, signedIn: time.Now()}
	for kind := range things {
		for _, p := range []*castStore{f.xinyi, f.xinyi, f.banqiao, f.abroad} {
			if p != f.abroad || !strings.HasSuffix(kind, "code") && kind != "brand" && kind != "click" { // these lead into the other brand by right
				f.known[kind] = append(f.known[kind], things[kind](f.cast, t, p))
			}
		}
	}
	_, _, err := f.house.teams.AddIntegrationKey(t.Context(), shop.System(f.xinyi.brand), team.NewIntegration{
		Name: "Web shop", Platform: "shopify", Store: f.storeOf(t, f.xinyi.brand, "WEB"), Scopes: []string{"orders:write"}, Lookup: fuzzShop, WebhookSecret: fuzzSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	// Somebody of her own, so that wrong PINs and passwords lock nobody of the cast out.
	made, err := f.house.teams.AddStaff(t.Context(), shop.System(f.xinyi.brand), team.NewStaff{EmployeeNo: "FUZZ", Name: "試", Email: "fuzz@clearday.example", PIN: "830271", Password: "clear-day-fuzz-1"})
	if err != nil {
		t.Fatal(err)
	}
	f.assignTo(t, f.xinyi, made.ID)
	at := f.cfg.PublicURL
	f.known["link"] = []any{at + "/x", "https://elsewhere.example/"}
	f.known["destination"] = []any{at + "/p/" + f.xinyi.slug + "/{sku}", at + "/{lang}?a={label}"}
	f.known["address"] = f.known["destination"]
	f.known["file of issueTagFile"] = []any{files["issueTagFile"](f.cast, f.xinyi), files["issueTagFile"](f.cast, f.banqiao)}
	f.known["file of draftPlanFile"] = []any{files["draftPlanFile"](f.cast, f.xinyi), files["draftPlanFile"](f.cast, f.banqiao)}
	f.known["file of importReferrers"] = []any{files["importReferrers"](f.cast, f.xinyi), files["importReferrers"](f.cast, f.banqiao)}
	f.known["id token"] = []any{f.idToken(t, "a fuzz")}
	f.known["device_secret"] = []any{f.xinyi.tablet, rand.Text() + rand.Text()}
	return f
}

// knownFor are values that mean something in a field of an operation.
func (f *fuzz) knownFor(o contracttest.Operation, name string) []any {
	switch name {
	case "Idempotency-Key":
		return []any{rand.Text()}
	case "id_token":
		return []any{f.known["id token"][0], "x.y.z"}
	case "refresh_token":
		return []any{f.who("customer").refresh}
	case "id":
		return f.ofKinds(idsOf(o))
	}
	for _, key := range []string{o.OperationID + " " + name, name} {
		if kinds, ok := fuzzKinds[key]; ok {
			return f.ofKinds(kinds)
		}
		if texts, ok := fuzzTexts[key]; ok {
			return texts
		}
	}
	if name == "cursor" {
		name = "cursor of " + o.Path
	}
	return f.known[name]
}

func (f *fuzz) ofKinds(kinds []string) (all []any) {
	for _, kind := range kinds {
		all = append(all, f.known[kind]...)
	}
	return all
}

func idsOf(o contracttest.Operation) []string {
	switch o.OperationID {
	case "forgetDevice":
		return []string{"phone"}
	case "refuseAdjustment":
		return []string{"spare adjustment"} // the others were decided when approveAdjustment was asked
	case "storeCloses":
		return []string{"spare store"} // the others are where the cast works
	}
	for prefix, kinds := range fuzzIDs {
		if strings.HasPrefix(o.Path, prefix) {
			return kinds
		}
	}
	return nil
}

// makeFresh makes more of what an operation may use up: a tag can be retired once.
func (f *fuzz) makeFresh(t *testing.T, o contracttest.Operation) {
	t.Helper()
	kinds := idsOf(o)
	for _, name := range []string{"code", "member_code", "clicks"} {
		if o.RequestBody != nil {
			kinds = append(kinds, fuzzKinds[o.OperationID+" "+name]...)
		}
	}
	if o.OperationID == "showMemberCodeToStaff" {
		kinds = []string{"member code"}
	}
	for _, kind := range kinds {
		for range 5 {
			f.known[kind] = slices.Insert(f.known[kind], 0, any(things[kind](f.cast, t, f.xinyi))) // first: what stands there is drawn most
		}
	}
}

// sign signs a drawn webhook as Shopify does, in most draws.
func sign(t *rapid.T, r *contracttest.Request) {
	if rapid.IntRange(0, 4).Draw(t, "forged") == 4 {
		return
	}
	mac := hmac.New(sha256.New, []byte(fuzzSecret))
	mac.Write(r.Body)
	r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r.Header.Set("X-Shopify-Shop-Domain", fuzzShop)
}
