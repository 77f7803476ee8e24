package signin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
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

func TestStaffSignsInOnATabletThatAManagerEnrolled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, code, err := b.team.EnrolDevice(t.Context(), b.system, b.S2, "second tablet")
	b.ok(err)
	device := b.want(b.call("/v1/sign-in/device", "", object{"brand": b.slug, "code": code}), 200, "")
	in := b.want(b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": "amy", "pin": amysPIN, "device_secret": device.DeviceSecret}), 200, "")
	if in.Actor.ID != b.Amy.String() || in.Actor.Role != "staff" || in.Actor.StoreID != b.S2.String() || len(in.Actor.Stores) != 1 || in.Actor.Stores[0] != b.S1.String() {
		t.Errorf("%s", in.Raw)
	}
	b.want(b.call("/v1/who", in.AccessToken, nil), 200, "")
	b.want(b.call("/v1/sign-in/device", "", object{"brand": b.slug, "code": code}), 401, "enrolment_code_invalid")
	b.want(b.call("/v1/who", "", nil), 401, "unauthenticated")
	b.want(b.call("/v1/who", "made up", nil), 401, "token_invalid")
	b.want(b.call("/v1/who", in.RefreshToken, nil), 401, "token_invalid")
}

func TestA7UnknownNumberAndWrongPINAreOneAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	try := func(number, pin string) answer {
		a := b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": number, "pin": pin, "device_secret": b.secret})
		at := strings.Index(a.Raw, `"request_id"`)
		a.Raw = a.Raw[:at]
		return a
	}
	for n := range 8 {
		known, unknown := try("amy", wrongPIN), try("ghost", wrongPIN)
		if !reflect.DeepEqual(known, unknown) {
			t.Errorf("try %d: %+v\n%+v", n, known, unknown)
		}
		if want := map[bool]int{true: 401, false: 429}[n < 5]; known.Status != want {
			t.Errorf("try %d: %d, want %d", n, known.Status, want)
		}
	}
	b.want(b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": "amy", "pin": amysPIN, "device_secret": "hs_device_none"}), 401, "device_not_enrolled")
}

func TestA5TwentyParallelRefreshesGiveOneNewToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.later(time.Minute)
	var mu sync.Mutex
	given := map[string]int{}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			out := b.refresh(in.RefreshToken, b.secret)
			mu.Lock()
			defer mu.Unlock()
			given[out.Raw]++
		})
	}
	all.Wait()
	if len(given) != 1 {
		t.Errorf("%d different answers to 20 refreshes: %v", len(given), given)
	}
}

func TestA5RetryWithinTenSecondsGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.later(time.Minute)
	first := b.want(b.refresh(in.RefreshToken, b.secret), 200, "")
	b.later(10 * time.Second)
	if again := b.refresh(in.RefreshToken, b.secret); again.Raw != first.Raw {
		t.Errorf("the retry got\n%s\ninstead of\n%s", again.Raw, first.Raw)
	}
	b.want(b.call("/v1/who", first.AccessToken, nil), 200, "")
	b.want(b.refresh(first.RefreshToken, b.secret), 200, "")
}

func TestA5ReuseOfAnOldTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	for why, reuse := range map[string]func(b *bundle, old answer) answer{
		"after the retry window": func(b *bundle, old answer) answer {
			b.later(11 * time.Second)
			return b.refresh(old.RefreshToken, b.secret)
		},
		"by another app, at once": func(b *bundle, old answer) answer { return b.refresh(old.RefreshToken, appSecret) },
	} {
		b := setup(t)
		old := b.signInAmy()
		fresh := b.want(b.refresh(old.RefreshToken, b.secret), 200, "")
		b.want(b.call("/v1/who", fresh.AccessToken, nil), 200, "")
		b.want(reuse(b, old), 401, "refresh_token_reused")
		b.want(b.refresh(fresh.RefreshToken, b.secret), 401, "session_over")
		b.later(5 * time.Second)
		if got := b.call("/v1/who", fresh.AccessToken, nil); got.Code != "session_over" {
			t.Errorf("%s: the access token still works: %s", why, got.Raw)
		}
	}
}

func TestA8RevocationWorksWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		revoke func(ctx context.Context, b *bundle) error
		code   string
	}{
		"device": {func(ctx context.Context, b *bundle) error { return b.team.RevokeDevice(ctx, b.system, b.tablet.ID) }, "session_over"},
		"person": {func(ctx context.Context, b *bundle) error { return b.team.RevokeStaff(ctx, b.system, b.Amy) }, "session_over"},
		"PIN":    {func(ctx context.Context, b *bundle) error { return b.team.ResetPIN(ctx, b.system, b.Amy, "719284") }, "session_over"},
	} {
		b := setup(t)
		in := b.signInAmy()
		b.want(b.call("/v1/who", in.AccessToken, nil), 200, "") // now it is remembered
		b.ok(c.revoke(t.Context(), b))
		b.later(5 * time.Second)
		if got := b.call("/v1/who", in.AccessToken, nil); got.Status != 401 || got.Code != c.code {
			t.Errorf("%s: five seconds later: %s", why, got.Raw)
		}
		if got := b.refresh(in.RefreshToken, b.secret); got.Status != 401 {
			t.Errorf("%s: refreshed: %s", why, got.Raw)
		}
	}
}

func TestA8NewAssignmentCountsWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.want(b.call("/v1/who", in.AccessToken, nil), 200, "")
	_, err := b.team.Assign(t.Context(), b.system, team.Assignment{Staff: b.Amy, Store: b.S2, Role: shop.RoleManager, From: noon})
	b.ok(err)
	b.later(5 * time.Second)
	actor, err := b.face.Authenticate(t.Context(), in.AccessToken)
	b.ok(err)
	if actor.Role != shop.RoleManager || !actor.WorksAt(b.S2) || actor.WorksAt(b.S1) {
		t.Errorf("%+v", actor)
	}
}

func TestA8SignedOutIsOutAndAKeyThatWasRevokedIsDead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.want(b.call("/v1/sign-in/out", in.AccessToken, object{}), 204, "")
	key, text, err := b.team.AddIntegrationKey(t.Context(), b.system, team.NewIntegration{Name: "ERP", Platform: team.PlatformAPI, Scopes: []string{"orders:write"}})
	b.ok(err)
	b.want(b.call("/v1/who", text, nil), 200, "")
	b.ok(b.team.RevokeIntegrationKey(t.Context(), b.system, key.ID))
	b.later(5 * time.Second)
	b.want(b.call("/v1/who", in.AccessToken, nil), 401, "session_over")
	b.want(b.refresh(in.RefreshToken, b.secret), 401, "session_over")
	b.want(b.call("/v1/who", text, nil), 401, "api_key_invalid")
}

func TestManagerSignsInWithPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.team.AddStaff(t.Context(), b.system, team.NewStaff{EmployeeNo: "hq", Name: "總部", Email: "hq@example.test", BrandRole: shop.RoleHQ, Password: password})
	b.ok(err)
	body := object{"brand": b.slug, "email": "HQ@example.test", "password": password, "device_secret": appSecret}
	in := b.want(b.call("/v1/sign-in/manager", "", body), 200, "")
	if in.Actor.Role != "hq" {
		t.Errorf("%s", in.Raw)
	}
	b.want(b.refresh(in.RefreshToken, appSecret), 200, "")
	b.want(b.call("/v1/sign-in/manager", "", object{"brand": b.slug, "email": "hq@example.test", "password": "wrong", "device_secret": appSecret}), 401, "sign_in_refused")
	b.want(b.call("/v1/sign-in/manager", "", object{"brand": "nobody", "email": "hq@example.test", "password": password, "device_secret": appSecret}), 401, "sign_in_refused")
	b.want(b.call("/v1/sign-in/manager", "", object{"brand": b.slug, "device_secret": "short"}), 422, "fields_invalid")
	body["role"] = "hq"
	if got := b.call("/v1/sign-in/manager", "", body); got.Status != 400 {
		t.Errorf("a role in the body: %d %s", got.Status, got.Raw)
	}
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

func TestCustomerSignsInWithATokenOfTheBrandsIssuer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.withLocalIssuer()
	token, err := b.issuer.Token(localissuer.Person{Subject: "may", Phone: "+886912345678", Name: "林美"})
	b.ok(err)
	body := object{"brand": b.slug, "provider": "oidc", "id_token": token, "device_secret": appSecret}
	in := b.want(b.call("/v1/sign-in/customer", "", body), 200, "")
	if in.Actor.Role != "customer" || b.proven.Phone != "+886912345678" || b.proven.Subject != "may" || b.proven.Issuer != b.issuer.Address() {
		t.Errorf("%s %+v", in.Raw, b.proven)
	}
	if again := b.want(b.call("/v1/sign-in/customer", "", body), 200, ""); again.Actor.ID != in.Actor.ID || again.RefreshToken == in.RefreshToken {
		t.Errorf("signed in again: %s", again.Raw)
	}
	b.later(59 * 24 * time.Hour)
	b.want(b.refresh(in.RefreshToken, appSecret), 200, "")
	b.want(b.call("/v1/sign-in/customer", "", body), 401, "id_token_invalid") // the ID token has expired
	body["provider"] = "firebase"
	b.want(b.call("/v1/sign-in/customer", "", body), 401, "id_token_invalid")
	body["brand"] = "nobody"
	b.want(b.call("/v1/sign-in/customer", "", body), 401, "id_token_invalid")
}

func TestKeysArePublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.call("/.well-known/jwks.json", "", nil); got.Status != 200 || !strings.Contains(got.Raw, `"crv":"Ed25519"`) || strings.Contains(got.Raw, `"d"`) {
		t.Errorf("%s", got.Raw)
	}
}

func TestA9SecretsAndNamesAreInNoAnswerAndNoLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.withLocalIssuer()
	token, err := b.issuer.Token(localissuer.Person{Subject: "canary-sub", Phone: "+886912345678", Name: "金絲雀"})
	b.ok(err)
	canaries := []string{"canary-no", "918273", "canary@example.test", "canary words of a password", "canary-sub", "+886912345678", "金絲雀", token}
	for _, a := range []answer{
		b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": "canary-no", "pin": "918273", "device_secret": b.secret}),
		b.call("/v1/sign-in/manager", "", object{"brand": b.slug, "email": "canary@example.test", "password": "canary words of a password", "device_secret": appSecret}),
		b.call("/v1/sign-in/customer", "", object{"brand": b.slug, "provider": "oidc", "id_token": token + "x", "device_secret": appSecret}),
		b.call("/v1/sign-in/customer", "", object{"brand": b.slug, "provider": "oidc", "id_token": token, "device_secret": appSecret}),
		b.call("/v1/sign-in/refresh", "", object{"refresh_token": token, "device_secret": appSecret}),
		b.call("/v1/who", token, nil),
	} {
		for _, canary := range canaries {
			if strings.Contains(a.Raw, canary) {
				t.Errorf("%q is in an answer: %s", canary, a.Raw)
			}
		}
	}
	for _, canary := range append(canaries, b.secret, appSecret) {
		if strings.Contains(b.log.String(), canary) {
			t.Errorf("%q is in the log", canary)
		}
	}
}
