package manager_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/manager"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// bodies that fit the shape of each operation, with ids that nothing has.
func bodyFor(operation string, id shop.ID) any {
	some := id.String()
	return map[string]any{
		"addStore":             object{"code": "S9", "names": object{"en": "Ninth"}, "kind": "shop"},
		"describePremises":     object{},
		"setTarget":            object{"month": "2026-11", "staff": some, "target_minor": 1},
		"setHours":             object{"month": "2026-11", "store": some, "staff": some, "minutes": 1},
		"addStaff":             object{"employee_no": "N1", "name": "N"},
		"assignStaff":          object{"store": some, "role": "staff", "from": "2026-12-01"},
		"endAssignment":        object{"last_day": "2026-12-01"},
		"staffLeaves":          object{},
		"staffMoves":           object{"from_store": some, "to_store": shop.NewID(noon)},
		"storeCloses":          object{"heirs": []object{{"store": some}}},
		"resetPIN":             object{"pin": "830461"},
		"setPassword":          object{"password": "a password for somebody"},
		"changePassword":       object{"old_password": "what it was", "new_password": "a password of her own"},
		"confirmTOTP":          object{"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "code": "287082"},
		"rotateWebhookSecret":  object{"webhook_secret": "another secret of the shop's"},
		"mapPlace":             object{"place": "655441491", "store": some},
		"setIssuer":            object{"provider": "line", "issuer": "https://access.line.me", "audience": "1234567890"},
		"makeDeviceCode":       object{"store": some, "name": "Tablet"},
		"addIntegrationKey":    object{"name": "ERP", "platform": "api"},
		"issueTag":             object{"store": some, "placement": "shelf", "destination": "https://shop.example.test/"},
		"issueTags":            object{"tags": []object{{"store": some, "placement": "shelf", "destination": "https://shop.example.test/"}}},
		"issueTagGrid":         object{"stores": []string{some}, "skus": []string{"A"}, "placements": []string{"shelf"}, "destination": "https://shop.example.test/"},
		"dismissTagAlarm":      object{"reason": "r"},
		"revokeTagBatch":       object{"reason": "r"},
		"changeTagDestination": object{"destination": "https://shop.example.test/"},
		"changeTagRules":       object{"rules": []object{{"language": "en", "destination": "https://shop.example.test/"}}},
		"describeTag":          object{"label": "entrance"},
		"putTagTemplate":       object{"address": "https://shop.example.test/"},
		"replaceTag":           object{"by": some},
		"addPlan":              object{"version": 1, "first_day": "2026-12-01", "rules": []object{}},
		"lintPlan":             object{"version": 1, "first_day": "2026-12-01", "rules": []object{}},
		"replacePlanDraft":     object{"revision": 1, "plan": object{"version": 1, "first_day": "2026-12-01", "rules": []object{}}},
		"approvePlan":          object{"revision": 1},
		"replayPlan":           object{"plan": object{"version": 1, "first_day": "2026-12-01", "rules": []object{}}, "from": "2026-11-01", "to": "2026-11-30"},
		"closePeriod":          object{"month": "2026-10"},
		"payStatements":        object{"month": "2026-10", "all": true},
		"askAdjustment":        object{"to": object{"kind": "store", "id": some}, "minor": 1, "reason": "r"},
		"approveAdjustment":    object{},
		"refuseAdjustment":     object{},
		"transferCustomers":    object{"customers": []string{some}, "to": object{"store": some}, "reason": "r"},
		"createCampaign":       object{"name": "C", "offer": some, "audience": object{"home_store": some}},
		"createOffer":          object{"kind": "gift", "title": object{"zh-TW": "禮"}, "starts_at": "2026-11-23T00:00:00Z", "ends_at": "2026-12-23T00:00:00Z"},
	}[operation]
}

var queryFor = map[string]string{
	"reportCommission": "?month=2026-11",
	"reportSplit":      "?month=2026-11",
	"listTargets":      "?month=2026-11",
	"listHours":        "?month=2026-11",
	"reportFunnel":     "?by=store&from=2026-11-01&to=2026-11-30",
	"reportComparison": "?by=placement&a=shelf&b=window&from=2026-11-01&to=2026-11-30",
	"reportAdoption":   "?from=2026-11-01&to=2026-11-30",
	"reportTags":       "?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z",
	"previewPeriod":    "?month=2026-10",
	"listStatements":   "?month=2026-10",
	"listPayouts":      "?month=2026-10",
	"downloadPayouts":  "?month=2026-10",
	"recordPayouts":    "?month=2026-10",
}

// Every operation of the face, by everybody who may not: 401 for a stranger, 403 for a wrong role, before anything else.
func TestA2EveryOperationRefusesWhoMayNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := shop.NewID(noon)
	roles := map[string]shop.Role{"hq": shop.RoleHQ, "finance": shop.RoleFinance, "manager": shop.RoleManager, "staff": shop.RoleStaff, "customer": shop.RoleCustomer}
	for _, r := range (&manager.Face{}).Routes() {
		path := strings.ReplaceAll(r.Path, "{id}", id.String()) + queryFor[r.Operation]
		b.ask("nobody", r.Method, path, bodyFor(r.Operation, id)).refused(http.StatusUnauthorized, "token_invalid", "")
		for _, who := range slices.Sorted(maps.Keys(roles)) {
			if !slices.Contains(r.Roles, roles[who]) {
				b.ask(who, r.Method, path, bodyFor(r.Operation, id)).refused(http.StatusForbidden, "forbidden", "")
			}
		}
	}
}

// foreignThings are one of each kind in the other brand, made by its own head office.
func (b *bundle) foreignThings() map[string]shop.ID {
	b.t.Helper()
	made := func(path string, body any) shop.ID {
		var x struct {
			ID          shop.ID
			Device      named
			Integration named
		}
		b.post("foreign hq", path, body).into(http.StatusCreated, &x)
		for _, id := range []shop.ID{x.ID, x.Device.ID, x.Integration.ID} {
			if !id.IsZero() {
				return id
			}
		}
		b.t.Fatal("nothing was made")
		return shop.ID{}
	}
	store := b.other.S1
	return map[string]shop.ID{
		"stores":           store,
		"staff":            b.other.Amy,
		"assignments":      made("/v1/manager/staff/"+b.other.Amy.String()+"/assignments", object{"store": store, "role": "staff", "from": "2026-11-01"}),
		"devices":          made("/v1/manager/devices", object{"store": store, "name": "T"}),
		"integration-keys": made("/v1/manager/integration-keys", object{"name": "K", "platform": "api"}),
		"tags":             made("/v1/manager/tags", object{"store": store, "placement": "shelf", "destination": "https://shop.example.test/"}),
		"tag-batches":      b.foreignBatch(),
		"successions":      b.foreignSuccession(),
		"tag-alarms":       b.alarmed(b.other, store).ID,
		"orders":           b.buy(b.other, "F-1", shop.ID{}),
		"customers":        b.customer(b.other.Brand),
		"campaigns":        made("/v1/manager/campaigns", object{"name": "C", "offer": b.approved("foreign hq"), "audience": object{"home_store": store}}),
		"plan-drafts":      made("/v1/manager/plans", bodyFor("addPlan", store)),
		"plans":            b.foreignPlan(),
		"offers":           made("/v1/manager/offers", bodyFor("createOffer", store)),
	}
}

// foreignSuccession is somebody of the other brand leaving.
func (b *bundle) foreignSuccession() shop.ID {
	b.t.Helper()
	var made struct{ Succession named }
	b.post("foreign hq", "/v1/manager/staff/"+b.other.Ben.String()+"/leave", object{"note": "to another town"}).into(http.StatusCreated, &made)
	return made.Succession.ID
}

func (b *bundle) foreignPlan() shop.ID {
	b.t.Helper()
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 9, "first_day": "2020-01-01", "rules": []}`), &p); err != nil {
		b.t.Fatal(err)
	}
	made, err := b.plans.Add(b.t.Context(), shop.System(b.other.Brand), time.UTC, p)
	if err != nil {
		b.t.Fatal(err)
	}
	return made.ID
}

func (b *bundle) foreignBatch() shop.ID {
	b.t.Helper()
	b.post("foreign hq", "/v1/manager/tags", object{"store": b.other.S1, "placement": "shelf", "batch": "B", "destination": "https://shop.example.test/"})
	var batches page
	b.get("foreign hq", "/v1/manager/tag-batches").into(http.StatusOK, &batches)
	return batches.Items[0].ID
}

func TestListsOfTwoBrandsAreApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.foreignThings()
	for _, path := range []string{"/v1/manager/devices", "/v1/manager/tags", "/v1/manager/tag-batches", "/v1/manager/tag-alarms", "/v1/manager/integration-keys", "/v1/manager/offers", "/v1/manager/campaigns", "/v1/manager/plans", "/v1/manager/plan-drafts", "/v1/manager/successions"} {
		var list page
		b.get("hq", path).into(http.StatusOK, &list)
		if len(list.Items) != 0 {
			t.Errorf("%s shows %v of another brand", path, list.Items)
		}
	}
}

func TestWrongFormIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tt := range []struct {
		why, method, path string
		body              any
		status            int
		code, field       string
	}{
		{"an unknown field", "POST", "/v1/manager/stores", object{"code": "S9", "names": object{"en": "N"}, "kind": "shop", "brand_id": 2}, 400, "body_invalid", "brand_id"},
		{"a kind that there is not", "POST", "/v1/manager/stores", object{"code": "S9", "names": object{"en": "N"}, "kind": "kiosk"}, 422, "fields_invalid", "kind"},
		{"a PIN that is guessed first", "POST", "/v1/manager/staff", object{"employee_no": "N", "name": "N", "pin": "123456"}, 422, "fields_invalid", "pin"},
		{"a store that is no id", "POST", "/v1/manager/tags", object{"store": "S1", "placement": "shelf"}, 400, "body_invalid", "store"},
		{"a tag in the air", "POST", "/v1/manager/tags", object{"store": b.S1, "placement": "roof", "destination": "https://shop.example.test/"}, 422, "fields_invalid", "placement"},
		{"a tag that leads away", "POST", "/v1/manager/tags", object{"store": b.S1, "placement": "shelf", "destination": "https://evil.test/"}, 422, "tag_destination_refused", ""},
		{"no tags at all", "POST", "/v1/manager/tags/several", object{"tags": []object{}}, 422, "fields_invalid", "tags"},
		{"a misspelt rule of a plan", "POST", "/v1/manager/plans", object{"version": 1, "first_day": "2026-12-01", "rules": []object{}, "hold_day": 7}, 422, "fields_invalid", "hold_day"},
		{"a rate above the whole", "POST", "/v1/manager/plans", object{"version": 1, "first_day": "2026-12-01", "rules": []object{{"role": "home_store", "rate_bp": 10001}}}, 422, "fields_invalid", "rules[0].rate_bp"},
		{"a draft's plan that is none", "PUT", "/v1/manager/plan-drafts/" + b.S1.String(), object{"revision": 1, "plan": object{"version": 1, "first_day": "2026-12-01", "rules": []object{}, "hold_day": 7}}, 422, "fields_invalid", "hold_day"},
		{"a file of a plan as JSON", "POST", "/v1/manager/plans/file", object{}, 415, "media_type_unsupported", ""},
		{"a plan without a body", "POST", "/v1/manager/plans", nil, 400, "body_required", ""},
		{"a month that is none", "GET", "/v1/manager/reports/commission?month=2026-13", nil, 422, "fields_invalid", "month"},
		{"a report without its month", "GET", "/v1/manager/reports/commission", nil, 422, "fields_invalid", "month"},
		{"a picture of a house wall", "GET", "/v1/manager/tags/" + b.S1.String() + "/qr?pixels=100000", nil, 422, "fields_invalid", "pixels"},
		{"figures of ten years", "GET", "/v1/manager/reports/tags?from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", nil, 422, "fields_invalid", "to"},
		{"an id that is none", "GET", "/v1/manager/orders/1", nil, 400, "parameters_invalid", "id"},
		{"a cursor of our own making", "GET", "/v1/manager/stores?cursor=abc", nil, 400, "cursor_invalid", ""},
		{"a transfer without a reason", "POST", "/v1/manager/bindings/transfer", object{"customers": []shop.ID{b.S1}, "to": object{"store": b.S2}, "reason": " "}, 422, "reason_required", ""},
		{"an offer that ends before it begins", "POST", "/v1/manager/offers", object{"kind": "gift", "title": object{"zh-TW": "禮"}, "starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"}, 422, "fields_invalid", "ends_at"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			a := b.ask("hq", tt.method, tt.path, tt.body)
			a.t = t
			a.refused(tt.status, tt.code, tt.field)
		})
	}
}

func TestCreatingNeedsAnIdempotencyKeyAndHappensOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := object{"code": "S9", "names": object{"zh-TW": "九號店", "en": "Ninth"}, "kind": "popup"}
	b.ask("hq", http.MethodPost, "/v1/manager/stores", store, "Idempotency-Key", "").refused(http.StatusBadRequest, "idempotency_key_required", "")
	var first, second named
	b.ask("hq", http.MethodPost, "/v1/manager/stores", store, "Idempotency-Key", "one").into(http.StatusCreated, &first)
	again := b.ask("hq", http.MethodPost, "/v1/manager/stores", store, "Idempotency-Key", "one").into(http.StatusCreated, &second)
	if first.ID != second.ID || again.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("%v, then %v", first, second)
	}
	b.post("hq", "/v1/manager/stores", store).refused(http.StatusConflict, "store_exists", "")
}

// The process died after the act and before its answer was kept: the same request is run again, as the same request.
func TestACrashBeforeTheAnswerIsKeptMakesNoDouble(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tag := object{"store": b.S1, "placement": "shelf", "destination": "https://shop.example.test/"}
	campaign := object{"name": "C", "offer": b.approved("hq"), "audience": object{"home_store": b.S1}, "scheduled_at": "2026-11-24T04:00:00Z"}
	for path, body := range map[string]any{
		"/v1/manager/tags":                                     tag,
		"/v1/manager/tags/several":                             object{"tags": []object{tag, tag, tag}},
		"/v1/manager/tags/grid":                                bodyFor("issueTagGrid", b.S1),
		"/v1/manager/offers":                                   bodyFor("createOffer", b.S1),
		"/v1/manager/campaigns":                                campaign,
		"/v1/manager/plans":                                    bodyFor("addPlan", b.S1),
		"/v1/manager/policies":                                 object{"policy": object{"click_days": 7}},
		"/v1/manager/adjustments":                              object{"to": object{"kind": "store", "id": b.S1}, "minor": 70, "reason": "a fair"},
		"/v1/manager/staff/" + b.Amy.String() + "/assignments": object{"store": b.S2, "role": "staff", "from": "2026-12-01"},
	} {
		first := b.ask("hq", http.MethodPost, path, body, "Idempotency-Key", path).into(http.StatusCreated, nil)
		b.losesTheAnswer(path)
		again := b.ask("hq", http.MethodPost, path, body, "Idempotency-Key", path).into(http.StatusCreated, nil)
		if again.header.Get("Idempotent-Replay") != "" || string(again.body) != string(first.body) {
			t.Errorf("%s: %s, then %s", path, first.body, again.body)
		}
	}
}

func (b *bundle) losesTheAnswer(key string) {
	b.t.Helper()
	err := b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
UPDATE idempotency_key SET status = NULL, media_type = NULL, response = NULL, claimed_at = claimed_at - interval '1 hour'
WHERE brand_id = $1 AND key = $2`, b.Brand, key)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// A secret that nobody has heard is drawn anew, of the same thing; the one that was lost opens nothing.
func TestACrashBeforeASecretIsShownMakesNoSecondOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	brand, err := b.people.BrandByID(t.Context(), b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	for path, tt := range map[string]struct {
		body  object
		opens func(secret string) error
	}{
		"/v1/manager/devices": {object{"store": b.S1, "name": "Tablet"}, func(code string) error {
			_, _, err := b.people.RedeemEnrolment(t.Context(), brand.Slug, code)
			return err
		}},
		"/v1/manager/integration-keys": {object{"name": "ERP", "platform": "api", "scopes": []string{"orders:write"}}, func(key string) error {
			_, err := b.people.ActorOfKey(t.Context(), key)
			return err
		}},
	} {
		type shown struct {
			Device, Integration named
			Code, Key           string
		}
		var lost, heard shown
		b.ask("hq", http.MethodPost, path, tt.body, "Idempotency-Key", path).into(http.StatusCreated, &lost)
		b.losesTheAnswer(path)
		b.ask("hq", http.MethodPost, path, tt.body, "Idempotency-Key", path).into(http.StatusCreated, &heard)
		var all page
		b.get("hq", path).into(http.StatusOK, &all)
		if lost.Device.ID != heard.Device.ID || lost.Integration.ID != heard.Integration.ID || len(all.Items) != 1 {
			t.Errorf("%s: %+v, then %+v, of %d", path, lost, heard, len(all.Items))
		}
		if err := tt.opens(lost.Code + lost.Key); err == nil {
			t.Errorf("%s: the secret that nobody heard opens", path)
		}
		if err := tt.opens(heard.Code + heard.Key); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		b.losesTheAnswer(path)
		if path == "/v1/manager/devices" {
			b.ask("hq", http.MethodPost, path, tt.body, "Idempotency-Key", path).refused(http.StatusConflict, "device_enrolled", "")
		} else {
			b.post("hq", path+"/"+heard.Integration.ID.String()+"/revoke", nil).into(http.StatusNoContent, nil)
			b.ask("hq", http.MethodPost, path, tt.body, "Idempotency-Key", path).refused(http.StatusConflict, "integration_exists", "")
		}
	}
}
