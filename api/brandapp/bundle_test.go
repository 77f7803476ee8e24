package brandapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/api/brandapp"
	"homestore/api/contracttest"
	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/campaign"
	"homestore/notify/delivery"
	"homestore/notify/device"
	"homestore/notify/offer"
	"homestore/referral/binding"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// noon is outside of quiet hours in Taipei.
var noon = time.Date(2026, 3, 10, 4, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// bundle is the face on a real socket and a real database. mei and another customer are signed in and have not joined.
type bundle struct {
	postgrestest.Fixture
	t         *testing.T
	pool      *postgres.Pool
	url       string
	actors    map[string]shop.Actor
	orders    *order.Service
	tags      *tag.Service
	keys      scan.Keys
	writer    *scan.Writer
	shelf     *scan.Service
	offers    *offer.Service
	campaigns *campaign.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, pool: postgrestest.New(t)}
	b.Fixture = postgrestest.Brand(t, b.pool)
	other := postgrestest.Brand(t, b.pool)
	b.actors = map[string]shop.Actor{
		"amy":     {Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Store: b.S1, Stores: []shop.ID{b.S1}},
		"hq":      {Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)},
		"mei":     {Brand: b.Brand, Role: shop.RoleCustomer, ID: b.signedIn(b.Brand, "mei")},
		"lan":     {Brand: b.Brand, Role: shop.RoleCustomer, ID: b.signedIn(b.Brand, "lan")},
		"foreign": {Brand: other.Brand, Role: shop.RoleCustomer, ID: b.signedIn(other.Brand, "mei")},
	}
	scans := b.scans()
	b.shelf = scans
	visits, err := visit.New(b.pool, now, bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	queue, err := river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	deliveries := delivery.New(b.pool, now, delivery.Config{Queue: queue})
	b.orders, b.tags, b.offers = order.New(b.pool, now), tag.New(b.pool, now), offer.New(b.pool, now)
	b.campaigns = campaign.New(b.pool, now, deliveries, visits, queue)
	b.listen(brandapp.New(brandapp.Parts{
		Pool: b.pool, Now: now, Orders: b.orders, Visits: visits, Tags: tag.NewDirectory(b.tags.Resolve, 100, now), Scans: scans,
		Bindings: binding.New(b.pool, now, scans), Devices: device.New(b.pool, now), Offers: b.offers, Deliveries: deliveries,
	}).Routes())
	return b
}

func (b *bundle) brand() (of team.Brand, err error) {
	err = b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		of, err = team.LoadBrand(b.t.Context(), tx, b.Brand)
		return err
	})
	return of, err
}

// signedIn is a customer as sign-in makes her from a token.
func (b *bundle) signedIn(brand shop.BrandID, subject string) (who shop.ID) {
	b.t.Helper()
	err := b.pool.Brand(b.t.Context(), brand, func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(b.t.Context(), tx, brand, []customer.Identity{{Kind: customer.OIDC, Value: "https://id.example.test:" + subject}}, noon)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return who
}

// scans is the scan service with the writer that the shelf's redirect has too.
func (b *bundle) scans() *scan.Service {
	b.t.Helper()
	owner, _ := postgrestest.DSNs(b.t)
	counters := &scan.Counters{}
	spool, err := scan.OpenSpool(b.t.TempDir(), counters)
	if err != nil {
		b.t.Fatal(err)
	}
	pool, err := postgres.Open(context.Background(), postgres.Config{URL: owner, OwnerURL: owner, Role: postgres.RoleScan, MaxConnections: 3})
	if err != nil {
		b.t.Fatal(err)
	}
	b.writer = scan.NewWriter(pool, spool, counters, slog.New(slog.DiscardHandler))
	b.t.Cleanup(func() {
		b.writer.Close()
		spool.Close()
		pool.Close()
	})
	secret := bytes.Repeat([]byte("k"), 32)
	if b.keys, err = scan.NewKeys(1, map[byte][]byte{1: secret}); err != nil {
		b.t.Fatal(err)
	}
	return scan.New(scan.Parts{Pool: b.pool, Writer: b.writer, Keys: b.keys, Devices: scan.NewDevices(secret), Counters: counters, Now: now})
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

// issue makes a live tag of S1; a change makes it another.
func (b *bundle) issue(change func(*tag.Spec)) tag.Tag {
	b.t.Helper()
	spec := tag.Spec{Store: b.S1, Kind: tag.Variant, Reference: "SOFA-3", Placement: tag.Shelf, Destination: "https://shop.example.test/p/{sku}?lang={lang}"}
	if change != nil {
		change(&spec)
	}
	made, err := b.tags.Issue(b.t.Context(), b.actors["hq"], spec)
	if err != nil {
		b.t.Fatal(err)
	}
	return made
}

// click is the click id of a person who scanned the tag some time ago, on the shelf.
func (b *bundle) click(t tag.Tag, ago time.Duration) string {
	b.t.Helper()
	s := scan.Scan{
		ID: shop.NewID(noon.Add(-ago)), Brand: b.Brand, Tag: t.ID, Code: t.Code, Store: t.Store, Staff: t.Staff, Placement: t.Placement, Kind: scan.Person,
	}
	if err := b.writer.Store(s); err != nil {
		b.t.Fatal(err)
	}
	return b.keys.Sign(b.Brand, s.ID)
}
