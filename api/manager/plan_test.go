package manager_test

import (
	"net/http"
	"strings"
	"testing"

	"homestore/clienteling/shop"
)

type draftRead struct {
	ID          shop.ID
	State       string
	Revision    int
	WrittenBy   shop.ID `json:"written_by"`
	EndedBy     shop.ID `json:"ended_by"`
	Version     shop.ID `json:"version_id"`
	Unreachable []int   `json:"unreachable_rules"`
	Plan        struct {
		HoldDays int `json:"hold_days"`
		Rules    []struct {
			RateBP int `json:"rate_bp"`
		}
	}
	Findings []struct{ Code, Severity string }
}

func TestAPlanIsDraftedReadAndApprovedBySomebodyElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	body := object{"version": 2, "first_day": "2026-12-01", "rules": []object{{"role": "home_store", "rate_bp": 250}, {"role": "home_store", "rate_bp": 100}}}
	var d draftRead
	b.post("hq", "/v1/manager/plans", body).into(http.StatusCreated, &d)
	if d.State != "draft" || d.Revision != 1 || d.Plan.HoldDays != 14 || len(d.Unreachable) != 1 || d.Unreachable[0] != 2 {
		t.Errorf("defaults are filled in, and a rule that never decides is named: %+v", d)
	}
	at := "/v1/manager/plan-drafts/" + d.ID.String()
	b.get("finance", at).into(http.StatusOK, &d)
	if len(d.Findings) != 2 || d.Findings[0].Code != "rule_unreachable" || d.Findings[1].Code != "leaver_unsaid" {
		t.Errorf("%+v", d.Findings)
	}
	b.post("other hq", at+"/approve", object{"revision": 1, "acknowledged": []string{"leaver_unsaid"}}).refused(http.StatusUnprocessableEntity, "plan_faulty", "acknowledged")
	body["rules"] = []object{{"role": "home_store", "rate_bp": 250}}
	b.ask("hq", http.MethodPut, at, object{"revision": 1, "plan": body}).into(http.StatusOK, &d)
	b.post("other hq", at+"/approve", object{"revision": 1}).refused(http.StatusConflict, "plan_draft_changed", "")
	b.post("other hq", at+"/approve", object{"revision": 2}).refused(http.StatusUnprocessableEntity, "plan_warnings_unread", "acknowledged")
	b.post("hq", at+"/approve", object{"revision": 2, "acknowledged": []string{"leaver_unsaid"}}).refused(http.StatusForbidden, "own_approval", "")
	b.post("other hq", at+"/approve", object{"revision": 2, "acknowledged": []string{"leaver_unsaid"}}).into(http.StatusOK, &d)
	if d.State != "approved" || d.Revision != 2 || d.Version.IsZero() || d.EndedBy == d.WrittenBy {
		t.Errorf("%+v", d)
	}
	b.post("hq", at+"/withdraw", nil).refused(http.StatusConflict, "plan_draft_ended", "")

	b.post("hq", "/v1/manager/plans", body).refused(http.StatusConflict, "plan_version_taken", "")
	body["version"], body["first_day"] = 3, "2026-11-23"
	b.post("hq", "/v1/manager/plans", body).refused(http.StatusUnprocessableEntity, "plan_not_forward", "")
	body["first_day"] = "2026-12-02"
	b.post("hq", "/v1/manager/plans", body).into(http.StatusCreated, &d)
	b.post("hq", "/v1/manager/plan-drafts/"+d.ID.String()+"/withdraw", nil).into(http.StatusOK, &d)
	if d.State != "withdrawn" {
		t.Errorf("%+v", d)
	}
	var list page
	b.get("finance", "/v1/manager/plans?limit=1").into(http.StatusOK, &list)
	var rest page
	b.get("finance", "/v1/manager/plans?limit=1&cursor="+list.NextCursor).into(http.StatusOK, &rest)
	if len(list.Items) != 1 || len(rest.Items) != 1 || list.Items[0].ID == rest.Items[0].ID || rest.NextCursor != "" {
		t.Errorf("two versions, a page each: %+v, then %+v", list, rest)
	}
	b.get("hq", "/v1/manager/plan-drafts").into(http.StatusOK, &list)
	if len(list.Items) != 2 {
		t.Errorf("drafts stay to be read: %+v", list)
	}
}

func TestAPlanComesAndGoesAsOneFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	send := func(text string) answer {
		return b.ask("hq", http.MethodPost, "/v1/manager/plans/file", text, "Content-Type", "application/yaml")
	}
	var d draftRead
	send("version: 2\nfirst_day: 2026-12-01\nleaver: keep\nrules:\n  - {role: home_store, rate_bp: 275}\n").into(http.StatusCreated, &d)
	if d.State != "draft" || d.Plan.Rules[0].RateBP != 275 {
		t.Errorf("%+v", d)
	}
	file := b.get("finance", "/v1/manager/plan-drafts/"+d.ID.String()+"/file").into(http.StatusOK, nil)
	if file.header.Get("Content-Type") != "application/yaml" || !strings.Contains(file.header.Get("Content-Disposition"), "plan-2.yaml") || !strings.Contains(string(file.body), "rate_bp: 275") {
		t.Errorf("%v\n%s", file.header, file.body)
	}
	send(strings.Replace(string(file.body), "hold_days", "hold_day", 1)).refused(http.StatusUnprocessableEntity, "fields_invalid", "hold_day")
	send(strings.Replace(string(file.body), "hold_days: 14", "hold_days: 3", 1)).refused(http.StatusUnprocessableEntity, "fields_invalid", "hold_days")
	var list page
	b.get("hq", "/v1/manager/plans").into(http.StatusOK, &list)
	inForce := b.get("manager", "/v1/manager/plans/"+list.Items[0].ID.String()+"/file").into(http.StatusOK, nil)
	if !strings.Contains(string(inForce.body), "rate_bp: 300") {
		t.Errorf("%s", inForce.body)
	}
	b.get("manager", "/v1/manager/plans/"+d.ID.String()+"/file").refused(http.StatusNotFound, "not_found", "")
}

func TestADraftIsPreviewedByTypicalOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var d draftRead
	b.post("hq", "/v1/manager/plans", object{"version": 1, "first_day": "2026-12-01", "rules": []object{{"role": "home_store", "rate_bp": 300}}}).into(http.StatusCreated, &d)
	var preview struct {
		Currency string
		Examples []struct {
			Name string
			Gets []struct {
				Role  string
				Minor int64
				Why   map[string]string
			}
		}
	}
	b.get("finance", "/v1/manager/plan-drafts/"+d.ID.String()+"/preview").into(http.StatusOK, &preview)
	if first := preview.Examples[0]; preview.Currency != "TWD" || len(preview.Examples) != 8 || first.Gets[0].Minor != 600 || first.Gets[0].Why["en"] != "rule 1: NT$20,000 x 3 % = NT$600" {
		t.Errorf("%+v", preview)
	}
	var linted draftRead
	b.post("finance", "/v1/manager/plans/lint", object{"version": 1, "first_day": "2026-12-01", "leaver": "keep", "rules": []object{}}).into(http.StatusOK, &linted)
	if len(linted.Findings) != 1 || linted.Findings[0].Code != "pays_nobody" {
		t.Errorf("%+v", linted)
	}
}
