package scan_test

import (
	"bytes"
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

const (
	phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
	crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)

type bundle struct {
	postgrestest.Fixture
	pool, scanPool *postgres.Pool
	owner          string
	dir            string
	keys           scan.Keys
	devices        *scan.Devices
	counters       *scan.Counters
	spool          *scan.Spool
	writer         *scan.Writer
	service        *scan.Service
	target         tag.Target
	clock          atomic.Pointer[time.Time] // nil: the real one
	log            logged
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	owner, _ := postgrestest.DSNs(t)
	keys, err := scan.NewKeys(1, map[byte][]byte{1: bytes.Repeat([]byte("k"), 32)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{
		Fixture: postgrestest.Brand(t, pool), pool: pool, owner: owner, dir: t.TempDir(), keys: keys,
		devices: scan.NewDevices(bytes.Repeat([]byte("d"), 32)),
	}
	b.target = tag.Target{
		Brand: tag.Brand{ID: b.Brand}, Tag: shop.NewID(time.Now()), Code: tag.NewCode(), Store: b.S1, Staff: b.Amy,
		Placement: tag.Shelf, State: tag.Live, Destination: "https://shop.example.test/",
	}
	b.start(t)
	return b
}

func (b *bundle) now() time.Time {
	if clock := b.clock.Load(); clock != nil {
		return *clock
	}
	return time.Now()
}

func (b *bundle) reading(userAgent string) scan.Reading {
	return scan.Reading{Target: b.target, Request: scan.Request{Method: "GET", UserAgent: userAgent}, Address: netip.MustParseAddr("203.0.113.7")}
}

func (b *bundle) read(t *testing.T, userAgent string) scan.Answer {
	t.Helper()
	a, err := b.service.Record(t.Context(), b.reading(userAgent))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bundle) inBrand(t *testing.T, act func(tx pgx.Tx) error) {
	t.Helper()
	if err := b.pool.Brand(t.Context(), b.Brand, act); err != nil {
		t.Fatal(err)
	}
}

func TestAScanKeepsWhatTheTagWasThen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.read(t, phone)
	b.target.Store, b.target.Staff = b.S2, b.Ben // the tag moves
	b.inBrand(t, func(tx pgx.Tx) error {
		found, err := b.service.ByClicks(t.Context(), tx, b.Brand, []shop.ID{a.Scan.ID})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d scans, %v", len(found), err)
		}
		if found[0] != a.Scan || found[0].Store != b.S1 || found[0].Staff != b.Amy {
			t.Fatalf("stored %+v, recorded %+v", found[0], a.Scan)
		}
		return nil
	})
}

func TestOnlyPeopleWhomTheTagLeadsOnGetAClickID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct {
		why    string
		change func(*scan.Reading)
		want   bool
		leads  tag.Leads
	}{
		{"a person", func(*scan.Reading) {}, true, tag.ToDestination},
		{"row 10: a crawler", func(r *scan.Reading) { r.Request.UserAgent = crawler }, false, tag.ToDestination},
		{"row 10: HEAD", func(r *scan.Reading) { r.Request.Method = "HEAD" }, false, tag.ToDestination},
		{"row 10: prefetch", func(r *scan.Reading) { r.Request.SecPurpose = "prefetch" }, false, tag.ToDestination},
		{"row 15: an image", func(r *scan.Reading) { r.Request.FetchDest = "image" }, false, tag.ToDestination},
		{"a paused tag", func(r *scan.Reading) { r.Target.State = tag.Paused }, false, tag.ToSite},
		{"a retired tag", func(r *scan.Reading) { r.Target.State = tag.Retired }, false, tag.ToGone},
	} {
		r := b.reading(phone)
		tc.change(&r)
		a, err := b.service.Record(t.Context(), r)
		if err != nil || (a.Click != "") != tc.want || a.Leads != tc.leads {
			t.Errorf("%s: click id %q, leads %s, %v", tc.why, a.Click, a.Leads, err)
		}
		if kind := a.Scan.Kind; kind.Counts() != (a.Cookie != "" || tc.leads != tag.ToDestination) && tc.leads == tag.ToDestination {
			t.Errorf("%s: %s got the cookie %q", tc.why, kind, a.Cookie)
		}
	}
	figures, err := b.service.Figures(t.Context(), b.Brand, []shop.ID{b.target.Tag}, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil || len(figures) != 1 || figures[0].Scans != 3 {
		t.Fatalf("%+v, %v; want the three of people", figures, err)
	}
	var stored int
	b.inBrand(t, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM scan WHERE brand_id = $1`, b.Brand).Scan(&stored)
	})
	if stored != 7 {
		t.Fatalf("%d stored, want all seven that were answered", stored)
	}
}

func TestScansOfOneDeviceWithinHalfAnHourAreOneSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	begin := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	cookies := map[string]string{}
	for _, step := range []struct {
		minute int
		who    string
	}{
		{0, "ann"}, {1, "bob"}, {10, "ann"}, {29, "ann"}, {58, "ann"}, // ann is never silent for half an hour
		{88, "ann"},              // 30 minutes after the last: a new session
		{90, "bob"}, {91, "bob"}, // and so is bob's
	} {
		at := begin.Add(time.Duration(step.minute) * time.Minute)
		b.clock.Store(&at)
		r := b.reading(phone) // the same model on the same Wi-Fi
		r.Cookie = cookies[step.who]
		a, err := b.service.Record(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if a.Cookie != "" {
			cookies[step.who] = a.Cookie
		}
	}
	figures, err := b.service.Figures(t.Context(), b.Brand, []shop.ID{b.target.Tag}, begin, begin.Add(24*time.Hour))
	if err != nil || len(figures) != 1 || figures[0] != (scan.Figure{Tag: b.target.Tag, Scans: 8, Sessions: 4}) {
		t.Fatalf("%+v, %v; want 8 scans in 4 sessions", figures, err)
	}
	if none, err := b.service.Figures(t.Context(), b.Brand, []shop.ID{b.target.Tag}, begin.Add(-time.Hour), begin); err != nil || len(none) > 0 {
		t.Fatalf("%+v before the first scan, %v", none, err)
	}
}

func TestAThousandScansOfOneTagAreOneSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	begin := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	cookie := ""
	for i := range 1000 {
		at := begin.Add(time.Duration(i) * time.Second)
		b.clock.Store(&at)
		r := b.reading(phone)
		r.Cookie = cookie
		a, err := b.service.Record(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if a.Cookie != "" {
			cookie = a.Cookie
		}
	}
	figures, err := b.service.Figures(t.Context(), b.Brand, []shop.ID{b.target.Tag}, begin, begin.Add(time.Hour))
	if err != nil || len(figures) != 1 || figures[0].Scans != 1000 || figures[0].Sessions != 1 {
		t.Fatalf("%+v, %v; row 11: want 1 session, the raw 1000 kept", figures, err)
	}
}

func TestAClickIDIsRefusedAndCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.read(t, phone)
	at := a.Scan.At()
	for _, tc := range []struct {
		why   string
		brand shop.BrandID
		click string
		now   time.Time
		want  error
	}{
		{"in its last millisecond", b.Brand, a.Click, at.Add(scan.DefaultClickLife), nil},
		{"after 30 days", b.Brand, a.Click, at.Add(scan.DefaultClickLife + time.Millisecond), scan.ErrExpiredClick},
		{"another brand's", b.Brand + 1, a.Click, at, scan.ErrUnknownClick},
		{"tampered", b.Brand, tampered(a.Click), at, scan.ErrUnknownClick},
		{"invented", b.Brand, "hello", at, scan.ErrUnknownClick},
	} {
		id, err := b.service.Click(tc.brand, tc.click, tc.now, scan.DefaultClickLife)
		if !errors.Is(err, tc.want) || (err == nil) != (id == a.Scan.ID) {
			t.Errorf("%s: %s, %v", tc.why, id, err)
		}
	}
	c := b.counters
	if c.Tampered.Load() != 2 || c.WrongBrand.Load() != 1 || c.Expired.Load() != 1 {
		t.Fatalf("%d tampered, %d of another brand, %d expired", c.Tampered.Load(), c.WrongBrand.Load(), c.Expired.Load())
	}
}

// tampered is the click id with another letter where the scan is.
func tampered(click string) string {
	letter := "A"
	if click[20] == 'A' {
		letter = "B"
	}
	return click[:20] + letter + click[21:]
}

func TestASignedInCustomersScanIsHersAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.reading("HomestoreApp/1.0")
	r.Customer = shop.NewID(time.Now())
	a, err := b.service.Record(t.Context(), r)
	if err != nil || a.Click == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	b.inBrand(t, func(tx pgx.Tx) error {
		hers, err := b.service.OfCustomer(t.Context(), tx, b.Brand, r.Customer)
		if err != nil || len(hers) != 1 || hers[0].ID != a.Scan.ID || hers[0].Store != b.S1 || hers[0].Customer != r.Customer {
			t.Fatalf("%+v, %v", hers, err)
		}
		return nil
	})
}

func TestCopiesOfScansOutliveThemAndComeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kept := []scan.Scan{b.read(t, phone).Scan, b.read(t, phone).Scan}
	customer, order := shop.NewID(time.Now()), shop.NewID(time.Now())
	for range 2 {
		b.inBrand(t, func(tx pgx.Tx) error {
			return errors.Join(
				b.service.KeepForCustomer(t.Context(), tx, b.Brand, customer, kept),
				b.service.KeepForOrders(t.Context(), tx, b.Brand, map[shop.ID][]scan.Scan{order: kept}))
		})
	}
	b.inBrand(t, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `DELETE FROM scan WHERE brand_id = $1`, b.Brand); err != nil { // the month expires
			return err
		}
		hers, err := b.service.OfCustomer(t.Context(), tx, b.Brand, customer)
		if err != nil {
			return err
		}
		found, err := b.service.OfOrders(t.Context(), tx, b.Brand, []shop.ID{order, shop.NewID(time.Now())})
		orders := found[order]
		if len(found) != 1 || len(hers) != 2 || len(orders) != 2 || orders[1].ID != kept[1].ID || orders[1].Staff != b.Amy {
			t.Fatalf("%+v and %+v", hers, orders)
		}
		return err
	})
}
