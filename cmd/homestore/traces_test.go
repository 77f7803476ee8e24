package main

import (
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	otelcodes "go.opentelemetry.io/otel/codes"
	collected "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"homestore/migrations/postgres"
)

// receiver takes traces as a collector does: OTLP over HTTP, in protobuf.
type receiver struct {
	address string

	mu    sync.Mutex
	texts []string // each request as text, to be searched
	spans map[string]*otlp.Span
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{spans: map[string]*otlp.Span{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", r.take)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r.address = server.URL
	return r
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var sent collected.ExportTraceServiceRequest
	if err != nil || req.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(r.texts, sent.String())
	for _, resource := range sent.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				r.spans[string(span.GetSpanId())] = span
			}
		}
	}
}

// above are the names of a span and of those above it, the span's own last.
func (r *receiver) above(span *otlp.Span) (names []string) {
	for ; span != nil; span = r.spans[string(span.GetParentSpanId())] {
		names = append(names, span.GetName())
	}
	slices.Reverse(names)
	return names
}

// has says whether some span has, above it, spans of these names in this sequence, with or without others between, and is the last.
func (r *receiver) has(chain ...string) bool {
	for _, span := range r.spans {
		names, want := r.above(span), chain
		if names[len(names)-1] != chain[len(chain)-1] {
			continue
		}
		for _, name := range names {
			if len(want) > 0 && name == want[0] {
				want = want[1:]
			}
		}
		if len(want) == 0 {
			return true
		}
	}
	return false
}

const tracedOrder = `{"id": 4711, "created_at": "2026-11-01T09:00:00Z", "processed_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-01T09:00:00Z",
	"currency": "TWD", "taxes_included": true, "source_name": "web", "financial_status": "paid",
	"customer": {"id": 42, "email": "canary@example.com", "verified_email": true, "phone": "0912345678"},
	"line_items": [{"id": 1, "sku": "SOFA", "title": "canary", "quantity": 1, "price": "1200.00", "total_discount": "0.00"}]}`

// choresDone is how many chores of the timetable the queue has behind it.
func choresDone(t *testing.T, db *database) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'chore' AND state = 'completed'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// One trace leads from a caller's request to all that followed: an order's statements, an offer's message to a phone. And nothing
// in any of it is hers.
func TestA9ATraceFollowsFromARequestToAllThatCameOfIt(t *testing.T) {
	t.Parallel()
	to := startReceiver(t)
	db, err := throwawayDatabase(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.stop() })
	r := runHomestoreOn(t, db, func(cfg *Config) { cfg.OTLPEndpoint = to.address })
	if err := playJourney(t.Context(), r.cfg.PublicURL, "http://"+r.cfg.LocalAddr, io.Discard, nil); err != nil {
		t.Fatal(err)
	}
	const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	hq := r.signInHQ(t)
	r.connectShopify(t, hq, "a secret of the shop's own")
	if status := r.deliver(t, "w1", "orders/create", "a secret of the shop's own", []byte(tracedOrder), "traceparent", "00-"+traceID+"-00f067aa0ba902b7-01"); status != http.StatusOK {
		t.Fatalf("webhook: %d", status)
	}
	until(t, "the order is taken", func() bool { return r.inbox(t, hq)["orders/create"] == "applied" })
	until(t, "a chore is done", func() bool { return choresDone(t, db) > 0 })
	r.scrape(t).must(t, 1, "homestore_fcm_send_duration_seconds", "verdict", "sent")
	scraped := ask(t, "http://"+r.cfg.PrivateAddr+"/metrics").body
	if err := r.stop(); err != nil { // which sends what is left
		t.Fatal(err)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	for why, chain := range map[string][]string{
		"an order by the API, its statements":         {"POST /v1/integrations/orders", "INSERT"},
		"a platform's order, the job, its statements": {"POST /v1/integrations/shopify/webhooks", "job order_take_message", "INSERT"},
		"an offer, the job, the message":              {"POST /v1/staff/customers/{id}/offers", "job delivery_send", "FCM send offer"},
		"a chore":                                     {"job chore", "SELECT"},
	} {
		if !to.has(chain...) {
			t.Errorf("%s: no trace has %v", why, chain)
		}
	}
	for _, span := range to.spans {
		if span.GetName() == "POST /v1/integrations/shopify/webhooks" && hex.EncodeToString(span.GetTraceId()) != traceID {
			t.Errorf("the caller's trace %s is not taken: %s", traceID, hex.EncodeToString(span.GetTraceId()))
		}
		if names := to.above(span); len(names) == 1 && !strings.Contains(names[0], "/") && !strings.HasPrefix(names[0], "job ") {
			t.Errorf("a trace begins with %q", names[0])
		}
	}
	if !strings.Contains(r.log.String(), `"trace_id":"`+traceID+`"`) {
		t.Error("no line of the log names the trace")
	}
	text := strings.Join(to.texts, "\n") + scraped
	for _, hers := range []string{"王小美", "+8869", "demo-phone-", "hs_live_", "Bearer", "canary", "0912345678"} {
		if strings.Contains(text, hers) {
			t.Errorf("traces or metrics hold %q", hers)
		}
	}
}

func TestWithoutAnEndpointNothingIsPaidForTraces(t *testing.T) {
	t.Parallel()
	h, _ := testHouse(t)
	if h.traces != nil || h.traces.http() != nil || h.traces.jobs() != nil {
		t.Error("there are traces that nobody asked for")
	}
	for name, pool := range map[string]*postgres.Pool{"app": h.pool, "scan": h.scanPool} {
		if tracer := pool.Raw().Config().ConnConfig.Tracer; tracer != nil {
			t.Errorf("statements of the pool %s are traced by %T", name, tracer)
		}
	}
	if _, isWrapped := h.log.Handler().(traceHandler); isWrapped {
		t.Error("each line of the log is looked at for a trace")
	}
}

func TestWhatAnErrorSaysStaysHere(t *testing.T) {
	t.Parallel()
	to := startReceiver(t)
	traces, err := startTraces(t.Context(), Config{OTLPEndpoint: to.address}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, span := traces.tracer.Start(t.Context(), "INSERT")
	span.RecordError(errors.New("invalid input: canary"))
	span.SetStatus(otelcodes.Error, "invalid input: canary")
	span.End()
	if err := traces.stop(); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(to.texts, "\n")
	if !strings.Contains(text, "STATUS_CODE_ERROR") || strings.Contains(text, "canary") {
		t.Errorf("sent: %s", text)
	}
}

// A receiver that is away costs a line in the log, and neither memory nor the end.
func TestTracesThatNobodyTakesAreDropped(t *testing.T) {
	t.Parallel()
	refuse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(refuse.Close)
	var lines lockedBuffer
	traces, err := startTraces(t.Context(), Config{OTLPEndpoint: refuse.URL}, slog.New(slog.NewJSONHandler(&lines, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, span := traces.tracer.Start(t.Context(), "lost")
	span.End()
	if err := traces.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if strings.Count(lines.String(), "traces cannot be sent") != 1 {
		t.Errorf("logged: %s", lines.String())
	}
}
