package manager_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestNamesAreShownInTheCallersLanguageAndEditedInBoth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var zh, en page
	b.ask("manager", http.MethodGet, "/v1/manager/stores", nil, "Accept-Language", "zh-TW").into(http.StatusOK, &zh)
	b.ask("finance", http.MethodGet, "/v1/manager/stores", nil, "Accept-Language", "en").into(http.StatusOK, &en)
	for i, want := range map[string][2]string{"S1": {"信義店", "Xinyi"}} {
		for _, list := range []struct {
			page page
			name string
		}{{zh, want[0]}, {en, want[1]}} {
			found := false
			for _, item := range list.page.Items {
				if item.Code == i {
					found = item.Name == list.name && item.Names["en"] == want[1] && item.Names["zh-TW"] == want[0]
				}
			}
			if !found {
				t.Errorf("%s is not called %s in %v", i, list.name, list.page.Items)
			}
		}
	}
}

func TestAListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := map[string]bool{}
	path := "/v1/manager/stores?limit=2"
	for range 3 {
		var list page
		b.get("hq", path).into(http.StatusOK, &list)
		for _, item := range list.Items {
			seen[item.Code] = true
		}
		if list.NextCursor == "" {
			break
		}
		path = "/v1/manager/stores?limit=2&cursor=" + list.NextCursor
	}
	if len(seen) != 3 {
		t.Errorf("three stores, page by page: %v", seen)
	}
}

func TestSomebodyIsTakenOnAssignedAndSignedOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mei named
	b.post("hq", "/v1/manager/staff", object{"employee_no": "M1", "name": "陳美", "pin": "830461"}).into(http.StatusCreated, &mei)
	b.post("hq", "/v1/manager/staff", object{"employee_no": "M1", "name": "Another"}).refused(http.StatusConflict, "staff_exists", "")
	at := "/v1/manager/staff/" + mei.ID.String()

	b.post("manager", at+"/assignments", object{"store": b.S2, "role": "staff", "from": "2026-11-01"}).refused(http.StatusForbidden, "forbidden", "")
	b.post("manager", at+"/revoke", nil).refused(http.StatusNotFound, "not_found", "")
	var first, second named
	b.post("manager", at+"/assignments", object{"store": b.S1, "role": "staff", "from": "2026-11-01"}).into(http.StatusCreated, &first)
	b.post("hq", at+"/assignments", object{"store": b.S2, "role": "manager", "from": "2026-11-01", "to": "2026-12-31"}).into(http.StatusCreated, &second)
	var list struct {
		Items []struct {
			ID       shop.ID
			From, To string
		}
		NextCursor string `json:"next_cursor"`
	}
	b.get("hq", at+"/assignments?limit=1").into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.NextCursor == "" {
		t.Fatalf("the newer of two: %+v", list)
	}
	newer := list.Items[0].ID
	b.get("hq", at+"/assignments?limit=1&cursor="+list.NextCursor).into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].ID == newer || list.Items[0].From != "2026-11-01" {
		t.Fatalf("the older of two: %+v", list)
	}
	b.post("hq", "/v1/manager/assignments/"+second.ID.String()+"/end", object{"last_day": "2026-11-30"}).into(http.StatusNoContent, nil)
	b.post("hq", "/v1/manager/assignments/"+second.ID.String()+"/end", object{"last_day": "2026-12-15"}).refused(http.StatusNotFound, "not_found", "")

	b.ask("manager", http.MethodPut, at+"/pin", object{"pin": "111111"}).refused(http.StatusUnprocessableEntity, "pin_weak", "")
	b.ask("manager", http.MethodPut, at+"/pin", object{"pin": "970412"}).into(http.StatusNoContent, nil)
	b.post("manager", at+"/revoke", nil).into(http.StatusNoContent, nil)
	var people struct {
		Items []struct {
			ID        shop.ID
			RevokedAt string `json:"revoked_at"`
		}
	}
	b.get("manager", "/v1/manager/staff").into(http.StatusOK, &people)
	if len(people.Items) != 2 || people.Items[0].ID != mei.ID || people.Items[0].RevokedAt != "2026-11-23T04:00:00Z" {
		t.Errorf("a manager sees the two of her store: %+v", people)
	}
	b.post("hq", at+"/restore", nil).into(http.StatusNoContent, nil)
}

func TestADeviceCodeIsShownOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := object{"store": b.S1, "name": "Counter tablet"}
	var made struct {
		Device named
		Code   string
	}
	b.ask("manager", http.MethodPost, "/v1/manager/devices", want, "Idempotency-Key", "d").into(http.StatusCreated, &made)
	if len(made.Code) != 11 || made.Device.Name != "Counter tablet" {
		t.Errorf("%+v", made)
	}
	b.ask("manager", http.MethodPost, "/v1/manager/devices", want, "Idempotency-Key", "d").refused(http.StatusConflict, "idempotency_answer_shown_once", "")
	b.post("manager", "/v1/manager/devices", object{"store": b.S2, "name": "Theirs"}).refused(http.StatusUnprocessableEntity, "store_unknown", "")
	list := b.get("manager", "/v1/manager/devices").into(http.StatusOK, nil)
	if strings.Contains(string(list.body), made.Code) || !strings.Contains(string(list.body), made.Device.ID.String()) {
		t.Errorf("%s", list.body)
	}
	b.post("manager", "/v1/manager/devices/"+made.Device.ID.String()+"/revoke", nil).into(http.StatusNoContent, nil)
}

func TestAnAPIKeyIsShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := object{"name": "Web shop", "platform": "api", "store": b.Web, "scopes": []string{"orders:write"}}
	var made struct {
		Integration named
		Key         string
	}
	b.ask("hq", http.MethodPost, "/v1/manager/integration-keys", want, "Idempotency-Key", "k").into(http.StatusCreated, &made)
	b.post("hq", "/v1/manager/integration-keys", object{"name": "ERP", "platform": "api", "scopes": []string{"orders:read"}}).refused(http.StatusUnprocessableEntity, "fields_invalid", "scopes")
	if !strings.HasPrefix(made.Key, "hs_live_") {
		t.Errorf("%+v", made)
	}
	b.ask("hq", http.MethodPost, "/v1/manager/integration-keys", want, "Idempotency-Key", "k").refused(http.StatusConflict, "idempotency_answer_shown_once", "")
	hook := object{"name": "Shopify", "platform": "shopify", "store": b.Web, "lookup": "clear-day.example.test", "webhook_secret": "canary-of-a-secret-of-theirs"}
	if a := b.post("hq", "/v1/manager/integration-keys", hook).into(http.StatusCreated, nil); strings.Contains(string(a.body), "canary") || strings.Contains(string(a.body), "hs_live_") {
		t.Errorf("%s", a.body)
	}
	b.post("hq", "/v1/manager/integration-keys", hook).refused(http.StatusConflict, "integration_exists", "")
	list := b.get("hq", "/v1/manager/integration-keys").into(http.StatusOK, nil)
	if strings.Contains(string(list.body), made.Key) || strings.Contains(string(list.body), "canary") {
		t.Errorf("a list shows a secret: %s", list.body)
	}
	b.post("hq", "/v1/manager/integration-keys/"+made.Integration.ID.String()+"/revoke", nil).into(http.StatusNoContent, nil)
}

func TestHeadOfficeKeepsAPlatformConnected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var made struct{ Integration named }
	hook := object{"name": "Shopify", "platform": "shopify", "store": b.Web, "lookup": "clear-day.example.test", "webhook_secret": "the first of its secrets"}
	b.post("hq", "/v1/manager/integration-keys", hook).into(http.StatusCreated, &made)
	at := "/v1/manager/integration-keys/" + made.Integration.ID.String()
	for range 2 { // the second changes nothing
		b.ask("hq", http.MethodPut, at+"/webhook-secret", object{"webhook_secret": "the second of its secrets"}).into(http.StatusNoContent, nil)
	}
	b.ask("hq", http.MethodPut, at+"/webhook-secret", object{"webhook_secret": "short"}).refused(http.StatusUnprocessableEntity, "fields_invalid", "webhook_secret")
	key, err := b.people.WebhookKeyOf(t.Context(), "shopify", "clear-day.example.test")
	if err != nil || string(key.Secret) != "the second of its secrets" || string(key.Former) != "the first of its secrets" {
		t.Errorf("%+v %v", key, err)
	}
	b.ask("hq", http.MethodPut, at+"/places", object{"place": "655441491", "store": b.S1}).into(http.StatusNoContent, nil)
	b.ask("hq", http.MethodPut, at+"/places", object{"place": "1", "store": b.other.S1}).refused(http.StatusNotFound, "not_found", "")
	err = b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		store, err := team.StoreOfPlace(t.Context(), tx, b.Brand, made.Integration.ID, "655441491")
		if store != b.S1 {
			t.Errorf("the place is %s", store)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHeadOfficeSaysByWhoseTokensCustomersSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	oidc := object{"provider": "oidc", "issuer": "https://id.example.test", "audience": "app", "jwks_url": "http://id.example.test/keys"}
	b.ask("hq", http.MethodPut, "/v1/manager/issuers", oidc).refused(http.StatusUnprocessableEntity, "fields_invalid", "jwks_url")
	oidc["jwks_url"] = "https://id.example.test/keys"
	for _, body := range []object{oidc, oidc, {"provider": "line", "issuer": "https://access.line.me", "audience": "1234567890"}} {
		b.ask("hq", http.MethodPut, "/v1/manager/issuers", body).into(http.StatusNoContent, nil)
	}
	var list struct{ Items []map[string]string }
	b.get("hq", "/v1/manager/issuers").into(http.StatusOK, &list)
	if len(list.Items) != 2 || list.Items[0]["jwks_url"] != "https://id.example.test/keys" || list.Items[1]["audience"] != "1234567890" {
		t.Errorf("%v", list.Items)
	}
	if all, err := b.people.Issuers(t.Context(), b.Brand, "line"); len(all) != 1 || err != nil {
		t.Errorf("%v %v", all, err)
	}
}

func TestWhoSignsInByPasswordKeepsItHerself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hq := shop.System(b.Brand)
	amy, err := b.people.AddStaff(t.Context(), hq, team.NewStaff{EmployeeNo: "Q1", Name: "總部", Email: "hq@example.test", BrandRole: shop.RoleHQ, Password: "the first of her passwords"})
	if err != nil {
		t.Fatal(err)
	}
	b.herself = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: amy.ID}
	signsIn := func(why, password, code string, want error) {
		t.Helper()
		brand, err := b.people.BrandByID(t.Context(), b.Brand)
		if err == nil {
			_, err = b.people.SignInWithPassword(t.Context(), team.PasswordSignIn{Brand: brand.Slug, Email: "hq@example.test", Password: password, TOTP: code, DeviceSecret: "an app's own secret"})
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", why, err, want)
		}
	}
	change := func(old, new string) answer {
		return b.ask("herself", http.MethodPut, "/v1/manager/me/password", object{"old_password": old, "new_password": new})
	}
	change("the first of her passwords", "short").refused(http.StatusUnprocessableEntity, "password_weak", "")
	change("a guess", "the second of her passwords").refused(http.StatusUnprocessableEntity, "password_wrong", "")
	change("the first of her passwords", "the second of her passwords").into(http.StatusNoContent, nil)
	signsIn("by the old one", "the first of her passwords", "", team.ErrSignIn)
	signsIn("by the new one", "the second of her passwords", "", nil)
	for range 5 {
		change("a guess", "the third of her passwords").refused(http.StatusUnprocessableEntity, "password_wrong", "")
	}
	change("the second of her passwords", "the third of her passwords").refused(http.StatusTooManyRequests, "sign_in_locked", "")
	signsIn("whatever a session guesses", "the second of her passwords", "", nil)

	var offer struct{ Secret, URL string }
	b.post("herself", "/v1/manager/me/totp", nil).into(http.StatusOK, &offer)
	if len(offer.Secret) != 32 || !strings.Contains(offer.URL, "hq@example.test") || !strings.Contains(offer.URL, offer.Secret) {
		t.Errorf("%+v", offer)
	}
	b.ask("herself", http.MethodPut, "/v1/manager/me/totp", object{"secret": offer.Secret, "code": "000000"}).refused(http.StatusUnprocessableEntity, "totp_code_wrong", "")
	b.ask("herself", http.MethodPut, "/v1/manager/me/totp", object{"secret": offer.Secret, "code": totp(t, offer.Secret)}).into(http.StatusNoContent, nil)
	signsIn("without a code", "the second of her passwords", "", team.ErrTOTPRequired)
	b.post("herself", "/v1/manager/staff/"+amy.ID.String()+"/drop-totp", nil).refused(http.StatusForbidden, "forbidden", "")
	b.post("hq", "/v1/manager/staff/"+amy.ID.String()+"/drop-totp", nil).into(http.StatusNoContent, nil)
	b.ask("hq", http.MethodPut, "/v1/manager/staff/"+amy.ID.String()+"/password", object{"password": "one that head office gave"}).into(http.StatusNoContent, nil)
	signsIn("as head office said", "one that head office gave", "", nil)
}

// totp is the code that an authenticator app shows at noon for a secret (RFC 6238).
func totp(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, noon.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

func TestAManagerSaysWhatHerStoreIsLike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	said := object{
		"hours": object{"mon": []object{{"opens": "11:00", "closes": "21:30"}}}, "networks": []string{"203.0.113.8/29"}, "area_tenth_ping": 825,
	}
	var store struct{ Premises object }
	b.ask("manager", http.MethodPut, "/v1/manager/stores/"+b.S1.String()+"/premises", said).into(http.StatusOK, &store)
	if store.Premises["area_tenth_ping"] != 825.0 || store.Premises["hours"] == nil || store.Premises["networks"] == nil {
		t.Errorf("%v", store.Premises)
	}
	b.ask("manager", http.MethodPut, "/v1/manager/stores/"+b.S2.String()+"/premises", said).refused(http.StatusNotFound, "not_found", "")
	said["networks"] = []string{"203.0.113.9/29"}
	b.ask("manager", http.MethodPut, "/v1/manager/stores/"+b.S1.String()+"/premises", said).refused(http.StatusUnprocessableEntity, "fields_invalid", "networks")
}
