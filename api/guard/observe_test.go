package guard_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"homestore/api/endpoint"
	"homestore/api/guard"
)

func TestEveryAnswerIsObservedOnceByWhatNobodyCanInvent(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []guard.Answered
	observe := func(a guard.Answered) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, a)
	}
	fail := func(context.Context, endpoint.None) (endpoint.None, error) {
		return endpoint.None{}, errors.New("broken")
	}
	b := setup(t, guard.Config{Observe: observe}, routes(map[string]endpoint.Route{
		"GET /here/{name}": {Handler: endpoint.Handle(nothing)}, "POST /fail": {Handler: endpoint.Handle(fail)}}))
	tests := []struct {
		raw  string
		want guard.Answered
		why  string
	}{
		{"GET /here/amy?q=1 HTTP/1.1\r\nHost: t\r\n\r\n", guard.Answered{Method: "GET", Route: "/here/{name}", Status: 204}, "the template, not the path"},
		{"POST /fail HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n", guard.Answered{Method: "POST", Route: "/fail", Status: 500}, "the status that the caller got"},
		{"GET /invented HTTP/1.1\r\nHost: t\r\n\r\n", guard.Answered{Method: "GET", Route: "unmatched", Status: 404}, "an invented path"},
		{"POST /here/amy HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n", guard.Answered{Method: "POST", Route: "unmatched", Status: 405}, "another method"},
		{"BREW /here/amy HTTP/1.1\r\nHost: t\r\n\r\n", guard.Answered{Method: "unknown", Route: "unmatched", Status: 405}, "an invented method"},
		{"nonsense\r\n\r\n", guard.Answered{Method: "GET", Route: "unmatched", Status: 400}, "what is not HTTP counts as what the server takes it for"},
	}
	for i, tt := range tests {
		b.send(t, tt.raw)
		mu.Lock()
		if len(seen) != i+1 {
			t.Fatalf("%s: observed %v", tt.why, seen)
		}
		got := seen[i]
		mu.Unlock()
		if got.Took < 0 || got.Status == http.StatusNoContent && got.Took == 0 {
			t.Errorf("%s: took %s", tt.why, got.Took)
		}
		if got.Took = 0; got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.why, got, tt.want)
		}
	}
}

func TestARequestIsASpanOfTheTraceThatItsCallerNames(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	var inHandler trace.SpanContext
	here := func(ctx context.Context, _ endpoint.None) (endpoint.None, error) {
		inHandler = trace.SpanContextFromContext(ctx)
		return endpoint.None{}, nil
	}
	b := setup(t, guard.Config{Tracer: provider.Tracer("test")}, func(s *guard.Server) {
		routes(map[string]endpoint.Route{"GET /here/{name}": {Handler: endpoint.Handle(here)}})(s)
		endpoint.Mount(s.App, s.HealthRoutes(), endpoint.Frame{})
	})
	const traceID, parentID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	got := b.ask(t, "GET", "/here/amy?q=0912345678", "", "traceparent", "00-"+traceID+"-"+parentID+"-01", "tracestate", "her=0912345678")
	b.ask(t, "GET", "/here/amy", "", "traceparent", "00-nonsense-01")
	b.ask(t, "GET", "/readyz", "")
	all := spans.GetSpans()
	if len(all) != 2 {
		t.Fatalf("%d spans, of which probes make none: %v", len(all), all)
	}
	first := all[0]
	if first.Name != "GET /here/{name}" || first.SpanContext.TraceID().String() != traceID || first.Parent.SpanID().String() != parentID {
		t.Errorf("%s in %s under %s", first.Name, first.SpanContext.TraceID(), first.Parent.SpanID())
	}
	if !inHandler.TraceID().IsValid() || inHandler.TraceState().Len() > 0 || first.SpanContext.TraceState().Len() > 0 {
		t.Errorf("the handler has %v; a tracestate is not passed on", inHandler)
	}
	var id string
	for _, a := range first.Attributes {
		if a.Key == "homestore.request_id" {
			id = a.Value.AsString()
		}
	}
	if id == "" || id != got.header.Get("X-Request-Id") {
		t.Errorf("request id %q, answered %q", id, got.header.Get("X-Request-Id"))
	}
	if second := all[1]; second.Parent.IsValid() || !second.SpanContext.TraceID().IsValid() {
		t.Errorf("without a caller's trace it has its own: %v", second.SpanContext)
	}
}
