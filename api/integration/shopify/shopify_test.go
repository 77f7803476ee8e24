package shopify

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

var (
	now    = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	secret = "hush hush hush hush"
	good   = "a good click id"
	scan   = shop.NewID(now)
)

type bundle struct {
	postgrestest.Fixture
	t          *testing.T
	pool       *postgres.Pool
	clock      time.Time
	team       *team.Service
	orders     *order.Service
	inbox      *order.Inbox
	translator *Translator
	key        shop.ID
	app        *fiber.App
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool, clock: now}
	clock := func() time.Time { return b.clock }
	var err error
	b.team, err = team.New(pool, clock, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	in, _, err := b.team.AddIntegrationKey(t.Context(), shop.System(b.Brand), team.NewIntegration{
		Name: "web shop", Platform: Platform, Store: b.Web, Lookup: "shop.myshopify.example", WebhookSecret: secret,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.key = in.ID
	b.orders = order.New(pool, clock)
	b.translator = &Translator{Brands: b.team, Store: team.StoreOfPlace, Click: click}
	queue, err := river.NewClient(riverpgxv5.New(pool.Raw()), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.inbox = order.NewInbox(b.orders, queue, map[string]order.Translate{Platform: b.translator.Translate})
	server := guard.New(guard.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	endpoint.Mount(server.App, NewWebhooks(b.team, b.inbox, clock).Routes(), endpoint.Frame{})
	b.app = server.App
	return b
}

func click(_ shop.BrandID, token string, _ time.Time) (shop.ID, error) {
	if token != good {
		return shop.ID{}, errors.New("forged")
	}
	return scan, nil
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../../../shared/data/webhooks", name))
	if err != nil {
		t.Skipf("the webhook fixtures are not on this machine: %v", err)
	}
	return body
}

func (b *bundle) translate(topic string, body []byte) (facts []order.Fact, err error) {
	b.t.Helper()
	readErr := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		facts, err = b.translator.Translate(b.t.Context(), tx, order.Message{Brand: b.Brand, Source: Platform, Topic: topic, Body: body, Key: b.key})
		return nil
	})
	if readErr != nil {
		b.t.Fatal(readErr)
	}
	return facts, err
}

// send posts a webhook and returns the status and the body of the answer.
func (b *bundle) send(id, topic string, body []byte, change ...func(*http.Request)) (int, string) {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shopify-Shop-Domain", "shop.myshopify.example")
	r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(sign(body, []byte(secret))))
	r.Header.Set("X-Shopify-Webhook-Id", id)
	r.Header.Set("X-Shopify-Topic", topic)
	for _, c := range change {
		c(r)
	}
	answer, err := b.app.Test(r, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (b *bundle) messages() []order.Message {
	b.t.Helper()
	all, _, err := b.inbox.Messages(b.t.Context(), b.Brand, "", shop.Page{Limit: 100})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// work does what the queue would, and returns the states by message.
func (b *bundle) work() map[string]string {
	b.t.Helper()
	states := map[string]string{}
	all := b.messages()
	for i := len(all) - 1; i >= 0; i-- {
		job := &river.Job[order.TakeMessage]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 8}, Args: order.TakeMessage{Brand: b.Brand, Message: all[i].ID}}
		if err := b.inbox.Worker().Work(b.t.Context(), job); err != nil {
			b.t.Errorf("message %s: %v", all[i].ExternalID, err)
		}
	}
	for _, m := range b.messages() {
		states[m.ExternalID] = string(m.State)
	}
	return states
}

func (b *bundle) order(name string) (o order.Order) {
	b.t.Helper()
	err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		id, err := order.NameOf(b.t.Context(), tx, b.Brand, Platform, name)
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

func TestOrdersOfTheFixturesAddUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tests := []struct {
		file, id    string
		state       order.State
		paid, spent int64
		customer    bool
		version     int
	}{
		{"shopify_order_450789469_2026-07.json", "450789469", order.Placed, 587_00, 195_67, true, 1199980800},
		{"shopify_order_create_plain_2026-07.json", "1073459976", order.Placed, 224_97, 224_97, false, 1751473886},
		{"goshopify_order.json", "123456", order.Test, 10_00, 0, false, 1463472876},
		{"goshopify_order_with_transaction.json", "123456", order.Test, 10_00, 0, false, 1463472876},
	}
	for n, test := range tests {
		body := fixture(t, test.file)
		if status, text := b.send(fmt.Sprint("m", n), "orders/create", body); status != 200 {
			t.Fatalf("%s: %d %s", test.file, status, text)
		}
		b.work()
		o := b.order(test.id)
		got := o.Figures()
		if o.State != test.state || got.Paid != test.paid || got.Spent != test.spent || o.Customer.IsZero() == test.customer || o.Version != test.version || o.Store != b.Web {
			t.Errorf("%s: %s, version %d, customer %s, figures %+v", test.file, o.State, o.Version, o.Customer, got)
		}
		// What Shopify says in the end: our lines, and the tax that it puts on top.
		var said struct {
			Order *json.RawMessage `json:"order"`
			Total text             `json:"total_price"`
			Tax   text             `json:"total_tax"`
		}
		if err := json.Unmarshal(body, &said); err != nil {
			t.Fatal(err)
		}
		if said.Order != nil {
			if err := json.Unmarshal(*said.Order, &said); err != nil {
				t.Fatal(err)
			}
		}
		total, _ := said.Total.money(o.Currency)
		tax, _ := said.Tax.money(o.Currency)
		if got.Paid+tax != total {
			t.Errorf("%s: %d paid and %d tax are not the total of %d", test.file, got.Paid, tax, total)
		}
	}
	o := b.order("450789469")
	if len(o.Lines) != 4 || o.Lines[0].Discount != 3_34 || o.Lines[3].Kind != order.Shipping || o.Discount != 0 || o.TaxBP != 0 || o.Lines[0].TaxIncluded {
		t.Errorf("lines: %+v", o.Lines)
	}
	if len(o.Refunds) != 1 || o.Refunds[0].ExternalID != "509562969" || o.Figures().Refunded != 391_33 || len(o.Fulfilments) != 0 {
		t.Errorf("refunds %+v, fulfilments %+v", o.Refunds, o.Fulfilments)
	}
	if o.PlacedAt != time.Date(2008, 1, 10, 16, 0, 0, 0, time.UTC) || o.Channel != order.Online {
		t.Errorf("placed at %s, %s", o.PlacedAt, o.Channel)
	}
}

func TestRefundsAndFulfilmentsOfTheFixtures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lines := []order.RefundedLine{{Line: "703073504", Quantity: 1}, {Line: "466157049", Quantity: 1}}
	for file, at := range map[string]time.Time{
		"shopify_refund_509562969_2026-07.json": time.Date(2025, 7, 2, 16, 38, 15, 0, time.UTC),
		"shopify_python_refund.json":            time.Date(2016, 6, 20, 17, 35, 6, 0, time.UTC),
	} {
		facts, err := b.translate("refunds/create", fixture(t, file))
		want := []order.Fact{order.WasRefunded{Order: "450789469", ExternalID: "509562969", Kind: order.RefundPaid, At: at, Lines: lines}}
		if diff := cmp.Diff(want, facts); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", file, err, diff)
		}
	}
	body := fixture(t, "shopify_fulfillment_255858046_2026-07.json")
	if facts, err := b.translate("fulfillments/create", body); len(facts) != 0 || err != nil {
		t.Errorf("a fulfilment that failed: %v, %v", facts, err)
	}
	body = []byte(strings.Replace(string(body), `"failure"`, `"success"`, 1))
	if err := b.team.MapPlace(t.Context(), shop.System(b.Brand), b.key, "655441491", b.S1); err != nil {
		t.Fatal(err)
	}
	facts, err := b.translate("fulfillments/update", body)
	want := []order.Fact{order.WasFulfilled{
		Order: "450789469", ExternalID: "255858046", Kind: order.Ship, Store: b.S1, At: time.Date(2025, 7, 2, 16, 38, 15, 0, time.UTC), Lines: []string{"466157049"},
	}}
	if diff := cmp.Diff(want, facts); diff != "" || err != nil {
		t.Errorf("one that succeeded: %v\n%s", err, diff)
	}
}

const small = `{"id": 21072271681728426845564555, "created_at": "2026-11-20T12:00:00+08:00", "updated_at": "2026-11-20T12:00:00+08:00",
	"currency": "TWD", "taxes_included": true, "source_name": "web", "financial_status": "paid", "line_items": [%s]%s}`

func TestWhatAnOrderSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	line := `{"id": 1, "sku": "SOFA", "name": "Sofa", "quantity": 2, "price": 1300.00, "discount_allocations": []}`
	tests := []struct {
		why, lines, more string
		check            func(order.WasPlaced) bool
	}{
		{"ids beyond int64 are texts", line, "", func(p order.WasPlaced) bool { return p.Order == "21072271681728426845564555" }},
		{"a brand's tax is in prices that contain tax", line, "", func(p order.WasPlaced) bool { return p.TaxBP == 500 && p.Lines[0].TaxIncluded }},
		{"an amount may be a JSON number", line, "", func(p order.WasPlaced) bool { return p.Lines[0].UnitPrice == 1300 }},
		{"a discount that is spread is not taken twice", `{"id": 1, "quantity": 1, "price": "100", "discount_allocations": [{"amount": "7"}, {"amount": "3"}]}`,
			`, "total_discounts": "10"`, func(p order.WasPlaced) bool { return p.Lines[0].Discount == 10 && p.Discount == 0 }},
		{"one that is not spread comes off the order", `{"id": 1, "quantity": 1, "price": "100"}`, `, "total_discounts": "10"`,
			func(p order.WasPlaced) bool { return p.Lines[0].Discount == 0 && p.Discount == 10 }},
		{"shipping is a line of its own", line, `, "shipping_lines": [{"id": 9, "price": "80", "discounted_price": "30"}, {"price": "5", "is_removed": true}]`,
			func(p order.WasPlaced) bool {
				return len(p.Lines) == 2 && p.Lines[1].Kind == order.Shipping && p.Lines[1].Gross() == 30
			}},
		{"a gift card is no merchandise", `{"id": 1, "quantity": 1, "price": "500", "gift_card": true}`, "", func(p order.WasPlaced) bool { return p.Lines[0].Kind == order.GiftCard }},
		{"a tip that is no line becomes one", line, `, "total_tip_received": "50"`, func(p order.WasPlaced) bool { return p.Lines[1].Kind == order.Tip && p.Lines[1].UnitPrice == 50 }},
		{"a tip that is a line stays one", `{"id": 1, "quantity": 1, "price": "50", "tip": {"payment_method": "visa"}}`, `, "total_tip_received": "50"`,
			func(p order.WasPlaced) bool { return len(p.Lines) == 1 && p.Lines[0].Kind == order.Tip }},
		{"a test is a test, also cancelled", line, `, "test": true, "cancelled_at": "2026-11-20T13:00:00+08:00"`, func(p order.WasPlaced) bool { return p.State == order.Test }},
		{"what was voided is cancelled", line, `, "financial_status": "voided"`, func(p order.WasPlaced) bool { return p.State == order.Cancelled }},
		{"no customer is fine", line, `, "customer": null`, func(p order.WasPlaced) bool { return len(p.Identities) == 0 }},
		{"nor one without an id", line, `, "customer": {"id": null, "email": "A@Example.test"}`,
			func(p order.WasPlaced) bool {
				return len(p.Identities) == 1 && p.Identities[0].Value == "a@example.test" && !p.Identities[0].Verified
			}},
		{"a till's order is sold by its place", line, `, "source_name": "pos", "location_id": 77`, func(p order.WasPlaced) bool { return p.Channel == order.Till && p.Store == b.S2 }},
		{"the number of the invoice in the notes", line, `, "note_attributes": [{"name": "hs_invoice", "value": "AB-12345678"}]`, func(p order.WasPlaced) bool { return p.Invoice == "AB-12345678" }},
		{"a note that can be no invoice's number", line, `, "note_attributes": [{"name": "hs_invoice", "value": "--"}]`, func(p order.WasPlaced) bool { return p.Invoice == "" }},
		{"a click id in the notes", line, `, "note_attributes": [{"name": "hs_click", "value": "a good click id"}]`, func(p order.WasPlaced) bool { return len(p.Clicks) == 1 && p.Clicks[0] == scan }},
		{"a click id in the landing page", line, `, "landing_site": "/sofa?a=b&hs_click=a+good+click+id"`, func(p order.WasPlaced) bool { return len(p.Clicks) == 1 }},
		{"the campaign is the first discount code", line, `, "discount_codes": [{"code": "SPRING"}, {"code": "LATE"}], "landing_site": "/?utm_campaign=mail"`,
			func(p order.WasPlaced) bool { return p.Campaign == "SPRING" }},
		{"else what the landing page says of itself", line, `, "discount_codes": [], "landing_site": "/?utm_campaign=spring+sale"`,
			func(p order.WasPlaced) bool { return p.Campaign == "spring sale" && !p.EmployeeDiscount }},
		{"a campaign that no text can be is none", line, `, "landing_site": "/?utm_campaign=%00"`, func(p order.WasPlaced) bool { return p.Campaign == "" }},
		{"a forged click id names nobody", line, `, "landing_site": "/?hs_click=x"`, func(p order.WasPlaced) bool { return len(p.Clicks) == 0 }},
	}
	if err := b.team.MapPlace(t.Context(), shop.System(b.Brand), b.key, "77", b.S2); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		facts, err := b.translate("orders/updated", fmt.Appendf(nil, small, test.lines, test.more))
		if err != nil {
			t.Errorf("%s: %v", test.why, err)
			continue
		}
		if p := facts[0].(order.WasPlaced); !test.check(p) {
			t.Errorf("%s: %+v", test.why, p)
		}
	}
}

func TestWhatIsNotUnderstoodIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	line := `{"id": 1, "quantity": 1, "price": "1"}`
	tests := []struct{ why, topic, body string }{
		{"no JSON", "orders/create", "hello"},
		{"no object", "orders/create", "[]"},
		{"nobody listens", "products/update", "{}"},
		{"no id", "orders/create", `{"currency": "TWD", "created_at": "2026-11-20T12:00:00+08:00"}`},
		{"no currency of ours", "orders/create", strings.Replace(fmt.Sprintf(small, line, ""), "TWD", "XXX", 1)},
		{"a fraction of a dollar that nobody has", "orders/create", fmt.Sprintf(small, `{"id": 1, "quantity": 1, "price": 0.5}`, "")},
		{"an amount in words", "orders/create", fmt.Sprintf(small, `{"id": 1, "quantity": 1, "price": "ten"}`, "")},
		{"an object for an id", "orders/create", fmt.Sprintf(small, `{"id": {}, "quantity": 1, "price": "1"}`, "")},
		{"a till at an unknown place", "orders/create", fmt.Sprintf(small, line, `, "source_name": "pos", "location_id": 1`)},
		{"a refund of nothing", "refunds/create", `{"id": 1}`},
	}
	for _, test := range tests {
		if _, err := b.translate(test.topic, []byte(test.body)); !errors.Is(err, order.ErrNotUnderstood) {
			t.Errorf("%s: %v", test.why, err)
		}
	}
	for _, file := range []string{"woocommerce_order_created_v3.json", "square_order_create.json", "woocommerce_refund_v3.json"} {
		if _, err := b.translate("orders/create", fixture(t, file)); !errors.Is(err, order.ErrNotUnderstood) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestMoneyOfARefundWithoutLines(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sold("1", "TWD")
	head := `{"id": 5, "order_id": 1, "created_at": "2026-11-20T12:00:00+08:00"`
	tests := []struct {
		why, more string
		want      int
	}{
		{"the discrepancy is what was given", `, "order_adjustments": [{"kind": "refund_discrepancy", "amount": "-20"}], "transactions": [{"kind": "refund", "status": "success", "amount": "25", "currency": "TWD"}]}`, 20},
		{"without one, the payments that succeeded", `, "transactions": [{"kind": "refund", "status": "success", "amount": "25", "currency": "TWD"}, {"kind": "refund", "status": "failure", "amount": "9", "currency": "TWD"}]}`, 25},
		{"mere restocking is no refund", `}`, 0},
	}
	for _, test := range tests {
		facts, err := b.translate("refunds/create", []byte(head+test.more))
		if err != nil || len(facts) == 0 != (test.want == 0) || len(facts) == 1 && facts[0].(order.WasRefunded).Amount != int64(test.want) {
			t.Errorf("%s: %+v, %v", test.why, facts, err)
		}
	}
	facts, err := b.translate("refunds/create", []byte(head+`, "refund_shipping_lines": [{"shipping_line": {"id": 9}, "subtotal_amount_set": {"shop_money": {"amount": "80"}}}]}`))
	if err != nil || facts[0].(order.WasRefunded).Lines[0] != (order.RefundedLine{Line: "shipping:9", Amount: 80}) {
		t.Errorf("shipping: %+v, %v", facts, err)
	}
}

// sold is an order of 100 that Shopify told.
func (b *bundle) sold(name string, c shop.Currency) {
	b.t.Helper()
	_, err := b.orders.Apply(b.t.Context(), b.Brand, Platform, order.WasPlaced{
		Order: name, PlacedAt: now, Channel: order.Online, Store: b.Web, Currency: c, Lines: []order.Line{{ExternalID: "7", SKU: "SOFA", Quantity: 1, UnitPrice: 100_00}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestARefundIsReadInItsOrdersCurrency(t *testing.T) {
	t.Parallel()
	b := setup(t) // a brand of TWD, which has no cents
	b.sold("1", "HKD")
	refund := func(of, more string) ([]order.Fact, error) {
		return b.translate("refunds/create", []byte(`{"id": 5, "order_id": `+of+`, "created_at": "2026-11-20T12:00:00+08:00", `+more+`}`))
	}
	for why, test := range map[string]struct{ of, more string }{
		"as the order says":  {"1", `"order_adjustments": [{"amount": "-100.00"}]`},
		"as the body says":   {"2", `"order_adjustments": [{"amount": "-100.00", "amount_set": {"shop_money": {"amount": "-100.00", "currency_code": "HKD"}}}]`},
		"a payment in it":    {"1", `"transactions": [{"kind": "refund", "status": "success", "amount": "100.00", "currency": "HKD"}]`},
		"a payment in no":    {"1", `"transactions": [{"kind": "refund", "status": "success", "amount": "100.00"}]`},
		"shipping, and more": {"2", `"refund_shipping_lines": [{"subtotal_amount_set": {"shop_money": {"amount": "0.00", "currency_code": "HKD"}}}], "order_adjustments": [{"amount": "-100.00"}]`},
	} {
		facts, err := refund(test.of, test.more)
		if err != nil || len(facts) != 1 || facts[0].(order.WasRefunded).Amount != 100_00 {
			t.Errorf("%s: %+v %v", why, facts, err)
		}
	}
	if _, err := refund("1", `"transactions": [{"kind": "refund", "status": "success", "amount": "100.00", "currency": "USD"}]`); !errors.Is(err, order.ErrNotUnderstood) {
		t.Errorf("what the customer paid in is added up: %v", err)
	}
	var refusal *shop.Refusal
	if _, err := refund("2", `"order_adjustments": [{"amount": "-100.00"}]`); err == nil || errors.As(err, &refusal) {
		t.Errorf("before its order: %v, want it to be tried again", err)
	}
}
