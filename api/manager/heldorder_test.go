package manager_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestAHeldOrderIsListedAndDecidedWithAReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	id := b.buy(b.Fixture, "1001", b.won())
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
INSERT INTO order_hold (brand_id, order_id, id, signs, staff, stores, opened_at, state)
VALUES ($1, $2, $3, '[{"sign": "own_app", "score": 100}]', $4, $5, $6, 'open')`, b.Brand, id, shop.NewID(noon), []shop.ID{b.Amy}, []shop.ID{b.S1}, noon)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []struct {
			Order shop.ID
			State string
			Score int
			Signs []struct{ Sign string }
		}
	}
	b.get("manager", "/v1/manager/orders/held?state=open").into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Order != id || list.Items[0].Score != 100 || list.Items[0].Signs[0].Sign != "own_app" {
		t.Fatalf("%+v", list)
	}
	b.get("manager", "/v1/manager/orders/held?state=told").refused(http.StatusUnprocessableEntity, "fields_invalid", "state")
	if body := string(b.ask("hq", http.MethodGet, "/v1/manager/orders/"+id.String(), nil, "Accept-Language", "en").into(http.StatusOK, nil).body); !strings.Contains(body, "a manager is to look at it first") {
		t.Errorf("nobody is told: %s", body)
	}
	at := "/v1/manager/orders/held/" + id.String()
	b.post("manager", at+"/refuse", object{"reason": " "}).refused(http.StatusUnprocessableEntity, "hold_reason_required", "")
	b.post("finance", at+"/release", object{"reason": "fair"}).refused(http.StatusForbidden, "forbidden", "")
	var done struct {
		State string
		Why   string
	}
	b.post("manager", at+"/release", object{"reason": "mine"}).refused(http.StatusForbidden, "own_approval", "")
	b.post("hq", at+"/refuse", object{"reason": "her own purchase"}).into(http.StatusOK, &done)
	if done.State != "refused" || done.Why != "her own purchase" {
		t.Errorf("%+v", done)
	}
	b.post("hq", at+"/release", object{"reason": "after all"}).refused(http.StatusConflict, "hold_decided", "")
	var explained struct{ Reason string }
	b.get("hq", "/v1/manager/orders/"+id.String()).into(http.StatusOK, &explained)
	if explained.Reason != "hold_refused" {
		t.Errorf("%+v", explained)
	}
}
