package staffapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/api/contracttest"
	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/staffapp"
	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/campaign"
	"homestore/notify/delivery"
	"homestore/notify/device"
	"homestore/notify/fcm"
	"homestore/notify/fcm/local"
	"homestore/notify/offer"
	"homestore/notify/push"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/scan"
	"homestore/referral/statement"
	"homestore/referral/tag"
)

// noon is outside of quiet hours in Taipei.
var noon = time.Date(2026, 3, 10, 4, 0, 0, 0, time.UTC)

// bundle is the face on a real socket and a real database, with the people of a brand as bearer tokens. The plan gives the
// home store 3 %, its person 2 % and the web team 1 %.
type bundle struct {
	postgrestest.Fixture
	t        *testing.T
	pool     *postgres.Pool
	url      string
	actors   map[string]shop.Actor
	orders   *order.Service
	visits   *visit.Service
	bindings *binding.Service
	offers   *offer.Service
	devices  *device.Service
	disputes *dispute.Service
	periods  *period.Service
	now      time.Time // of closing months; the rest is at noon
	parts    staffapp.Parts
}

func now() time.Time { return noon }

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, pool: postgrestest.New(t)}
	b.Fixture = postgrestest.Brand(t, b.pool)
	other := postgrestest.Brand(t, b.pool)
	b.actors = map[string]shop.Actor{
		"amy":     {Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Store: b.S1, Stores: []shop.ID{b.S1}},
		"ben":     {Brand: b.Brand, Role: shop.RoleStaff, ID: b.Ben, Store: b.S2, Stores: []shop.ID{b.S2}},
		"manager": {Brand: b.Brand, Role: shop.RoleManager, ID: b.Ben, Stores: []shop.ID{b.S2}},
		"hq":      {Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)},
		"finance": {Brand: b.Brand, Role: shop.RoleFinance, ID: shop.NewID(noon)},
		"mei":     {Brand: b.Brand, Role: shop.RoleCustomer, ID: shop.NewID(noon)},
		"foreign": {Brand: other.Brand, Role: shop.RoleStaff, ID: other.Amy, Store: other.S1, Stores: []shop.ID{other.S1}},
	}
	scans := scan.New(scan.Parts{Pool: b.pool, Now: now})
	book := ledger.New(b.pool, scans)
	b.orders = order.New(b.pool, now, book)
	b.bindings = binding.New(b.pool, now, scans, book)
	b.disputes = dispute.New(b.pool, now, b.bindings, book)
	b.now = noon
	b.periods = period.New(b.pool, func() time.Time { return b.now }, book)
	b.offers = offer.New(b.pool, now)
	b.devices = device.New(b.pool, now)
	var err error
	if b.visits, err = visit.New(b.pool, now, bytes.Repeat([]byte("k"), 32)); err != nil {
		t.Fatal(err)
	}
	b.addPlan()
	b.parts = staffapp.Parts{
		Pool: b.pool, Now: now, Orders: b.orders, Visits: b.visits, Tags: tag.New(b.pool, now), Bindings: b.bindings,
		Reports: report.New(b.pool), Devices: b.devices, Offers: b.offers, Campaigns: b.campaigns(), Disputes: b.disputes,
		Statements: statement.New(b.pool, b.periods, "https://hs.example.test"),
	}
	b.listen(staffapp.New(b.parts).Routes())
	return b
}

// later is the face at another time of the day, as far as visits go.
func (b *bundle) later(by time.Duration) {
	b.t.Helper()
	var err error
	if b.parts.Visits, err = visit.New(b.pool, func() time.Time { return noon.Add(by) }, bytes.Repeat([]byte("k"), 32)); err != nil {
		b.t.Fatal(err)
	}
	b.listen(staffapp.New(b.parts).Routes())
}

func (b *bundle) campaigns() *campaign.Service {
	listening := httptest.NewServer(local.New(now))
	b.t.Cleanup(listening.Close)
	sender, err := fcm.New(b.t.Context(), fcm.Config{ProjectID: "demo", Endpoint: listening.URL + "/v1", Now: now})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(sender.Close)
	queue, err := river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{})
	if err != nil {
		b.t.Fatal(err)
	}
	deliveries := delivery.New(b.pool, now, delivery.Config{Sender: sender, Queue: queue})
	return campaign.New(b.pool, now, deliveries, b.visits, queue)
}

func (b *bundle) addPlan() {
	var p plan.Plan
	rules := `{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200},
		{"role": "online_team", "rate_bp": 100}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		b.t.Fatal(err)
	}
	if _, err := plan.New(b.pool, now).Add(b.t.Context(), shop.System(b.Brand), time.UTC, p); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) listen(routes []endpoint.Route) {
	server := guard.New(guard.Config{Log: slog.New(slog.DiscardHandler), DrainFor: time.Millisecond})
	server.App.Use(guard.Authenticate(func(_ context.Context, bearer string) (shop.Actor, error) {
		if actor, known := b.actors[bearer]; known {
			return actor, nil
		}
		return shop.Actor{}, endpoint.ErrUnauthenticated
	}))
	endpoint.Mount(server.App, routes, endpoint.Frame{Keys: endpoint.NewKeys(b.pool, time.Now)})
	ctx, stop := context.WithCancel(context.Background())
	listener, err := guard.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	b.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			b.t.Error(err)
		}
	})
}

type answer struct {
	status int
	header http.Header
	body   string
}

// ask calls as somebody and holds the answer against the contract; a POST has a key of its own unless one is given.
func (b *bundle) ask(who, method, path, body string, key ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+who)
	req.Header.Set("Accept-Language", "en")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		req.Header.Set(endpoint.IdempotencyKeyHeader, append(key, shop.NewID(time.Now()).String())[0])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	contracttest.Check(b.t, req, res)
	text, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// is fails unless the answer has the status and every one of the texts.
func (a answer) is(t *testing.T, why string, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d, want %d: %s", why, a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: no %s in %s", why, text, a.body)
		}
	}
}

// hides fails when the answer says one of the texts.
func (a answer) hides(t *testing.T, why string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s: %s is told in %s", why, text, a.body)
		}
	}
}

func (a answer) field(t *testing.T, path ...string) string {
	t.Helper()
	var at any
	if err := json.Unmarshal([]byte(a.body), &at); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	text, _ := at.(string)
	return text
}

func (b *bundle) in(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Brand(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

// member is 王美玲, 0912 345 678, who agreed to push.
func (b *bundle) member() shop.ID {
	b.t.Helper()
	phone := customer.Identity{Kind: customer.Phone, Value: "+886912345678", Verified: true}
	var who shop.ID
	b.in(func(tx pgx.Tx) (err error) {
		if who, err = customer.Resolve(b.t.Context(), tx, b.Brand, []customer.Identity{phone}, noon); err != nil {
			return err
		}
		_, err = customer.Join(b.t.Context(), tx, shop.System(b.Brand), who, customer.Joining{
			Details:  customer.Details{Name: "王美玲", Language: shop.TraditionalChinese},
			Consents: []customer.Consent{{Channel: customer.ByPush, Granted: true, Source: "brand_app"}},
		}, noon)
		return err
	})
	return who
}

// homeAt makes her the store's and the person's.
func (b *bundle) homeAt(who, store, staff shop.ID) {
	b.t.Helper()
	_, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: store, Staff: staff, Source: binding.FromTill})
	if err != nil {
		b.t.Fatal(err)
	}
}

// buys is a web order of a sofa, placed now.
func (b *bundle) buys(who shop.ID, name string, price int64) shop.ID {
	b.t.Helper()
	result, err := b.orders.Apply(b.t.Context(), b.Brand, "test", order.WasPlaced{
		Order: name, PlacedAt: noon, Customer: who, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA-3", Name: "三人沙發", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: price, TaxIncluded: true}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return result.Order
}

// code is the member code that her app shows.
func (b *bundle) code(who shop.ID) string {
	b.t.Helper()
	c, err := b.visits.IssueMemberCode(b.t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who})
	if err != nil {
		b.t.Fatal(err)
	}
	return c.Code
}

func (b *bundle) registerPhone(who shop.ID) {
	b.t.Helper()
	_, err := b.devices.Register(b.t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}, device.Registration{
		Target: push.Target{Kind: push.Token, Value: "token"}, Platform: device.Android, Language: shop.TraditionalChinese,
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// approvedOffer runs for a week.
func (b *bundle) approvedOffer() shop.ID {
	b.t.Helper()
	o, err := b.offers.Create(b.t.Context(), b.actors["hq"], offer.Draft{
		Kind: offer.Coupon, Title: shop.Text{shop.TraditionalChinese: "沙發九折", shop.English: "Ten off"}, StartsAt: noon, EndsAt: noon.Add(7 * 24 * time.Hour),
	})
	if err == nil {
		_, err = b.offers.Approve(b.t.Context(), b.actors["hq"], o.ID)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return o.ID
}

// looks counts the entries of the audit that say who looked at her.
func (b *bundle) looks(who shop.ID) (n int) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		records, _, err := audit.OfCustomer(b.t.Context(), tx, b.Brand, who, shop.Page{Limit: 100})
		for _, r := range records {
			if r.Act == "customer_looked_at" {
				n++
			}
		}
		return err
	})
	return n
}

// losesTheAnswer is what a crash leaves of a request: its act, and its key without an answer.
func (b *bundle) losesTheAnswer(key string) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
			UPDATE idempotency_key SET status = NULL, media_type = NULL, response = NULL, claimed_at = claimed_at - interval '1 hour'
			WHERE brand_id = $1 AND key = $2`, b.Brand, key)
		return err
	})
}
