package manager_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
)

// held is a customer whom Amy claims with Amy's own e-mail address.
func (b *bundle) held() shop.ID {
	b.t.Helper()
	who := b.customer(b.Brand)
	err := b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		if _, err := tx.Exec(b.t.Context(), `UPDATE staff SET email = 'amy@clearday.example' WHERE brand_id = $1 AND id = $2`, b.Brand, b.Amy); err != nil {
			return err
		}
		return customer.Attach(b.t.Context(), tx, b.Brand, who, []customer.Identity{{Kind: customer.Email, Value: "amy@clearday.example"}}, noon)
	})
	if err == nil {
		_, err = b.binds.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromTill})
	}
	if !errors.Is(err, binding.ErrHeld) {
		b.t.Fatal(err)
	}
	return who
}

func TestAHeldClaimIsListedAndDecidedWithAReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.held()
	var list struct {
		Items []struct {
			ID, Customer, Store shop.ID
			State               string
			Score               int
			Signs               []struct{ Sign string }
		}
	}
	b.get("finance", "/v1/manager/bindings/held?state=open").into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Customer != who || list.Items[0].Score != 100 || list.Items[0].Signs[0].Sign != "own_contact" {
		t.Fatalf("%+v", list)
	}
	at := "/v1/manager/bindings/held/" + list.Items[0].ID.String()
	b.post("manager", at+"/release", object{"reason": " "}).refused(http.StatusUnprocessableEntity, "hold_reason_required", "")
	b.post("finance", at+"/release", object{"reason": "fair"}).refused(http.StatusForbidden, "forbidden", "")
	b.post("manager", "/v1/manager/bindings/held/"+shop.NewID(noon).String()+"/refuse", object{"reason": "?"}).refused(http.StatusNotFound, "hold_unknown", "")
	var done struct {
		Outcome string
		Held    struct {
			State     string
			Why       string
			DecidedAt time.Time `json:"decided_at"`
		}
	}
	b.post("manager", at+"/release", object{"reason": "I know her"}).refused(http.StatusForbidden, "own_hold", "") // the manager is Amy
	b.post("hq", at+"/release", object{"reason": "sisters share an address"}).into(http.StatusOK, &done)
	if done.Outcome != "won" || done.Held.State != "released" || done.Held.Why == "" || !done.Held.DecidedAt.Equal(noon) {
		t.Errorf("%+v", done)
	}
	b.post("hq", at+"/refuse", object{"reason": "no"}).refused(http.StatusConflict, "hold_decided", "")
	b.get("finance", "/v1/manager/bindings/held?state=open").into(http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
	b.get("finance", "/v1/manager/bindings/held?state=closed").refused(http.StatusUnprocessableEntity, "fields_invalid", "state")
}
