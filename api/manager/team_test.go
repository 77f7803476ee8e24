package manager_test

import (
	"net/http"
	"strings"
	"testing"

	"homestore/clienteling/shop"
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
