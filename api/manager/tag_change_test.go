package manager_test

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// What is printed is the code; all else that a tag says may be said anew, and who said it when can be read.
func TestATagIsChangedWithoutANewPrintAndSaysWhoDidIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask("hq", http.MethodPut, "/v1/manager/tag-templates/product", object{"address": "https://shop.example.test/{lang}/p/{sku}"}).into(http.StatusOK, nil)
	b.ask("manager", http.MethodPut, "/v1/manager/tag-templates/product", object{"address": "https://shop.example.test/"}).refused(http.StatusForbidden, "forbidden", "")
	made := b.tag("manager", nil)
	path := "/v1/manager/tags/" + made.ID.String()
	var now struct {
		Code, Kind, Reference, Template, Destination, Label string
		ValidUntil                                          time.Time `json:"valid_until"`
		Rules                                               []object
	}
	for _, step := range []struct {
		what string
		body object
	}{
		{"destination", object{"template": "product"}},
		{"rules", object{"rules": []object{{"has_app": true, "template": "product"}, {"language": "en", "store_open": false, "destination": "https://shop.example.test/closed"}}}},
		{"details", object{"label": "入口", "valid_until": "2026-12-31T16:00:00Z"}},
	} {
		b.ask("manager", http.MethodPut, path+"/"+step.what, step.body).into(http.StatusOK, &now)
	}
	until := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
	if now.Code != made.Code || now.Kind != "variant" || now.Reference != "SOFA" || now.Template != "product" || now.Destination != "https://shop.example.test/{lang}/p/{sku}" ||
		now.Label != "入口" || !now.ValidUntil.Equal(until) || len(now.Rules) != 2 {
		t.Errorf("%+v", now)
	}
	var past struct {
		Items []struct{ By, Field, From, To string }
	}
	b.get("finance", path+"/changes").into(http.StatusOK, &past)
	var fields []string
	for _, c := range past.Items {
		fields = append(fields, c.Field)
		if c.By != "manager:"+b.Amy.String() {
			t.Errorf("%s changed %s", c.By, c.Field)
		}
	}
	slices.Sort(fields)
	if want := []string{"destination", "destination", "label", "label", "rules", "state", "template", "valid_until"}; !slices.Equal(fields, want) {
		t.Errorf("changed %v, want %v", fields, want)
	}
}

func TestWhatATagCannotBeToldIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/v1/manager/tags/" + b.tag("manager", nil).ID.String()
	for _, tc := range []struct {
		why, what   string
		body        object
		code, field string
	}{
		{"no way at all", "destination", object{}, "fields_invalid", "destination"},
		{"two ways at once", "destination", object{"template": "product", "destination": "https://shop.example.test/"}, "fields_invalid", "destination"},
		{"a template that there is not", "destination", object{"template": "nope"}, "tag_template_unknown", ""},
		{"a foreign host by a rule", "rules", object{"rules": []object{{"language": "en", "destination": "https://evil.test/"}}}, "tag_destination_refused", ""},
		{"a rule that always holds", "rules", object{"rules": []object{{"destination": "https://shop.example.test/"}}}, "fields_invalid", "rules[0].language"},
		{"an end before the beginning", "details", object{"valid_from": "2026-12-02T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z"}, "fields_invalid", "valid_until"},
	} {
		t.Log(tc.why)
		b.ask("manager", http.MethodPut, path+"/"+tc.what, tc.body).refused(http.StatusUnprocessableEntity, tc.code, tc.field)
	}
	// No rule asks for it while the catalogue knows no stock.
	b.ask("manager", http.MethodPut, path+"/rules", object{"rules": []object{{"sold_out": true, "template": "product"}}}).refused(http.StatusBadRequest, "body_invalid", "rules[0].sold_out")
}
