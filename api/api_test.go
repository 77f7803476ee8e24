package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/api"
	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/shop"
)

// ping is a face with one route for each kind of path.
type ping struct{}

func (ping) Routes() []endpoint.Route {
	pong := endpoint.Handle(func(context.Context, endpoint.None) (endpoint.None, error) { return endpoint.None{}, nil })
	return []endpoint.Route{
		{Method: http.MethodGet, Path: "/q/{code}", Operation: "scan", Public: true, Handler: pong},
		{Method: http.MethodPost, Path: "/v1/sign-in/staff", Operation: "signIn", Public: true, Handler: pong},
		{Method: http.MethodPost, Path: "/v1/integrations/shopify/webhooks", Operation: "hook", Public: true, Handler: pong},
		{Method: http.MethodGet, Path: "/v1/manager/ping", Operation: "ping", Roles: []shop.Role{shop.RoleHQ}, Handler: pong},
	}
}

func prove(_ context.Context, bearer string) (shop.Actor, error) {
	return shop.Actor{Brand: 1, Role: shop.RoleHQ, ID: shop.ID{bearer[0]}}, nil
}

func serve(t *testing.T, rates api.Rates) (base string) {
	t.Helper()
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	server := api.New(api.Parts{
		Config: guard.Config{Log: slog.New(slog.DiscardHandler), DrainFor: time.Millisecond},
		Rates:  rates, Prove: prove, Faces: []api.Face{ping{}}, Now: func() time.Time { return at },
	})
	ctx, stop := context.WithCancel(t.Context())
	listener, err := guard.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

func status(t *testing.T, method, url, bearer string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestEachKindOfPathHasItsOwnLimit(t *testing.T) {
	t.Parallel()
	one := func(burst int) guard.Rate { return guard.Rate{PerSecond: 0.001, Burst: burst} }
	base := serve(t, api.Rates{Address: one(3), SignIn: one(1), Webhooks: one(2), Identity: one(1)})
	steps := []struct {
		method, path, bearer string
		want                 int
		why                  string
	}{
		{"POST", "/v1/sign-in/staff", "", 204, "the first guess"},
		{"POST", "/v1/sign-in/staff", "", 429, "the second"},
		{"POST", "/v1/integrations/shopify/webhooks", "", 204, "a platform has a bucket of its own"},
		{"POST", "/v1/integrations/shopify/webhooks", "", 204, "a larger one"},
		{"POST", "/v1/integrations/shopify/webhooks", "", 429, "with an end"},
		{"GET", "/v1/manager/ping", "amy", 204, "one address, one of three"},
		{"GET", "/v1/manager/ping", "amy", 429, "and amy's own is used up"},
		{"GET", "/v1/manager/ping", "ben", 204, "ben has his own"},
		{"GET", "/q/x", "", 429, "the address has had three"},
		{"GET", "/livez", "", 200, "a probe is never refused"},
		{"GET", "/readyz", "", 200, "neither this one"},
	}
	for _, s := range steps {
		if got := status(t, s.method, base+s.path, s.bearer); got != s.want {
			t.Errorf("%s: %d, want %d", s.why, got, s.want)
		}
	}
}

func TestDefaultRatesLetACrowdThrough(t *testing.T) {
	t.Parallel()
	base := serve(t, api.Rates{})
	refused := 0
	for range 60 {
		if status(t, http.MethodGet, base+"/v1/manager/ping", "amy") == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 20 {
		t.Errorf("%d of 60 requests of one person were refused, want all after 40", refused)
	}
}
