package guard_test

import (
	"context"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/shop"
)

func TestAFloodIsAnsweredWith429AndWhenToComeBack(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Unix(0, 0) }
	rate := guard.Rate{PerSecond: 0.1, Burst: 3}
	prove := func(_ context.Context, bearer string) (shop.Actor, error) {
		return shop.Actor{Brand: 1, Role: shop.RoleStaff, ID: shop.FloorID(time.UnixMilli(int64(len(bearer))))}, nil
	}
	b := setup(t, guard.Config{}, func(s *guard.Server) {
		s.App.Use("/address", guard.LimitAddress(guard.NewLimiter(rate, now)))
		s.App.Use("/identity", guard.Authenticate(prove), guard.LimitIdentity(guard.NewLimiter(rate, now)))
		routes(map[string]endpoint.Route{"GET /address": {Handler: endpoint.Handle(nothing)}, "GET /identity": {Handler: endpoint.Handle(nothing)}})(s)
	})
	for i := range 5 {
		want := 204
		if i >= 3 {
			want = 429
		}
		for _, got := range []answer{b.ask(t, "GET", "/address", ""), b.ask(t, "GET", "/identity", "", "Authorization", "Bearer a")} {
			if got.status != want {
				t.Errorf("request %d: %d", i, got.status)
			}
			if want == 429 && (got.problem(t).Code != "rate_limited" || got.header.Get("Retry-After") != "10") {
				t.Errorf("%s, Retry-After %q", got.body, got.header.Get("Retry-After"))
			}
		}
	}
	if got := b.ask(t, "GET", "/identity", "", "Authorization", "Bearer bb"); got.status != 204 {
		t.Errorf("somebody else at the same address: %d", got.status)
	}
}
