package staffapp_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

func TestMyMonthIsReadDrilledAndTakenHome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	b.buys(mei, "web-1", 19950) // 380 to Amy
	if _, err := b.orders.Apply(t.Context(), b.Brand, "test", order.WasFulfilled{Order: "web-1", ExternalID: "parcel", Kind: order.Ship, At: noon}); err != nil {
		t.Fatal(err)
	}
	b.ask("amy", http.MethodGet, "/v1/staff/me/statements", "").is(t, "nothing is closed", 200, `{"items":[]}`)
	b.now = time.Date(2026, 4, 1, 4, 0, 0, 0, time.UTC)
	if err := b.periods.Close(t.Context(), shop.System(b.Brand), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	mine := b.ask("amy", http.MethodGet, "/v1/staff/me/statements", "")
	mine.is(t, "hers", 200, `"month":"2026-03"`, `"movement_minor":380`, `"stated_minor":380`, `"left_minor":380`)
	b.ask("ben", http.MethodGet, "/v1/staff/me/statements", "").is(t, "he earned nothing", 200, `{"items":[]}`)
	_, rest, _ := strings.Cut(mine.body, `"id":"`)
	path := "/v1/staff/me/statements/" + rest[:36]
	b.ask("amy", http.MethodGet, path, "").is(t, "hers", 200, `"plan_versions":[`, `"forgiven_minor":0`, `"seal":"`)
	b.ask("amy", http.MethodGet, path+"/lines", "").is(t, "each with why", 200, `"external_id":"web-1"`, `"minor":380`, `"state":"payable"`, `2 %`, `19,000`)
	file := b.ask("amy", http.MethodGet, path+"/pdf?lang=en", "")
	if file.status != 200 || !strings.HasPrefix(file.body, "%PDF-") || !strings.Contains(file.header.Get("Content-Disposition"), "statement-2026-03-amy-TWD.pdf") {
		t.Errorf("%d %.20q %v", file.status, file.body, file.header)
	}
	for _, of := range []string{path, path + "/lines", path + "/pdf"} {
		b.ask("ben", http.MethodGet, of, "").is(t, "a colleague's", 404)
		b.ask("manager", http.MethodGet, of, "").is(t, "a manager of another store", 404)
		b.ask("foreign", http.MethodGet, of, "").is(t, "another brand's", 404)
	}
}
