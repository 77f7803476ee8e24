package guard_test

import (
	"context"
	"testing"

	"homestore/api/endpoint"
	"homestore/api/guard"
)

func TestOnlyATrustedProxySaysWhereARequestComesFrom(t *testing.T) {
	t.Parallel()
	tell := func(ctx context.Context, _ endpoint.None) (string, error) { return endpoint.Address(ctx).String(), nil }
	mounted := routes(map[string]endpoint.Route{"GET /from": {Handler: endpoint.Handle(tell)}})
	direct := setup(t, guard.Config{}, mounted)
	proxied := setup(t, guard.Config{TrustedProxies: []string{"127.0.0.0/8"}}, mounted)
	tests := []struct {
		b       *bundle
		headers []string
		want    string
		why     string
	}{
		{direct, []string{"X-Real-Ip", "203.0.113.9"}, `"127.0.0.1"`, "nobody is trusted by default"},
		{direct, []string{"X-Forwarded-For", "203.0.113.9"}, `"127.0.0.1"`, "whatever the header"},
		{proxied, []string{"X-Real-Ip", "203.0.113.9"}, `"203.0.113.9"`, "the proxy's word"},
		{proxied, []string{"X-Real-Ip", "::ffff:203.0.113.9"}, `"203.0.113.9"`, "one address, one spelling"},
		{proxied, []string{"X-Forwarded-For", "203.0.113.9"}, `"127.0.0.1"`, "the client writes this one"},
		{proxied, []string{"X-Real-Ip", "nonsense"}, `"127.0.0.1"`, "not an address"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := tt.b.ask(t, "GET", "/from", "", tt.headers...); got.body != tt.want {
				t.Errorf("%s, want %s", got.body, tt.want)
			}
		})
	}
}
