package manager_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

var csvType = []string{"Content-Type", "text/csv"}

// bought is a web order of last month, which became payable in it: 600 to S1, 200 to the web team.
func (b *bundle) bought(name string, who shop.ID) {
	b.t.Helper()
	at := time.Date(2026, 10, 2, 4, 0, 0, 0, time.UTC)
	for _, fact := range []order.Fact{
		order.WasPlaced{
			Order: name, PlacedAt: at, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500, Customer: who,
			Lines: []order.Line{{ExternalID: "1", SKU: "SOFA", Kind: order.Merchandise, Quantity: 1, UnitPrice: 21000, TaxIncluded: true}},
		},
		order.WasFulfilled{Order: name, ExternalID: "parcel of " + name, Kind: order.Ship, At: at},
	} {
		if _, err := b.orders.Apply(b.t.Context(), b.Brand, "shopify", fact); err != nil {
			b.t.Fatal(err)
		}
	}
}

type stated struct {
	ID            shop.ID
	To            named
	MovementMinor int64  `json:"movement_minor"`
	StatedMinor   int64  `json:"stated_minor"`
	LeftMinor     int64  `json:"left_minor"`
	LastPayout    string `json:"last_payout"`
}

// statements are those of October that somebody reads, by the code of whose they are.
func (b *bundle) statementsFor(who string) map[string]stated {
	b.t.Helper()
	var list struct{ Items []stated }
	b.get(who, "/v1/manager/statements?month=2026-10").into(http.StatusOK, &list)
	all := map[string]stated{}
	for _, st := range list.Items {
		all[st.To.Code] = st
	}
	return all
}

func TestAMonthIsPreviewedClosedStatedAndPaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	b.bought("1", shop.ID{})
	b.get("hq", "/v1/manager/periods/preview?month=2026-11").refused(http.StatusConflict, "month_not_over", "")
	b.get("finance", "/v1/manager/statements?month=2026-10").refused(http.StatusConflict, "month_open", "")
	var preview struct {
		Statements []stated
		Checks     []struct{ Code string }
	}
	b.get("finance", "/v1/manager/periods/preview?month=2026-10").into(http.StatusOK, &preview)
	if len(preview.Statements) != 1 || preview.Statements[0].MovementMinor != 200 || preview.Statements[0].To.Code != "WEB" {
		t.Errorf("%+v", preview)
	}
	for range 2 { // the second changes nothing
		b.post("finance", "/v1/manager/periods", object{"month": "2026-10"}).into(http.StatusOK, nil)
	}
	var closed struct {
		Items []struct {
			Month string
			Seal  struct{ Hash string }
		}
	}
	b.get("manager", "/v1/manager/periods").into(http.StatusOK, &closed)
	if len(closed.Items) != 1 || closed.Items[0].Month != "2026-10" || len(closed.Items[0].Seal.Hash) != 64 {
		t.Errorf("%+v", closed)
	}
	web := b.statementsFor("hq")["WEB"]
	if web.StatedMinor != 200 || web.LeftMinor != 200 || len(b.statementsFor("manager")) != 0 {
		t.Errorf("the web team's, and nothing for the manager of S1: %+v, %+v", web, b.statementsFor("manager"))
	}
	b.get("manager", "/v1/manager/statements/"+web.ID.String()).refused(http.StatusNotFound, "not_found", "")

	path := "/v1/manager/payouts/csv?month=2026-10"
	file := string(b.get("finance", path).into(http.StatusOK, nil).body)
	_, row, _ := strings.Cut(file, "\r\n")
	reference, _, _ := strings.Cut(row, ",")
	failed := "reference,outcome,note\n" + reference + ",failed,no such account\n"
	var done struct{ Paid, Failed int }
	b.ask("finance", http.MethodPost, path, failed, csvType...).into(http.StatusOK, &done)
	if done.Failed != 1 || b.statementsFor("hq")["WEB"].LeftMinor != 200 || b.statementsFor("hq")["WEB"].LastPayout != "failed" {
		t.Errorf("%+v, %+v", done, b.statementsFor("hq"))
	}
	b.ask("finance", http.MethodPost, path, failed, csvType...).refused(http.StatusUnprocessableEntity, "payout_outcomes_wrong", "rows[2].reference")
	b.post("finance", "/v1/manager/payouts", object{"month": "2026-10"}).refused(http.StatusUnprocessableEntity, "statements_required", "")
	for want := range 2 { // what is paid stays so
		b.post("finance", "/v1/manager/payouts", object{"month": "2026-10", "statements": []shop.ID{web.ID}, "reference": "payroll"}).into(http.StatusOK, &done)
		if done.Paid != 1-want {
			t.Errorf("%d payments the %d. time", done.Paid, want+1)
		}
	}
	b.post("finance", "/v1/manager/payouts", object{"month": "2026-10", "statements": []shop.ID{b.S1}}).refused(http.StatusUnprocessableEntity, "statement_unknown", "")
	if state := b.stateOfOrderIn(web.ID); state != "paid paid" {
		t.Errorf("the order and its credit are %s", state)
	}
	var tries struct {
		Items []struct {
			No                       int
			Outcome, Reference, Note string
		}
	}
	b.get("finance", "/v1/manager/payouts?month=2026-10").into(http.StatusOK, &tries)
	if len(tries.Items) != 2 || tries.Items[0].Note != "no such account" || tries.Items[1].No != 2 || tries.Items[1].Reference != "payroll" {
		t.Errorf("%+v", tries)
	}
}

// stateOfOrderIn is the state of the order of a statement's first line, and of its first credit.
func (b *bundle) stateOfOrderIn(statement shop.ID) string {
	b.t.Helper()
	var lines struct{ Items []struct{ Order shop.ID } }
	b.get("finance", "/v1/manager/statements/"+statement.String()+"/lines").into(http.StatusOK, &lines)
	var explained struct {
		State   string
		Credits []struct{ State string }
	}
	b.get("hq", "/v1/manager/orders/"+lines.Items[0].Order.String()).into(http.StatusOK, &explained)
	return explained.State + " " + explained.Credits[0].State
}

func TestAStatementIsReadDrilledAndDownloaded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	for n := range 3 {
		b.bought(fmt.Sprint("W-", n), shop.ID{})
	}
	b.post("hq", "/v1/manager/periods", object{"month": "2026-10"}).into(http.StatusOK, nil)
	path := "/v1/manager/statements/" + b.statementsFor("hq")["WEB"].ID.String()
	var whole struct {
		stated
		Terms struct {
			PlanVersions []int `json:"plan_versions"`
		}
		Seal struct{ Hash string }
	}
	b.get("finance", path).into(http.StatusOK, &whole)
	if len(whole.Terms.PlanVersions) != 1 || whole.Seal.Hash == "" || whole.MovementMinor != 600 {
		t.Errorf("%+v", whole)
	}
	drilled, cursor := int64(0), ""
	for pages := 1; ; pages++ {
		var some struct {
			Items []struct {
				Minor      int64
				Why, Trace string
				Order      shop.ID
			}
			NextCursor string `json:"next_cursor"`
		}
		b.ask("finance", http.MethodGet, path+"/lines?limit=2&cursor="+cursor, nil, "Accept-Language", "en").into(http.StatusOK, &some)
		for _, l := range some.Items {
			drilled += l.Minor
			if l.Why != "Plan version 1: 1 % of 20,000" || l.Trace != "https://hs.example.test/v1/manager/orders/"+l.Order.String() {
				t.Errorf("%+v", l)
			}
		}
		if cursor = some.NextCursor; cursor == "" {
			if pages != 2 {
				t.Errorf("three lines on %d pages", pages)
			}
			break
		}
	}
	if drilled != whole.MovementMinor {
		t.Errorf("the lines are %d, the statement moves %d", drilled, whole.MovementMinor)
	}
	for format, begins := range map[string]string{"csv": "\ufeffItem,", "xlsx": "PK", "pdf": "%PDF-"} {
		a := b.get("finance", path+"/file?lang=en&format="+format).into(http.StatusOK, nil)
		if !bytes.HasPrefix(a.body, []byte(begins)) || !strings.Contains(a.header.Get("Content-Disposition"), "statement-2026-10-WEB-TWD."+format) {
			t.Errorf("%s: %.20q, %v", format, a.body, a.header)
		}
	}
	b.get("finance", path+"/file?format=docx").refused(http.StatusUnprocessableEntity, "fields_invalid", "format")
}

func TestAbuse29ApprovesOwnCommissionIsRefusedByTheAPI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	own := object{"to": object{"kind": "staff", "id": b.Ben}, "minor": 1, "reason": "for me"} // hq and finance are Ben here
	b.post("finance", "/v1/manager/adjustments", own).refused(http.StatusForbidden, "own_approval", "")
	ask := object{"to": object{"kind": "store", "id": b.S1}, "minor": 90_000_000, "reason": "三月展場支援", "belongs_to": "2026-03"}
	var asked named
	b.post("finance", "/v1/manager/adjustments", ask).into(http.StatusCreated, &asked)
	decide := "/v1/manager/adjustments/" + asked.ID.String()
	var waiting page
	b.get("hq", "/v1/manager/adjustments?waiting=true").into(http.StatusOK, &waiting)
	if len(waiting.Items) != 1 || waiting.Items[0].ID != asked.ID {
		t.Errorf("%+v", waiting)
	}
	b.post("finance", decide+"/approve", object{}).refused(http.StatusForbidden, "own_approval", "")
	b.post("foreign hq", decide+"/approve", object{}).refused(http.StatusNotFound, "not_found", "")
	b.post("hq", decide+"/refuse", object{"note": "no"}).refused(http.StatusForbidden, "own_approval", "") // the same person in another role
	b.post("other hq", decide+"/refuse", object{"note": "no"}).into(http.StatusOK, nil)
	b.post("hq", decide+"/approve", object{}).refused(http.StatusConflict, "adjustment_decided", "")
}

// Head office makes itself a second account, and a third by the second, and approves by them what it asked for.
func TestAbuse29HeadOfficeMakesItselfASecondPersonInVain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	takesOn := func(by, no string) shop.Actor {
		var made named
		b.post(by, "/v1/manager/staff", object{"employee_no": no, "name": no, "email": no + "@example.test", "brand_role": "hq", "password": "a password for somebody"}).into(http.StatusCreated, &made)
		return shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: made.ID}
	}
	var asked, d named
	b.post("hq", "/v1/manager/adjustments", object{"to": object{"kind": "staff", "id": b.Amy}, "minor": 90_000_000, "reason": "三月展場支援"}).into(http.StatusCreated, &asked)
	b.post("hq", "/v1/manager/plans", object{"version": 2, "first_day": "2026-12-01", "leaver": "keep", "rules": []object{{"role": "home_store", "rate_bp": 9000}}}).into(http.StatusCreated, &d)
	adjustment, draft := "/v1/manager/adjustments/"+asked.ID.String(), "/v1/manager/plan-drafts/"+d.ID.String()
	refused := func() {
		t.Helper()
		b.post("herself", draft+"/approve", object{"revision": 1}).refused(http.StatusForbidden, "second_person_required", "")
		b.post("herself", adjustment+"/approve", object{}).refused(http.StatusForbidden, "second_person_required", "")
		b.post("herself", adjustment+"/refuse", object{}).refused(http.StatusForbidden, "second_person_required", "")
	}
	b.herself = takesOn("hq", "Q1")
	refused()
	b.herself = takesOn("herself", "Q2")
	refused()

	independent, err := b.people.AddStaff(t.Context(), shop.System(b.Brand), team.NewStaff{EmployeeNo: "Q3", Name: "Q3", Email: "q3@example.test", BrandRole: shop.RoleHQ, Password: "a password for somebody"})
	if err != nil {
		t.Fatal(err)
	}
	b.herself = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: independent.ID}
	b.post("herself", adjustment+"/approve", object{}).into(http.StatusOK, nil)
	b.ask("hq", http.MethodPut, "/v1/manager/staff/"+independent.ID.String()+"/password", object{"password": "one that head office knows"}).into(http.StatusNoContent, nil)
	b.post("herself", draft+"/approve", object{"revision": 1}).refused(http.StatusForbidden, "second_person_required", "")
	b.post("other hq", draft+"/approve", object{"revision": 1}).into(http.StatusOK, nil)
}
