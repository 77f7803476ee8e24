package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	scans "homestore/referral/scan"
)

var (
	now  = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	scan = shop.NewID(now)
)

type bundle struct {
	postgrestest.Fixture
	t     *testing.T
	pool  *postgres.Pool
	team  *team.Service
	inbox *order.Inbox
	app   *fiber.App
	key   string
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool}
	clock := func() time.Time { return now }
	var err error
	if b.team, err = team.New(pool, clock, team.Config{SealingKeys: [][]byte{make([]byte, 32)}}); err != nil {
		t.Fatal(err)
	}
	b.key = b.newKey(team.ScopeOrders, team.ScopeCatalogue, team.ScopeCustomers, team.ScopeReadInbox, team.ScopeReplay)
	book := ledger.New(pool, scans.New(scans.Parts{Pool: pool, Now: clock}))
	orders := order.New(pool, clock, book).Exchanging(plan.New(pool, clock))
	queue, err := river.NewClient(riverpgxv5.New(pool.Raw()), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.inbox = order.NewInbox(orders, queue, nil)
	server := guard.New(guard.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	server.App.Use(guard.Authenticate(b.team.ActorOfKey))
	face := New(Parts{Pool: pool, Team: b.team, Orders: orders, Inbox: b.inbox, Answers: book, Now: clock, Click: func(_ shop.BrandID, token string, _ time.Time) (shop.ID, error) {
		if token != "good" {
			return shop.ID{}, errors.New("forged")
		}
		return scan, nil
	}})
	endpoint.Mount(server.App, face.Routes(), endpoint.Frame{Keys: endpoint.NewKeys(pool, clock)})
	b.app = server.App
	return b
}

func (b *bundle) newKey(scopes ...string) string {
	b.t.Helper()
	_, key, err := b.team.AddIntegrationKey(b.t.Context(), shop.System(b.Brand), team.NewIntegration{Name: "erp", Platform: team.PlatformAPI, Store: b.Web, Scopes: scopes})
	if err != nil {
		b.t.Fatal(err)
	}
	return key
}

// call sends a request with the brand's key and wants a status.
func (b *bundle) call(method, path, body string, status int) (answer map[string]any) {
	b.t.Helper()
	return b.send(httptest.NewRequest(method, "/v1/integrations"+path, strings.NewReader(body)), status)
}

func (b *bundle) send(r *http.Request, status int) (answer map[string]any) {
	b.t.Helper()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+b.key)
	got, err := b.app.Test(r, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if got.StatusCode != status {
		b.t.Fatalf("%s %s: %d %s, want %d", r.Method, r.URL.Path, got.StatusCode, text, status)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			b.t.Fatal(err)
		}
	}
	return answer
}

func (b *bundle) want(path, body, outcome, note string) map[string]any {
	b.t.Helper()
	answer := b.call(http.MethodPost, path, body, 200)
	if answer["outcome"] != outcome || note != "" && answer["note"] != note {
		b.t.Errorf("%s: %v, want %s %s", path, answer, outcome, note)
	}
	return answer
}

func (b *bundle) order(source, name string) (o order.Order) {
	b.t.Helper()
	err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		id, err := order.NameOf(b.t.Context(), tx, b.Brand, source, name)
		if err != nil {
			return err
		}
		o, err = order.Load(b.t.Context(), tx, b.Brand, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return o
}

const web = `{"order": "W1", "placed_at": "2026-11-20T12:00:00+08:00", "channel": "online", "clicks": ["good", "forged"], "pickup_store": "S2",
	"customer": {"identities": [{"kind": "phone", "value": "0912 345 678", "verified": true}]},
	"lines": [{"external_id": "a", "sku": "SOFA", "quantity": 2, "unit_price_minor": 10500}, {"external_id": "b", "kind": "shipping", "quantity": 1, "unit_price_minor": 100}]}`

func TestTheDaysOfAWebOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call(http.MethodPost, "/products", `{"products": [{"external_id": "p", "name": {"zh-TW": "沙發"}, "description": {}, "category": "sofa",
		"variants": [{"sku": "SOFA", "name": {}, "price_minor": 10500, "currency": "TWD"}]}]}`, 200)
	b.want("/refunds", `{"order": "W1", "external_id": "R1", "at": "2026-11-21T12:00:00+08:00", "lines": [{"line": "a", "quantity": 1}]}`, "waiting", "")
	answer := b.want("/orders", web, "applied", "")
	if answer["clicks_ignored"] != 1.0 {
		t.Errorf("answer: %v", answer)
	}
	b.want("/orders", web, "ignored", "")
	b.want("/payments", `{"order": "W1", "at": "2026-11-20T12:01:00+08:00"}`, "applied", "")
	b.want("/fulfilments", `{"order": "W1", "external_id": "F1", "kind": "pickup", "store": "S2", "at": "2026-11-21T10:00:00+08:00"}`, "applied", "")
	b.want("/edits", `{"order": "W1", "version": 2, "at": "2026-11-21T10:00:00+08:00",
		"lines": [{"external_id": "a", "sku": "SOFA", "quantity": 2, "unit_price_minor": 10000}]}`, "applied", "")
	b.want("/refunds", `{"order": "W1", "external_id": "R2", "at": "2026-11-21T13:00:00+08:00", "lines": [{"line": "a", "quantity": 2}]}`, "applied", "surplus")

	o := b.order("api", "W1")
	if o.Store != b.Web || o.PickupStore != b.S2 || len(o.Clicks) != 1 || o.Clicks[0] != scan || o.TaxBP != 500 || o.Currency != "TWD" || o.Customer.IsZero() {
		t.Errorf("order: %+v", o)
	}
	if o.Lines[0].Category != "sofa" || o.Lines[0].Name != "沙發" || !o.Lines[0].TaxIncluded || o.Fulfilments[0].Store != b.S2 || o.PaidAt.IsZero() {
		t.Errorf("order: %+v", o)
	}
	if got := o.Figures(); got != (order.Figures{Paid: 20000, Refunded: 20000}) {
		t.Errorf("figures: %+v", got)
	}
	b.want("/cancellations", `{"order": "W1", "at": "2026-11-21T14:00:00+08:00"}`, "applied", "")
	if b.order("api", "W1").State != order.Cancelled {
		t.Error("it is not cancelled")
	}
}

func TestATillsOrderNamesItsShopAndPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"system": "pos", "order": "W1", "placed_at": "2026-11-20T12:00:00+08:00", "channel": "till", "store": "S1", "staff": "amy",
		"campaign": "SPRING", "employee_discount": true, "lines": [{"sku": "X", "quantity": 1, "unit_price_minor": 100}]}`
	b.want("/orders", body, "applied", "")
	b.want("/orders", web, "applied", "") // of the same number, told by another system
	o := b.order("api:pos", "W1")
	if o.Store != b.S1 || o.Staff != b.Amy || o.Channel != order.Till || !o.Customer.IsZero() || o.Campaign != "SPRING" || !o.EmployeeDiscount {
		t.Errorf("order: %+v", o)
	}
}

func TestWrongRequestsNameTheirFields(t *testing.T) {
	t.Parallel()
	b := setup(t)
	line := `{"sku": "X", "quantity": 1, "unit_price_minor": 100}`
	head := `{"order": "1", "placed_at": "2026-11-20T12:00:00+08:00", "channel": "online", `
	tests := []struct {
		why, path, body string
		status          int
		field           string
	}{
		{"a store that nobody has", "/orders", head + `"store": "S9", "lines": [` + line + `]}`, 422, "store"},
		{"a person that nobody is", "/orders", head + `"staff": "zoe", "lines": [` + line + `]}`, 422, "staff"},
		{"a phone that rings nowhere", "/orders", head + `"customer": {"identities": [{"kind": "phone", "value": "1"}]}, "lines": [` + line + `]}`, 422, "customer.identities[0].value"},
		{"a fraction of a dollar", "/orders", head + `"lines": [{"sku": "X", "quantity": 1, "unit_price_minor": 0.5}]}`, 400, "lines[0].unit_price_minor"},
		{"an amount below nothing", "/orders", head + `"lines": [{"sku": "X", "quantity": 1, "unit_price_minor": -1}]}`, 422, "lines[0].unit_price_minor"},
		{"an unknown field", "/orders", head + `"brand_id": 2, "lines": []}`, 400, "brand_id"},
		{"tomorrow's tomorrow", "/orders", `{"order": "1", "placed_at": "2026-11-24T12:00:00+08:00", "channel": "online", "lines": [` + line + `]}`, 422, ""},
		{"a system with spaces", "/payments", `{"system": "our erp", "order": "1", "at": "2026-11-20T12:00:00+08:00"}`, 422, "system"},
		{"a refund of nothing", "/refunds", `{"order": "1", "external_id": "r", "at": "2026-11-20T12:00:00+08:00"}`, 422, "lines"},
		{"an exchange at a store that nobody has", "/exchanges", `{"order": "1", "external_id": "x", "at": "2026-11-20T12:00:00+08:00", "out": ["a"], "store": "S9"}`, 422, "store"},
		{"an exchange for a line that could be any", "/exchanges", `{"order": "1", "external_id": "x", "at": "2026-11-20T12:00:00+08:00", "in": [` + line + `]}`, 422, "in[0].external_id"},
		{"a price adjustment of nothing", "/price-adjustments", `{"order": "1", "external_id": "p", "at": "2026-11-20T12:00:00+08:00", "lines": [{"line": "a", "amount_minor": 0}]}`, 422, "lines[0].amount_minor"},
		{"a parcel from nowhere", "/fulfilments", `{"order": "1", "external_id": "f", "kind": "ship", "store": "S9", "at": "2026-11-20T12:00:00+08:00"}`, 422, "store"},
		{"a campaign longer than any", "/orders", head + `"campaign": "` + strings.Repeat("x", 201) + `", "lines": [` + line + `]}`, 422, "campaign"},
		{"a customer without a name", "/customers", `{"name": "Lin"}`, 422, "identities"},
	}
	for _, test := range tests {
		answer := b.call(http.MethodPost, test.path, test.body, test.status)
		if text := fmt.Sprint(answer["fields"]); test.field != "" && !strings.Contains(text, "name:"+test.field) {
			t.Errorf("%s: %v", test.why, answer)
		}
	}
}

func TestAKeyDoesWhatItsScopesAllow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.key = b.newKey(team.ScopeReadInbox)
	b.call(http.MethodPost, "/orders", web, 403)
	b.call(http.MethodPost, "/inbox/"+scan.String()+"/replay", "", 403)
	b.call(http.MethodGet, "/inbox", "", 200)
	b.key = "hs_live_nobody"
	b.call(http.MethodPost, "/orders", web, 401)
}

func TestEachRouteRefusesAKeyThatLacksItsScopeAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := []string{team.ScopeOrders, team.ScopeCatalogue, team.ScopeCustomers, team.ScopeReadInbox, team.ScopeReplay}
	for _, lacks := range all {
		b.key = b.newKey(slices.DeleteFunc(slices.Clone(all), func(scope string) bool { return scope == lacks })...)
		asked := 0
		for _, r := range (&Face{}).Routes() {
			if r.Scope != lacks {
				continue
			}
			asked++
			path := strings.ReplaceAll(strings.TrimPrefix(r.Path, "/v1/integrations"), "{id}", b.Web.String())
			if answer := b.call(r.Method, path, "", http.StatusForbidden); answer["code"] != "scope_missing" {
				t.Errorf("%s without %s: %v", r.Operation, lacks, answer)
			}
		}
		if asked == 0 {
			t.Errorf("no route asks for %s", lacks)
		}
	}
}

func TestCustomersAreToldOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"name": "林小姐", "language": "zh-TW", "identities": [{"kind": "member_no", "value": "A-1"}, {"kind": "email", "value": "Lin@example.test"}]}`
	first := b.call(http.MethodPost, "/customers", body, 200)
	again := b.call(http.MethodPost, "/customers", body, 200)
	if first["customer"] == nil || first["customer"] != again["customer"] {
		t.Errorf("%v, then %v", first, again)
	}
}

func TestWhatWasSetAsideIsSeenAndReplayed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 3 {
		m := order.Message{Brand: b.Brand, Source: "shopify", ExternalID: fmt.Sprint(n), Topic: "orders/create", Body: []byte("x"), Key: scan}
		if _, err := b.inbox.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	page := b.call(http.MethodGet, "/inbox?limit=2&state=received", "", 200)
	items, _ := page["items"].([]any)
	if len(items) != 2 || page["next_cursor"] == nil {
		t.Fatalf("page: %v", page)
	}
	message, _ := items[0].(map[string]any)
	if message["body"] != nil || message["state"] != "received" {
		t.Errorf("message: %v", message)
	}
	b.call(http.MethodPost, "/inbox/"+fmt.Sprint(message["id"])+"/replay", "", 409) // nobody has looked at it yet
	b.call(http.MethodPost, "/inbox/"+scan.String()+"/replay", "", 404)
	b.call(http.MethodGet, "/inbox?state=lost", "", 422)
}

// A fact is named by the system that tells it; a key that a system sends anyway is heeded.
func TestIdempotencyKeyIsHeededAndNotNeeded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	send := func(body string, status int) map[string]any {
		r := httptest.NewRequest(http.MethodPost, "/v1/integrations/orders", strings.NewReader(body))
		r.Header.Set("Idempotency-Key", "one-key")
		return b.send(r, status)
	}
	first := send(web, 200)
	if again := send(web, 200); first["outcome"] != "applied" || again["outcome"] != "applied" {
		t.Errorf("first %v, then under the same key %v", first, again)
	}
	if other := send(strings.Replace(web, "W1", "W2", 1), 422); other["code"] != "idempotency_key_reused" {
		t.Errorf("another order under the same key: %v", other)
	}
	b.want("/orders", web, "ignored", "")
}
