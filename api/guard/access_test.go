package guard_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/shop"
)

func TestTheAccessLineSaysWhoByHerPseudonymWhereAndWhatCameOfIt(t *testing.T) {
	t.Parallel()
	id, err := shop.ParseID("0190163d-8694-739b-aea5-966c26f8ad91")
	if err != nil {
		t.Fatal(err)
	}
	prove := func(context.Context, string) (shop.Actor, error) {
		return shop.Actor{Brand: 7, Role: shop.RoleStaff, ID: id}, nil
	}
	fail := func(context.Context, endpoint.None) (endpoint.None, error) {
		return endpoint.None{}, errors.New("broken")
	}
	refuse := func(context.Context, endpoint.None) (endpoint.None, error) { return endpoint.None{}, shop.ErrNotFound }
	staff := []shop.Role{shop.RoleStaff}
	b := setup(t, guard.Config{}, func(s *guard.Server) {
		s.App.Use("/v1", guard.Authenticate(prove))
		routes(map[string]endpoint.Route{
			"GET /v1/fine/{id}": {Roles: staff, Handler: endpoint.Handle(nothing)}, "GET /v1/fail/{id}": {Roles: staff, Handler: endpoint.Handle(fail)},
			"GET /v1/refuse/{id}": {Roles: staff, Handler: endpoint.Handle(refuse)}})(s)
	})
	for act, want := range map[string]struct {
		status  int
		outcome string
	}{"fine": {204, "ok"}, "refuse": {404, "refused"}, "fail": {500, "failed"}} {
		got := b.ask(t, "GET", "/v1/"+act+"/4711?q=4712", "", "Authorization", "Bearer t")
		lines := b.log.about(got.header.Get("X-Request-Id"))
		var line struct {
			Route, Actor, Outcome string
			Brand, Status         int
			MS                    *float64
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
			t.Fatal(err)
		}
		if line.Route != "/v1/"+act+"/{id}" || line.Actor != "staff:"+id.String() || line.Brand != 7 || line.Outcome != want.outcome || line.Status != want.status || line.MS == nil {
			t.Errorf("%s: %v", act, lines)
		}
	}
}
