package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// plans gives the brand its first plan, which takes commission back for 60 days.
func (b *bundle) plans(exchange string) {
	b.t.Helper()
	var p plan.Plan
	text := fmt.Sprintf(`{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "online_team", "rate_bp": 100}], "exchange": %q}`, exchange)
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		b.t.Fatal(err)
	}
	if _, err := plan.New(b.pool, func() time.Time { return now }).Add(b.t.Context(), shop.System(b.Brand), time.UTC, p); err != nil {
		b.t.Fatal(err)
	}
}

const blueSofa = `"in": [{"external_id": "s", "sku": "BLUE", "quantity": 2, "unit_price_minor": 9000}]`

func TestGoodsThatWentBackForOthersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call(http.MethodPost, "/products", `{"products": [{"external_id": "p", "name": {"zh-TW": "藍沙發"}, "description": {}, "category": "sofa",
		"variants": [{"sku": "BLUE", "name": {}, "price_minor": 9000, "currency": "TWD"}]}]}`, 200)
	exchange := `{"order": "W1", "external_id": "X1", "at": "2026-11-21T12:00:00+08:00", "out": ["a"], ` + blueSofa + `}`
	b.want("/exchanges", exchange, "waiting", "")
	b.want("/orders", web, "applied", "")
	b.want("/exchanges", exchange, "ignored", "")
	b.want("/exchanges", `{"order": "W1", "external_id": "X2", "at": "2026-11-21T13:00:00+08:00", "out": ["nope"], "in": []}`, "applied", "unknown_line")
	b.want("/price-adjustments", `{"order": "W1", "external_id": "P1", "at": "2026-11-21T14:00:00+08:00", "lines": [{"line": "s", "amount_minor": 500}]}`, "applied", "")
	b.want("/price-adjustments", `{"order": "W1", "external_id": "P2", "at": "2026-11-21T14:00:00+08:00", "lines": [{"line": "s", "amount_minor": 17501}]}`, "applied", "surplus")
	o := b.order("api", "W1")
	if len(o.Lines) != 2 || o.Lines[1].ExternalID != "s" {
		t.Fatalf("order: %+v", o)
	}
	if s := o.Lines[1]; s.Category != "sofa" || s.Name != "藍沙發" || !s.TaxIncluded || s.Gross() != 18000 || len(o.NeutralAdjust) != 2 {
		t.Errorf("order: %+v", o)
	}
}

func TestGoodsThatWentBackForOthersMakeAnOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plans(plan.Anew)
	b.want("/orders", web, "applied", "")
	answer := b.want("/exchanges", `{"order": "W1", "external_id": "X1", "at": "2026-11-21T12:00:00+08:00", "out": ["a"], "store": "S2", "staff": "ben", `+blueSofa+`}`, "applied", "")
	old, made := b.order("api", "W1"), b.order("api", "X1")
	if answer["order"] != old.ID.String() || answer["made"] != made.ID.String() || made.ExchangeOf != old.ID || made.Store != b.S2 || made.Staff != b.Ben {
		t.Errorf("answer %v, made %+v", answer, made)
	}
	if got := old.Figures(); got != (order.Figures{Paid: 21100, Refunded: 21000}) {
		t.Errorf("figures: %+v", got)
	}
	b.want("/refunds", `{"order": "W1", "external_id": "R1", "at": "2026-11-21T13:00:00+08:00", "lines": [{"line": "a", "quantity": 1}]}`, "applied", "surplus")
}

// 60 days after receipt commission is no longer taken back; that the money went back is kept all the same.
func TestWhatComesTooLateToBeTakenBackIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plans(plan.Anew)
	b.want("/orders", `{"order": "W1", "placed_at": "2026-09-01T12:00:00+08:00", "channel": "online", "lines": [
		{"external_id": "a", "sku": "SOFA", "quantity": 2, "unit_price_minor": 10000}, {"external_id": "c", "sku": "CHAIR", "quantity": 1, "unit_price_minor": 5000}]}`, "applied", "")
	b.want("/fulfilments", `{"order": "W1", "external_id": "F1", "kind": "ship", "at": "2026-09-02T10:00:00+08:00"}`, "applied", "")
	b.want("/refunds", `{"order": "W1", "external_id": "R1", "at": "2026-11-01T23:59:00+08:00", "lines": [{"line": "a", "quantity": 1}]}`, "applied", "")
	b.want("/refunds", `{"order": "W1", "external_id": "R2", "at": "2026-11-02T00:00:00+08:00", "lines": [{"line": "a", "quantity": 1}]}`, "applied", "clawback_expired")
	b.want("/exchanges", `{"order": "W1", "external_id": "X1", "at": "2026-11-03T12:00:00+08:00", "out": ["c"], `+blueSofa+`}`, "applied", "clawback_expired")
	b.want("/refunds", `{"order": "W1", "external_id": "R2", "at": "2026-11-02T00:00:00+08:00", "lines": [{"line": "a", "quantity": 1}]}`, "ignored", "")
	if got := b.order("api", "W1").Figures(); got != (order.Figures{Paid: 25000, Refunded: 25000}) {
		t.Errorf("figures: %+v", got)
	}
}
