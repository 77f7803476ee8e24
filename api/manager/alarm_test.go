package manager_test

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/alarm"
	"homestore/referral/tag"
)

// alarmed hangs a tag that nobody has read for a year, and lets the morning come.
func (b *bundle) alarmed(of postgrestest.Fixture, store shop.ID) alarm.Alarm {
	b.t.Helper()
	made, err := b.tags.Issue(b.t.Context(), shop.System(of.Brand), tag.Spec{Store: store, Placement: tag.Shelf, Destination: "https://shop.example.test/"})
	if err != nil {
		b.t.Fatal(err)
	}
	err = b.pool.Brand(b.t.Context(), of.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `UPDATE tag SET created_at = created_at - interval '1 year', changed_at = changed_at - interval '1 year' WHERE brand_id = $1 AND id = $2`, of.Brand, made.ID)
		return err
	})
	if err == nil {
		_, err = b.alarms.Morning(b.t.Context(), of.Brand)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	all, _, err := b.alarms.List(b.t.Context(), shop.System(of.Brand), alarm.Filter{Store: store}, shop.Page{Limit: 1})
	if err != nil || len(all) != 1 {
		b.t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

func TestAManagerDecidesAboutATagThatLooksWrong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	raised := b.alarmed(b.Fixture, b.S1)
	type item struct {
		ID       shop.ID
		Kind     string
		State    string
		Tag      named
		Evidence struct{ Days int }
		LastDay  string `json:"last_day"`
		Reason   string
	}
	var list struct{ Items []item }
	b.get("manager", "/v1/manager/tag-alarms?kind=dead&store="+b.S1.String()).into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Tag.ID != raised.Tag || list.Items[0].Kind != "dead" || list.Items[0].Evidence.Days != 30 || list.Items[0].LastDay != "2026-11-22" {
		t.Fatalf("%+v", list.Items)
	}
	path := "/v1/manager/tag-alarms/" + raised.ID.String()
	var now item
	b.post("manager", path+"/seen", nil).into(http.StatusOK, &now)
	if now.State != "seen" {
		t.Errorf("%+v", now)
	}
	b.post("manager", path+"/dismiss", object{"reason": ""}).refused(http.StatusUnprocessableEntity, "fields_invalid", "reason")
	b.post("manager", path+"/dismiss", object{"reason": "the shop is being rebuilt"}).into(http.StatusOK, &now)
	if now.State != "dismissed" || now.Reason != "the shop is being rebuilt" {
		t.Errorf("%+v", now)
	}
	b.post("manager", path+"/seen", nil).refused(http.StatusConflict, "alarm_over", "")
	b.get("hq", "/v1/manager/tag-alarms").into(http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("%+v still stand", list.Items)
	}
	b.get("finance", "/v1/manager/tag-alarms?state=dismissed").into(http.StatusOK, &list)
	if len(list.Items) != 1 {
		t.Errorf("%+v were dismissed", list.Items)
	}
	b.get("hq", "/v1/manager/tag-alarms?kind=lost").refused(http.StatusUnprocessableEntity, "fields_invalid", "kind")
	b.post("foreign hq", path+"/seen", nil).refused(http.StatusNotFound, "not_found", "")
}
