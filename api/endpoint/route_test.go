package endpoint_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

func nothing(context.Context, endpoint.None) (endpoint.None, error) { return endpoint.None{}, nil }

func TestARouteIsForItsRolesOnly(t *testing.T) {
	t.Parallel()
	handler := endpoint.Handle(nothing)
	base := serve(t, endpoint.Frame{},
		endpoint.Route{Method: "GET", Path: "/public", Operation: "a", Public: true, Handler: handler},
		endpoint.Route{Method: "GET", Path: "/staff", Operation: "b", Roles: []shop.Role{shop.RoleStaff}, Handler: handler},
		endpoint.Route{Method: "GET", Path: "/orders", Operation: "c", Roles: []shop.Role{shop.RoleHQ, shop.RoleIntegration}, Scope: "orders", Handler: handler},
	)
	tests := []struct {
		path, authorization string
		status              int
		code                string
		why                 string
	}{
		{"/public", "", 204, "", "anybody"},
		{"/public", "Bearer old", 204, "", "a token that has died does not close a public door: it is where one renews it"},
		{"/staff", "Bearer amy", 204, "", "one of its roles"},
		{"/staff", "bearer amy", 204, "", "schemes have no case"},
		{"/staff", "", 401, "unauthenticated", "nobody"},
		{"/staff", "Bearer old", 401, "token_expired", "the reason that sign-in gave"},
		{"/staff", "Basic YW15OjE=", 401, "unauthenticated", "another scheme"},
		{"/staff", "Bearer hq", 403, "forbidden", "somebody else"},
		{"/orders", "Bearer pos", 204, "", "an integration with the scope"},
		{"/orders", "Bearer erp", 403, "scope_missing", "an integration without"},
		{"/orders", "Bearer hq", 204, "", "people have no scopes"},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.why, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if tt.authorization != "" {
				headers = []string{"Authorization", tt.authorization}
			}
			got := ask(t, http.MethodGet, base+tt.path, "", headers...)
			if got.status != tt.status {
				t.Fatalf("%d %s, want %d", got.status, got.body, tt.status)
			}
			if tt.code != "" && got.problem(t).Code != tt.code {
				t.Errorf("%s, want %s", got.body, tt.code)
			}
			if names := got.header.Get("WWW-Authenticate") != ""; names != (tt.status == 401) {
				t.Errorf("WWW-Authenticate %q on %d", got.header.Get("WWW-Authenticate"), got.status)
			}
		})
	}
}

func TestAHandlerHasADeadline(t *testing.T) {
	t.Parallel()
	wait := func(ctx context.Context, _ endpoint.None) (endpoint.None, error) {
		<-ctx.Done()
		return endpoint.None{}, ctx.Err()
	}
	base := serve(t, endpoint.Frame{Deadline: 50 * time.Millisecond},
		endpoint.Route{Method: "GET", Path: "/slow", Operation: "a", Public: true, Handler: endpoint.Handle(wait)})
	got := ask(t, http.MethodGet, base+"/slow", "")
	if got.status != 503 || got.problem(t).Code != "deadline_exceeded" || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestTheHandlerKnowsTheCaller(t *testing.T) {
	t.Parallel()
	type who struct {
		Language  shop.Language `json:"language"`
		Actor     string        `json:"actor"`
		RequestID string        `json:"request_id"`
		Local     bool          `json:"local"`
	}
	tell := func(ctx context.Context, _ endpoint.None) (who, error) {
		return who{endpoint.Language(ctx), endpoint.Actor(ctx).Pseudonym(), endpoint.RequestID(ctx), endpoint.Address(ctx).IsLoopback()}, nil
	}
	base := serve(t, endpoint.Frame{},
		endpoint.Route{Method: "GET", Path: "/me", Operation: "a", Roles: []shop.Role{shop.RoleStaff}, Handler: endpoint.Handle(tell)})
	for header, want := range map[string]shop.Language{"": "zh-TW", "en-GB,en;q=0.8": "en", "zh-HK": "zh-TW", "fr, en;q=0.5": "en", "de": "zh-TW"} {
		got := ask(t, http.MethodGet, base+"/me", "", "Authorization", "Bearer amy", "Accept-Language", header, "X-Request-Id", "feed-0123456789ab")
		expect := `{"language":"` + string(want) + `","actor":"` + amy.Pseudonym() + `","request_id":"feed-0123456789ab","local":true}`
		if string(got.body) != expect {
			t.Errorf("%q: %s, want %s", header, got.body, expect)
		}
	}
}

func TestTheStatusOfSuccessFollowsTheRoute(t *testing.T) {
	t.Parallel()
	made := func(context.Context, endpoint.None) (map[string]int, error) { return map[string]int{"n": 1}, nil }
	base := serve(t, endpoint.Frame{},
		endpoint.Route{Method: "GET", Path: "/plain", Operation: "a", Public: true, Handler: endpoint.Handle(made)},
		endpoint.Route{Method: "POST", Path: "/accepted", Operation: "b", Public: true, Answers: 202, Handler: endpoint.Handle(made)},
		endpoint.Route{Method: "DELETE", Path: "/none", Operation: "c", Public: true, Handler: endpoint.Handle(nothing)})
	for _, tt := range []struct {
		method, path string
		status       int
	}{{"GET", "/plain", 200}, {"POST", "/accepted", 202}, {"DELETE", "/none", 204}} {
		if got := ask(t, tt.method, base+tt.path, ""); got.status != tt.status {
			t.Errorf("%s: %d, want %d", tt.path, got.status, tt.status)
		}
	}
}

func TestARouteThatForgotWhoMayCallDoesNotStart(t *testing.T) {
	t.Parallel()
	handler := endpoint.Handle(nothing)
	staff := []shop.Role{shop.RoleStaff}
	for why, route := range map[string]endpoint.Route{
		"neither roles nor public":      {Method: "GET", Path: "/a", Operation: "a", Handler: handler},
		"both":                          {Method: "GET", Path: "/a", Operation: "a", Roles: staff, Public: true, Handler: handler},
		"creates for anybody":           {Method: "POST", Path: "/a", Operation: "a", Public: true, Creates: true, Handler: handler},
		"creates without kept keys":     {Method: "POST", Path: "/a", Operation: "a", Roles: staff, Creates: true, Handler: handler},
		"a scope nobody can carry":      {Method: "GET", Path: "/a", Operation: "a", Roles: staff, Scope: "orders", Handler: handler},
		"no name in the contract":       {Method: "GET", Path: "/a", Roles: staff, Handler: handler},
		"a path in the router's tongue": {Method: "GET", Path: "/a/:id", Operation: "a", Roles: staff, Handler: handler},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("it was mounted")
				}
			}()
			serve(t, endpoint.Frame{}, route)
		})
	}
}

func TestErrorsOfOursSayNothing(t *testing.T) {
	t.Parallel()
	fail := func(context.Context, endpoint.None) (endpoint.None, error) {
		return endpoint.None{}, errors.New("dial tcp 10.0.0.7: password of homestore_app is hunter2")
	}
	base := serve(t, endpoint.Frame{}, endpoint.Route{Method: "GET", Path: "/x", Operation: "a", Public: true, Handler: endpoint.Handle(fail)})
	got := ask(t, http.MethodGet, base+"/x", "")
	p := got.problem(t)
	if got.status != 500 || p.Code != "internal" || p.RequestID != got.header.Get("X-Request-Id") || p.RequestID == "" {
		t.Errorf("%d %s", got.status, got.body)
	}
	for _, secret := range []string{"10.0.0.7", "hunter2", "dial"} {
		if strings.Contains(string(got.body), secret) {
			t.Errorf("%s says %s", got.body, secret)
		}
	}
}
