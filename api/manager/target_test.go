package manager_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

type monthLines struct {
	New, Changed, Known, Wrong int
	Rows                       []struct {
		Row     int
		Verdict string
	}
}

func TestTargetsAndHoursAreSetListedAndImported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	put := func(who, path string, body object) answer { return b.ask(who, http.MethodPut, path, body) }
	put("hq", "/v1/manager/targets", object{"month": "2026-11", "store": b.S1, "target_minor": 1_200_000}).into(http.StatusNoContent, nil)
	put("finance", "/v1/manager/targets", object{"month": "2026-11", "staff": b.Amy, "target_minor": 300_000}).into(http.StatusNoContent, nil)
	put("manager", "/v1/manager/targets", object{"month": "2026-11", "staff": b.Amy, "target_minor": 1}).refused(http.StatusForbidden, "own_target", "")
	put("manager", "/v1/manager/targets", object{"month": "2026-11", "store": b.S1, "target_minor": 1}).refused(http.StatusForbidden, "store_target_not_yours", "")
	put("manager", "/v1/manager/targets", object{"month": "2026-11", "staff": b.Ben, "target_minor": 1}).refused(http.StatusUnprocessableEntity, "staff_unknown", "")
	put("hq", "/v1/manager/targets", object{"month": "2026-11", "store": b.S1, "staff": b.Amy, "target_minor": 1}).refused(http.StatusUnprocessableEntity, "target_holder_invalid", "")
	put("hq", "/v1/manager/targets", object{"month": "2026-13", "store": b.S1, "target_minor": 1}).refused(http.StatusUnprocessableEntity, "fields_invalid", "month")
	put("manager", "/v1/manager/hours", object{"month": "2026-11", "store": b.S1, "staff": b.Amy, "minutes": 9150}).into(http.StatusNoContent, nil)
	put("manager", "/v1/manager/hours", object{"month": "2026-11", "store": b.S1, "staff": b.Amy, "minutes": 44_641}).refused(http.StatusUnprocessableEntity, "fields_invalid", "minutes")

	var targets struct {
		Items []struct {
			Store, Staff shop.ID
			TargetMinor  int64  `json:"target_minor"`
			SetBy        string `json:"set_by"`
		}
	}
	b.get("finance", "/v1/manager/targets?month=2026-11").into(http.StatusOK, &targets)
	if len(targets.Items) != 2 || targets.Items[0].Store != b.S1 || targets.Items[0].TargetMinor != 1_200_000 || targets.Items[1].Staff != b.Amy || !strings.HasPrefix(targets.Items[1].SetBy, "finance:") {
		t.Errorf("%+v", targets)
	}
	var worked struct{ Items []struct{ Minutes int64 } }
	b.get("manager", "/v1/manager/hours?month=2026-11").into(http.StatusOK, &worked)
	if len(worked.Items) != 1 || worked.Items[0].Minutes != 9150 {
		t.Errorf("%+v", worked)
	}

	var lines monthLines
	sent := []string{"Content-Type", "text/csv"}
	file := "month,store,employee_no,hours\n2026-11,S1,amy,152.5\n2026-10,S1,amy,150\n"
	b.ask("manager", http.MethodPost, "/v1/manager/hours/import?rehearsal=true", file, sent...).into(http.StatusOK, &lines)
	if lines.New != 1 || lines.Known != 1 || lines.Rows[1].Row != 3 || lines.Rows[1].Verdict != "new" {
		t.Errorf("%+v", lines)
	}
	b.ask("manager", http.MethodPost, "/v1/manager/hours/import", strings.ReplaceAll(file, "S1", "S2"), sent...).refused(http.StatusUnprocessableEntity, "target_csv_rows_wrong", "rows[2].row")
	b.ask("manager", http.MethodPost, "/v1/manager/hours/import", file, sent...).into(http.StatusOK, &lines)
	b.get("manager", "/v1/manager/hours?month=2026-10").into(http.StatusOK, &worked)
	if len(worked.Items) != 1 || worked.Items[0].Minutes != 9000 {
		t.Errorf("%+v", worked)
	}
	b.ask("hq", http.MethodPost, "/v1/manager/targets/import", "month,employee_no,target\n2026-11,amy,310000\n", sent...).into(http.StatusOK, &lines)
	if lines.Changed != 1 {
		t.Errorf("%+v", lines)
	}
}

func TestTheSplitReconcilesAndItsFileHasItsStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	b.buy(b.Fixture, "1", b.won())
	b.buy(b.Fixture, "2", shop.ID{})
	b.ask("hq", http.MethodPut, "/v1/manager/targets", object{"month": "2026-11", "store": b.S1, "target_minor": 80_000}).into(http.StatusNoContent, nil)
	if _, err := b.reports.RollUp(t.Context(), b.Brand, time.Time{}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Net    int64 `json:"net_minor"`
		Cost   int64 `json:"cost_minor"`
		CostBP int64 `json:"cost_bp"`
		Sides  []struct {
			Side   string
			Before int64 `json:"before_minor"`
			After  int64 `json:"after_minor"`
		}
		Roles []struct {
			Role  string
			Minor int64
		}
		Targets []struct {
			Achieved int64 `json:"achieved_minor"`
			BP       int64 `json:"achieved_bp"`
		}
	}
	b.get("finance", "/v1/manager/reports/split?month=2026-11").into(http.StatusOK, &got)
	if got.Net != 40_000 || got.Cost != 1000 || got.CostBP != 250 || len(got.Sides) != 2 || got.Sides[0].Before != 0 || got.Sides[0].After != 20_000 || got.Sides[1].Before != 40_000 || got.Sides[1].After != 20_000 {
		t.Errorf("%+v", got)
	}
	if len(got.Roles) != 2 || got.Roles[0].Role != "home_store" || got.Roles[0].Minor != 600 || len(got.Targets) != 1 || got.Targets[0].Achieved != 20_000 || got.Targets[0].BP != 2500 {
		t.Errorf("%+v", got)
	}
	file := b.get("hq", "/v1/manager/reports/split?month=2026-11&format=csv").into(http.StatusOK, nil)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][2] != "S1" || rows[1][6] != "0" || rows[1][7] != "20000" || rows[2][2] != "WEB" || rows[2][6] != "40000" {
		t.Errorf("%q %v", rows, err)
	}
	b.get("manager", "/v1/manager/reports/split?month=2026-11").refused(http.StatusForbidden, "forbidden", "")
	b.get("hq", "/v1/manager/reports/split?month=2026-11&format=xlsx").refused(http.StatusUnprocessableEntity, "fields_invalid", "format")
}
