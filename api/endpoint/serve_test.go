package endpoint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/problem"
	"homestore/clienteling/shop"
)

// amy is who asks when a test sends the token "amy".
var amy = shop.Actor{Brand: 1, Role: shop.RoleStaff, ID: shop.NewID(time.Now())}

// actors are the tokens that the test server knows.
var actors = map[string]shop.Actor{
	"amy": amy,
	"hq":  {Brand: 1, Role: shop.RoleHQ, ID: shop.NewID(time.Now())},
	"pos": {Brand: 1, Role: shop.RoleIntegration, ID: shop.NewID(time.Now()), Scopes: []string{"orders"}},
	"erp": {Brand: 1, Role: shop.RoleIntegration, ID: shop.NewID(time.Now()), Scopes: []string{"stock"}},
}

var errTokenExpired = shop.Refuse(shop.Unauthenticated, "token_expired", "Renew the access token.")

func prove(_ context.Context, bearer string) (shop.Actor, error) {
	if actor, ok := actors[bearer]; ok {
		return actor, nil
	}
	return shop.Actor{}, errTokenExpired
}

// serve answers the routes on a real socket until the test ends.
func serve(t *testing.T, frame endpoint.Frame, routes ...endpoint.Route) (base string) {
	t.Helper()
	server := guard.New(guard.Config{Log: slog.New(slog.DiscardHandler), DrainFor: time.Millisecond})
	server.App.Use(guard.Authenticate(prove))
	frame.Fail = server.Fail
	endpoint.Mount(server.App, routes, frame)
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

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem(t *testing.T) problem.Problem {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != problem.ContentType {
		t.Errorf("content type of %s is %q", a.body, got)
	}
	var p problem.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return p
}

// ask sends a request; headers are name, value pairs. A body goes as JSON unless a header says otherwise.
func ask(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: bytes.TrimSpace(read)}
}

func post(path string, h endpoint.Route) endpoint.Route {
	h.Method, h.Path, h.Operation = http.MethodPost, path, "test"
	h.Public = len(h.Roles) == 0
	return h
}
