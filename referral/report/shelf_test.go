package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

const (
	phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
	crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)

// shelf is a brand with tags on its shelves and a plan that pays the display 2 % and home 3 %; a store is paid once.
type shelf struct {
	postgrestest.Fixture
	*report.Service
	t        *testing.T
	pool     *postgres.Pool
	orders   *order.Service
	bindings *binding.Service
	tags     *tag.Service
	scans    *scan.Service
	writer   *scan.Writer
	hq       shop.Actor
	now      time.Time
	made     int
}

func (s *shelf) clock() time.Time { return s.now }

func setupShelf(t *testing.T) *shelf {
	t.Helper()
	pool := postgrestest.New(t)
	s := &shelf{Fixture: postgrestest.Brand(t, pool), Service: report.New(pool), t: t, pool: pool, now: time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC)}
	s.hq = shop.Actor{Brand: s.Brand, Role: shop.RoleHQ, ID: shop.NewID(s.now)}
	s.openScans()
	book := ledger.New(pool, s.scans)
	s.orders = order.New(pool, s.clock, book, s.Service)
	s.bindings = binding.New(pool, s.clock, s.scans, book, s.Service)
	s.tags = tag.New(pool, s.clock)
	var p plan.Plan
	rules := `{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "display_store", "rate_bp": 200},
		{"role": "display_staff", "rate_bp": 50}, {"role": "online_team", "rate_bp": 100}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(pool, s.clock).Add(t.Context(), shop.System(s.Brand), time.UTC, p); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shelf) openScans() {
	s.t.Helper()
	owner, _ := postgrestest.DSNs(s.t)
	counters := &scan.Counters{}
	spool, err := scan.OpenSpool(s.t.TempDir(), counters)
	if err != nil {
		s.t.Fatal(err)
	}
	pool, err := postgres.Open(context.Background(), postgres.Config{URL: owner, OwnerURL: owner, Role: postgres.RoleScan, MaxConnections: 3})
	if err != nil {
		s.t.Fatal(err)
	}
	s.writer = scan.NewWriter(pool, spool, counters, slog.New(slog.DiscardHandler))
	s.t.Cleanup(func() {
		s.writer.Close()
		spool.Close()
		pool.Close()
	})
	secret := bytes.Repeat([]byte("k"), 32)
	keys, err := scan.NewKeys(1, map[byte][]byte{1: secret})
	if err != nil {
		s.t.Fatal(err)
	}
	s.scans = scan.New(scan.Parts{Pool: s.pool, Writer: s.writer, Keys: keys, Devices: scan.NewDevices(secret), Counters: counters, Now: s.clock})
}

// tag issues one that leads to the sofa.
func (s *shelf) tag(store, staff shop.ID, placement tag.Placement, sku, batch string) tag.Target {
	s.t.Helper()
	kind := tag.Free
	if sku != "" {
		kind = tag.Variant
	}
	made, err := s.tags.Issue(s.t.Context(), s.hq, tag.Spec{Store: store, Staff: staff, Placement: placement, Kind: kind, Reference: sku, Batch: batch, Label: string(placement), Destination: "https://shop.example.test/p/sofa"})
	if err != nil {
		s.t.Fatal(err)
	}
	target, err := s.tags.Resolve(s.t.Context(), made.Code)
	if err != nil {
		s.t.Fatal(err)
	}
	return target
}

// scan reads a tag and returns the click id; cookie is the device.
func (s *shelf) scan(of tag.Target, device int, browser string) string {
	s.t.Helper()
	a, err := s.scans.Record(s.t.Context(), scan.Reading{Target: of, Request: scan.Request{Method: "GET", UserAgent: browser}, Address: netip.MustParseAddr("192.0.2.1"), Cookie: cookieOf(device)})
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Click
}

func cookieOf(device int) string {
	return fmt.Sprintf("%020dAQ", device)
}

// late is a scan that comes from the spool when its hour is long over.
func (s *shelf) late(of tag.Target, device byte, at time.Time) {
	s.t.Helper()
	err := s.writer.Store(scan.Scan{
		ID: shop.NewID(at), Brand: s.Brand, Tag: of.Tag, Code: of.Code, Store: of.Store, Staff: of.Staff, Placement: of.Placement,
		Kind: scan.InApp, Device: scan.Device{device},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// person is somebody known by an identity, not a member yet.
func (s *shelf) person() shop.ID {
	s.t.Helper()
	s.made++
	var who shop.ID
	err := s.pool.Brand(s.t.Context(), s.Brand, func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(s.t.Context(), tx, s.Brand, []customer.Identity{{Kind: customer.OIDC, Value: fmt.Sprint("https://id.example.test:", s.made)}}, s.now)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return who
}

// joins makes her a member, with click ids.
func (s *shelf) joins(clicks ...string) shop.ID {
	s.t.Helper()
	who := s.person()
	s.join(who, clicks...)
	return who
}

func (s *shelf) join(who shop.ID, clicks ...string) {
	s.t.Helper()
	if _, err := s.bindings.JoinInApp(s.t.Context(), shop.Actor{Brand: s.Brand, Role: shop.RoleCustomer, ID: who}, binding.Membership{}, clicks); err != nil {
		s.t.Fatal(err)
	}
}

// buys is a web order of some sofas of NT$ 1,050 with tax, and of shipping; it returns the order's name.
func (s *shelf) buys(who shop.ID, pieces int64, currency shop.Currency, clicks ...string) string {
	s.t.Helper()
	s.made++
	name := fmt.Sprint("order-", s.made)
	placed := order.WasPlaced{
		Order: name, PlacedAt: s.now, Customer: who, Channel: order.Online, Store: s.Web, Currency: currency, TaxBP: 500,
		Lines: []order.Line{{SKU: "SOFA", Kind: order.Merchandise, Quantity: pieces, UnitPrice: 1049, TaxIncluded: true}, {SKU: "SHIP", Kind: order.Shipping, Quantity: 1, UnitPrice: 100}},
	}
	for _, click := range clicks {
		id, err := s.scans.Click(s.Brand, click, s.now, scan.DefaultClickLife)
		if err != nil {
			s.t.Fatal(err)
		}
		placed.Clicks = append(placed.Clicks, id)
	}
	s.apply(placed)
	return name
}

func (s *shelf) apply(f order.Fact) {
	s.t.Helper()
	if _, err := s.orders.Apply(s.t.Context(), s.Brand, "test", f); err != nil {
		s.t.Fatal(err)
	}
}

// rolled works out what is due and says how many hours that were.
func (s *shelf) rolled() int {
	s.t.Helper()
	n, err := s.RollUp(s.t.Context(), s.Brand, time.Time{})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

// funnel asks as head office.
func (s *shelf) funnel(by report.Dimension, each report.Bucket, first, last string) report.Funnel {
	s.t.Helper()
	f, err := s.Funnel(s.t.Context(), s.hq, report.Question{Days: report.Days{First: day(first), Last: day(last)}, By: by, Each: each})
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}
