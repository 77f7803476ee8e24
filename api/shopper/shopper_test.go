package shopper_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/shopper"
	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/offer"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

const (
	phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
	crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)

type bundle struct {
	postgrestest.Fixture
	pool     *postgres.Pool
	owner    string
	tags     *tag.Service
	scans    *scan.Service
	strays   atomic.Int64 // requests that reached no route, such as a browser's for a favicon
	team     *team.Service
	counters *scan.Counters
	hq       shop.Actor
	url      string // of the listener
	host     string // the brand's short domain
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	owner, _ := postgrestest.DSNs(t)
	f := postgrestest.Brand(t, pool)
	b := &bundle{Fixture: f, pool: pool, owner: owner, counters: &scan.Counters{}, hq: shop.Actor{Brand: f.Brand, Role: shop.RoleHQ}}
	b.tags = tag.New(pool, time.Now)
	spool, err := scan.OpenSpool(t.TempDir(), b.counters)
	if err != nil {
		t.Fatal(err)
	}
	scanPool, err := postgres.Open(context.Background(), postgres.Config{URL: owner, Role: postgres.RoleScan, MaxConnections: 3})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	writer := scan.NewWriter(scanPool, spool, b.counters, quiet)
	t.Cleanup(func() {
		writer.Close()
		spool.Close()
		scanPool.Close()
	})
	secret := bytes.Repeat([]byte("k"), 32)
	keys, err := scan.NewKeys(1, map[byte][]byte{1: secret})
	if err != nil {
		t.Fatal(err)
	}
	b.scans = scan.New(scan.Parts{Pool: pool, Writer: writer, Keys: keys, Devices: scan.NewDevices(secret), Counters: b.counters, Now: time.Now})
	b.team, err = team.New(pool, time.Now, team.Config{SealingKeys: [][]byte{secret}})
	if err != nil {
		t.Fatal(err)
	}
	server := guard.New(guard.Config{Log: quiet, Observe: b.observe, TrustedProxies: []string{"127.0.0.1"}}) // X-Real-IP is somebody else's address
	shopper.Mount(server.App, shopper.New(shopper.Parts{
		Directory: tag.NewDirectory(b.tags.Resolve, 1000, time.Now), Scans: b.scans, Team: b.team, Catalogue: catalogue.New(pool, time.Now), Offers: offer.New(pool, time.Now),
		Now: time.Now, Log: quiet,
	}), endpoint.Frame{})
	b.listen(t, server)
	b.furnish(t)
	return b
}

// observe counts strays. A connection that a browser opens ahead and never uses is refused when its time is over, before any
// middleware: it carried no request.
func (b *bundle) observe(a guard.Answered) {
	if a.Route == "unmatched" && a.Took > 0 {
		b.strays.Add(1)
	}
}

func (b *bundle) listen(t *testing.T, server *guard.Server) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.host = listener.Addr().String()
	b.url = "http://" + b.host
	served := make(chan error, 1)
	go func() { served <- server.App.Listener(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(server.App.ShutdownWithTimeout(time.Second), <-served); err != nil {
			t.Error(err)
		}
	})
}

// furnish gives the brand the listener as its short domain, and one product in three colours.
func (b *bundle) furnish(t *testing.T) {
	t.Helper()
	err := b.pool.Global(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE brand SET short_domain = $2::text, slug = 'sunny', allowed_hosts = allowed_hosts || $2::text WHERE brand_id = $1`, b.Brand, b.host)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	colour := func(sku, name string, price int64) catalogue.Variant {
		return catalogue.Variant{SKU: sku, Name: shop.Text{shop.English: name}, PriceMinor: price, Currency: "TWD"}
	}
	err = catalogue.New(b.pool, time.Now).Put(t.Context(), shop.System(b.Brand), []catalogue.Product{{
		ExternalID: "sofa", Name: shop.Text{shop.TraditionalChinese: "三人沙發", shop.English: "Three-seat sofa <b>"},
		Description: shop.Text{shop.English: "Sit down."},
		Variants:    []catalogue.Variant{colour("SOFA-3-金", "Gold", 1234500), colour("SOFA-3/灰", "Grey", 999), colour("SOFA-3", "Blue", 12800)},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) issue(t *testing.T, change func(*tag.Spec)) tag.Tag {
	t.Helper()
	spec := tag.Spec{Store: b.S1, Kind: tag.Variant, Reference: "SOFA-3", Placement: tag.Shelf, Batch: "2026-11", Destination: "https://shop.example.test/p/{sku}?lang={lang}&utm_campaign={batch}"}
	if change != nil {
		change(&spec)
	}
	made, err := b.tags.Issue(t.Context(), b.hq, spec)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

type answer struct {
	*http.Response
	body string
}

// ask sends a request as a phone does, and follows no redirect. Headers come in pairs.
func (b *bundle) ask(t *testing.T, method, path string, jar http.CookieJar, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", phone)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(body)}
}

func (b *bundle) stored(t *testing.T) (kinds map[scan.Kind]int) {
	t.Helper()
	kinds = map[scan.Kind]int{}
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT kind, count(*) FROM scan WHERE brand_id = $1 GROUP BY kind`, b.Brand)
		if err != nil {
			return err
		}
		var kind scan.Kind
		var n int
		_, err = pgx.ForEachRow(rows, []any{&kind, &n}, func() error {
			kinds[kind] = n
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}
