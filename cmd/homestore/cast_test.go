package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"homestore/api"
	"homestore/api/contracttest"
	"homestore/api/guard"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

// cast is who and what the tests of the whole surface ask with and for: two brands, each with its people, on one Homestore
// that is reached over a socket, writes every level of its log, and refuses nobody for asking too often.
type cast struct {
	running
	house  *house
	local  string // where the local issuer and the local FCM are
	client http.Client

	xinyi   *castStore // of the first brand
	banqiao *castStore // of the first brand too
	abroad  *castStore // of the second brand; its codes and numbers are those of xinyi
	actors  []castActor
	made    atomic.Int64 // numbers what is made
}

// castStore is a shop with one of each who belong to it.
type castStore struct {
	brand    shop.BrandID
	slug     string
	store    shop.ID
	code     string
	clerk    castActor
	manager  castActor
	customer castActor // a member whose home store it is
	tablet   string    // the secret of its tablet
}

// castActor is somebody who asks. Whoever answers for the whole brand has no place.
type castActor struct {
	name  string
	role  shop.Role
	id    shop.ID
	token string
	brand shop.BrandID
	at    *castStore

	refresh string    // the token that continues the session
	seed    seedStaff // what she signs in with
}

// abroadSlug and abroadStore are of the second brand alone.
const (
	abroadSlug  = "rainyday"
	abroadStore = "HARBOUR"
	abroadStaff = "Z001"
)

// newCast starts a Homestore on a database of this test and brings everybody in. It takes some seconds, of PINs and passwords.
func newCast(t *testing.T) *cast {
	t.Helper()
	return newCastTraced(t, "")
}

// newCastTraced is newCast with traces sent to an endpoint.
func newCastTraced(t *testing.T, otlp string) *cast {
	t.Helper()
	owner, _ := postgrestest.DSNs(t)
	c := &cast{client: http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
	}}
	c.start(t, &database{ownerURL: owner, appURL: owner, scanURL: owner}, otlp)
	ours, theirs := c.seeds(t)
	first, second := c.seedBrand(t, ours), c.seedBrand(t, theirs)
	c.xinyi = c.open(t, ours, first, "XINYI")
	c.banqiao = c.open(t, ours, first, "BANQIAO")
	c.abroad = c.open(t, theirs, second, "XINYI")
	c.bringIn(t, ours, first)
	return c
}

// start runs the Homestore as serve does, and stops it with the test.
func (c *cast) start(t *testing.T, db *database, otlp string) {
	t.Helper()
	cfg, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Addr, cfg.LocalAddr, cfg.PrivateAddr = t.TempDir(), freeAddress(t), freeAddress(t), freeAddress(t)
	cfg.PublicURL, cfg.OTLPEndpoint = "http://"+cfg.Addr, otlp
	c.running, c.local = running{cfg: cfg, log: &lockedBuffer{}}, "http://"+cfg.LocalAddr
	log := slog.New(slog.NewJSONHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	local, err := startLocalServices(ctx, cfg, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	if c.house, err = newHouse(ctx, cfg, db, local.fcmEndpoint(), log); err != nil {
		t.Fatal(err)
	}
	c.house.rates = api.Rates{Address: unlimited, SignIn: unlimited, Webhooks: unlimited, Identity: unlimited}
	listener, err := guard.Listen(ctx, cfg.Addr)
	if err != nil {
		t.Fatal(err)
	}
	private, err := guard.Listen(ctx, cfg.PrivateAddr)
	if err != nil {
		t.Fatal(err)
	}
	stopPrivate := c.house.servePrivate(private)
	ended := make(chan error, 1)
	go func() { ended <- c.house.run(ctx, db, listener, true) }()
	c.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		stopPrivate()
		return errors.Join(err, c.house.close(), local.stop())
	})
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Error(err)
		}
	})
}

// seeds are the demo brand with a manager for its second shop, and another brand that is like it.
func (c *cast) seeds(t *testing.T) (ours, theirs seed) {
	t.Helper()
	ours, err := readSeed()
	if err != nil {
		t.Fatal(err)
	}
	ours.Staff = append(ours.Staff, seedStaff{No: "B000", Name: "高曼青", Email: "banqiao@clearday.example", Role: shop.RoleManager, Store: "BANQIAO", Password: "clear-day-demo-banqiao"})
	theirs, err = readSeed()
	if err != nil {
		t.Fatal(err)
	}
	theirs.Brand.Slug = abroadSlug
	theirs.Stores = append(theirs.Stores, theirs.Stores[0])
	theirs.Stores[len(theirs.Stores)-1].Code = abroadStore
	theirs.Staff = append(theirs.Staff, seedStaff{No: abroadStaff, Name: "海倫", Role: shop.RoleStaff, Store: abroadStore, PIN: "730164"})
	return ours, theirs
}

func (c *cast) seedBrand(t *testing.T, s seed) shop.BrandID {
	t.Helper()
	brand, err := c.house.seedBrandOf(t.Context(), s, c.cfg.PublicURL)
	if err == nil {
		err = c.house.teams.AddIssuer(t.Context(), shop.System(brand), localIssuer(c.cfg))
	}
	if err != nil {
		t.Fatal(err)
	}
	return brand
}

// open signs in the people of a shop.
func (c *cast) open(t *testing.T, s seed, brand shop.BrandID, code string) *castStore {
	t.Helper()
	p := &castStore{brand: brand, slug: s.Brand.Slug, store: c.storeOf(t, brand, code), code: code}
	_, p.tablet = c.enrol(t, p)
	p.clerk = c.signInClerk(t, p, personAt(s, shop.RoleStaff, code), p.tablet)
	p.manager = c.signInManager(t, p, personAt(s, shop.RoleManager, code))
	p.customer = c.signInCustomer(t, p)
	for _, who := range []castActor{p.clerk, p.manager} {
		c.ask(t, request{method: http.MethodPut, url: c.cfg.PublicURL + "/v1/staff/me/tags/" + p.store.String(), token: who.token})
	}
	p.clerk.at, p.manager.at, p.customer.at = p, p, p
	return p
}

// bringIn names everybody as the matrix of quality.md (A2) does, seen from the first brand's Xinyi shop.
func (c *cast) bringIn(t *testing.T, s seed, brand shop.BrandID) {
	t.Helper()
	as := func(name string, who castActor) castActor { who.name = name; return who }
	lost, secret := c.enrol(t, c.xinyi)
	revoked := c.signInClerk(t, c.xinyi, personAt(s, shop.RoleStaff, "XINYI"), secret)
	if err := c.house.teams.RevokeDevice(t.Context(), shop.System(brand), lost); err != nil {
		t.Fatal(err)
	}
	revoked.at = c.xinyi
	c.actors = []castActor{
		{name: "anonymous"},
		as("customer", c.xinyi.customer),
		as("other customer", c.banqiao.customer),
		as("staff", c.xinyi.clerk),
		as("staff of another store", c.banqiao.clerk),
		as("staff of another brand", c.abroad.clerk),
		as("manager", c.xinyi.manager),
		as("manager of another store", c.banqiao.manager),
		as("revoked device", revoked),
		as("integration key", c.integrationKey(t, brand, "orders:write", "catalogue:write", "customers:write", "inbox:read", "inbox:write")),
		as("integration key without scopes", c.integrationKey(t, brand)),
		as("hq", c.signInManager(t, c.xinyi, personAt(s, shop.RoleHQ, ""))),
		as("finance", c.signInManager(t, c.xinyi, personAt(s, shop.RoleFinance, ""))),
	}
}

// who is the actor of a name.
func (c *cast) who(name string) castActor {
	return c.actors[slices.IndexFunc(c.actors, func(a castActor) bool { return a.name == name })]
}

// request is one question. Body is JSON, or bytes as they are.
type request struct {
	method, url, token string
	body               any
	header             http.Header
	isUnpromised       bool // of no operation: what comes back is not held against the contract
}

// ask sends it as a phone and holds what comes back against the contract, unless it is of the local services.
func (c *cast) ask(t *testing.T, r request) answered {
	t.Helper()
	body, isRaw := r.body.([]byte)
	if !isRaw && r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, r.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", phone)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := c.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if req.URL.Host == c.cfg.Addr && !r.isUnpromised {
		resp.Body = io.NopCloser(bytes.NewReader(b))
		contracttest.Check(t, req, resp)
	}
	return answered{resp.StatusCode, resp.Header, string(b)}
}

// into reads an answer that must be a success.
func (a answered) into(t *testing.T, out any) {
	t.Helper()
	if a.status >= http.StatusBadRequest {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), out); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}
