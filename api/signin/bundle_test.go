package signin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/signin"
	"homestore/api/signin/localissuer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgrestest"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // noon in Taipei

const (
	amysPIN  = "482193"
	wrongPIN = "918273"
	password = "correct horse battery"
)

var appSecret = strings.Repeat("a", 43)

type bundle struct {
	postgrestest.Fixture
	t      *testing.T
	app    *fiber.App
	face   *signin.Face
	team   *team.Service
	system shop.Actor
	slug   string
	tablet team.Device
	secret string // the tablet's
	issuer *localissuer.Issuer
	log    bytes.Buffer

	mu      sync.Mutex
	at      time.Time
	members map[string]shop.ID
	proven  signin.Proven
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bundle) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

// Member makes a customer of whoever comes.
func (b *bundle) Member(_ context.Context, _ shop.BrandID, who signin.Proven) (shop.ID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proven = who
	id, ok := b.members[who.Issuer+who.Subject]
	if !ok {
		id = shop.NewID(noon)
		b.members[who.Issuer+who.Subject] = id
	}
	return id, nil
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := &bundle{t: t, at: noon, members: map[string]shop.ID{}}
	b.Fixture = postgrestest.Brand(t, pool)
	keys, err := signin.NewKeyring(strings.Repeat("s", 40))
	b.ok(err)
	b.team, err = team.New(pool, b.clock, team.Config{SealingKeys: keys.SealingKeys(), Hashing: team.Hashing{MemoryKiB: 64, Passes: 1}})
	b.ok(err)
	b.face = signin.New(signin.Config{Issuer: "https://api.example.test", Keys: keys, Team: b.team, Members: b, Now: b.clock})
	b.app = guard.New(guard.Config{Log: slog.New(slog.NewTextHandler(&b.log, nil))}).App
	b.app.Use(guard.Authenticate(b.face.Authenticate))
	endpoint.Mount(b.app, append(b.face.Routes(), whoAmI), endpoint.Frame{})

	b.system = shop.System(b.Brand)
	brand, err := b.team.BrandByID(t.Context(), b.Brand)
	b.ok(err)
	b.slug = brand.Slug
	b.ok(b.team.ResetPIN(t.Context(), b.system, b.Amy, amysPIN))
	_, code, err := b.team.EnrolDevice(t.Context(), b.system, b.S1, "tablet")
	b.ok(err)
	b.tablet, b.secret, err = b.team.RedeemEnrolment(t.Context(), b.slug, code)
	b.ok(err)
	return b
}

func (b *bundle) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// whoAmI is any route of any other face.
var whoAmI = endpoint.Route{
	Method: http.MethodGet, Path: "/v1/who", Operation: "whoAmI",
	Roles: []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleCustomer, shop.RoleIntegration},
	Handler: endpoint.Handle(func(ctx context.Context, _ endpoint.None) (shop.Actor, error) {
		return endpoint.Actor(ctx), nil
	}),
}

type answer struct {
	Status           int    `json:"-"`
	Raw              string `json:"-"`
	RetryAfter       string `json:"-"`
	Code             string `json:"code"`
	AccessToken      string `json:"access_token"`
	RefreshToken     string `json:"refresh_token"`
	DeviceSecret     string `json:"device_secret"`
	AccessExpiresAt  string `json:"access_expires_at"`
	RefreshExpiresAt string `json:"refresh_expires_at"`
	Actor            struct {
		ID      string   `json:"id"`
		Role    string   `json:"role"`
		StoreID string   `json:"store_id"`
		Stores  []string `json:"store_ids"`
	} `json:"actor"`
}

type object map[string]any

// call sends a body (nil: GET) and reads the answer.
func (b *bundle) call(path, bearer string, body any) answer {
	b.t.Helper()
	method, text := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		text, _ = json.Marshal(body)
	}
	if string(text) == "{}" {
		text = nil // a route that takes no body
	}
	request := httptest.NewRequest(method, path, bytes.NewReader(text))
	if len(text) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := b.app.Test(request, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	out := answer{Status: response.StatusCode, Raw: string(raw), RetryAfter: response.Header.Get("Retry-After")}
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &out)
	}
	return out
}

func (b *bundle) want(got answer, status int, code string) answer {
	b.t.Helper()
	if got.Status != status || got.Code != code {
		b.t.Fatalf("got %d %s, want %d %s", got.Status, got.Raw, status, code)
	}
	return got
}

func (b *bundle) signInAmy() answer {
	b.t.Helper()
	body := object{"brand": b.slug, "employee_no": "amy", "pin": amysPIN, "device_secret": b.secret}
	return b.want(b.call("/v1/sign-in/staff", "", body), 200, "")
}

func (b *bundle) refresh(token, secret string) answer {
	b.t.Helper()
	return b.call("/v1/sign-in/refresh", "", object{"refresh_token": token, "device_secret": secret})
}

// withLocalIssuer registers an issuer that gives tokens to whoever asks.
func (b *bundle) withLocalIssuer() {
	b.t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	b.t.Cleanup(server.Close)
	var err error
	b.issuer, err = localissuer.New(b.t.TempDir(), server.URL, b.clock)
	b.ok(err)
	handler = b.issuer.Handler()
	b.ok(b.team.AddIssuer(b.t.Context(), b.system, team.Issuer{
		Provider: "oidc", Issuer: b.issuer.Address(), Audience: localissuer.Audience, JWKSURL: b.issuer.JWKSURL(),
	}))
}
