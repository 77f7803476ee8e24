package manager_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

// quarrel is about what S1 earns from an order of a customer of its own: the other shop says that she is its.
func (b *bundle) quarrel(name string) (d dispute.Dispute, who shop.ID) {
	b.t.Helper()
	who = b.won()
	d, err := b.disputes.Raise(b.t.Context(), shop.System(b.Brand), dispute.Plea{
		Order: b.buy(b.Fixture, name, who), Role: plan.HomeStore, For: attribution.StoreOf(b.S2), Said: "ours",
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return d, who
}

func TestAManagerReadsTheCaseAndDecidesItWithAReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	d, who := b.quarrel("o1")
	at := "/v1/manager/disputes/" + d.ID.String()
	var list page
	b.get("manager", "/v1/manager/disputes?state=raised").into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].ID != d.ID {
		t.Fatalf("%+v", list)
	}
	var c struct {
		Dispute  struct{ State, Said string }
		Holders  []struct{ Party, Store named }
		Customer struct {
			Customer shop.ID
			Bindings []struct{ Staff shop.ID }
			Claims   []struct{ Outcome string }
		}
		Orders []struct {
			Explained struct {
				Credits []struct {
					Role   string
					Minor  int64
					To     named
					Reason struct{ Base string }
				}
			}
			Rules struct {
				Version  int
				Conflict struct {
					HomeDisplay string `json:"home_display"`
				}
			}
		}
	}
	b.get("finance", at).into(http.StatusOK, &c)
	if c.Customer.Customer != who || len(c.Customer.Bindings) != 1 || c.Customer.Bindings[0].Staff != b.Amy || c.Customer.Claims[0].Outcome != "won" {
		t.Errorf("%+v", c.Customer)
	}
	if len(c.Holders) != 1 || c.Holders[0].Party.Code != "S1" || c.Holders[0].Store.Code != "S1" || c.Dispute.Said != "ours" {
		t.Errorf("%+v", c)
	}
	if len(c.Orders) != 1 || c.Orders[0].Explained.Credits[0].Reason.Base != "20000" || c.Orders[0].Explained.Credits[0].To.Name == "" || c.Orders[0].Rules.Conflict.HomeDisplay != "both" {
		t.Errorf("%+v", c.Orders)
	}

	b.post("manager", at+"/uphold", object{"reason": " "}).refused(http.StatusUnprocessableEntity, "reason_required", "")
	b.post("manager", at+"/refuse", object{"reason": "no"}).refused(http.StatusForbidden, "own_approval", "") // it would be for her own store
	b.post("finance", at+"/uphold", object{"reason": "fair"}).refused(http.StatusForbidden, "forbidden", "")
	b.post("hq", "/v1/manager/disputes/"+shop.NewID(noon).String()+"/refuse", object{"reason": "?"}).refused(http.StatusNotFound, "dispute_unknown", "")
	b.get("foreign hq", at).refused(http.StatusNotFound, "dispute_unknown", "")
	var done struct {
		State, Reason string
		DecidedAt     time.Time `json:"decided_at"`
	}
	b.post("manager", at+"/uphold", object{"reason": "they served her"}).into(http.StatusOK, &done)
	if done.State != "upheld" || done.Reason != "they served her" || !done.DecidedAt.Equal(noon) {
		t.Errorf("%+v", done)
	}
	b.post("hq", at+"/refuse", object{"reason": "no"}).refused(http.StatusConflict, "dispute_decided", "")
	explained := string(b.get("hq", "/v1/manager/orders/"+d.Order.String()).into(http.StatusOK, nil).body)
	if !strings.Contains(explained, `"decision":"`+d.ID.String()+`"`) || !strings.Contains(explained, `"kind":"correction"`) {
		t.Errorf("the order does not tell of the decision: %s", explained)
	}
	b.get("finance", "/v1/manager/disputes?state=lost").refused(http.StatusUnprocessableEntity, "fields_invalid", "state")
}

func TestFiguresOfDisputesByStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	first, _ := b.quarrel("o1")
	b.quarrel("o2")
	if _, err := b.disputes.Uphold(t.Context(), shop.System(b.Brand), first.ID, "fair", time.Time{}); err != nil {
		t.Fatal(err)
	}
	month := noon.Format("2006-01")
	type tally struct{ Raised, Upheld, Refused int }
	var report struct {
		Rows []struct {
			Store, Party named
			For, Against tally
		}
	}
	b.get("finance", "/v1/manager/reports/disputes?from="+month+"&to="+month).into(http.StatusOK, &report)
	if len(report.Rows) != 2 {
		t.Fatalf("%+v", report)
	}
	for _, r := range report.Rows {
		switch r.Store.Code {
		case "S1":
			if r.Against != (tally{2, 1, 0}) || r.For != (tally{}) {
				t.Errorf("%+v", r)
			}
		case "S2":
			if r.For != (tally{2, 1, 0}) || r.Party.Code != "S2" {
				t.Errorf("%+v", r)
			}
		}
	}
	b.get("manager", "/v1/manager/reports/disputes?from="+month+"&to="+month).into(http.StatusOK, &report)
	if len(report.Rows) != 1 || report.Rows[0].Store.Code != "S1" {
		t.Errorf("a manager reads %+v", report.Rows)
	}
	b.get("hq", "/v1/manager/reports/disputes?from=2026-03&to=2026-02").refused(http.StatusUnprocessableEntity, "fields_invalid", "to")
	b.get("hq", "/v1/manager/reports/disputes?from=March&to=2026-02").refused(http.StatusUnprocessableEntity, "fields_invalid", "from")
}
