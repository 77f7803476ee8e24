package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"homestore/notify/delivery"
	"homestore/notify/push"
)

// traces send spans to where the configuration says. A nil one is what there is when it says nowhere: each method then gives what
// costs nothing.
//
// No span carries what a person typed or is: statements have placeholders, errors are told by their code alone, and the rest
// are names of this program.
type traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// startTraces is nil when no endpoint is configured.
func startTraces(ctx context.Context, cfg Config, log *slog.Logger) (*traces, error) {
	if cfg.OTLPEndpoint == "" {
		return nil, nil
	}
	address, err := url.JoinPath(cfg.OTLPEndpoint, "v1", "traces")
	if err != nil {
		return nil, fmt.Errorf("read OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(address))
	if err != nil {
		return nil, fmt.Errorf("send traces to %s: %w", address, err)
	}
	revision, _ := builtFrom()
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "homestore"), attribute.String("service.version", revision)),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("name this service in traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(about), sdktrace.WithBatcher(discreetExporter{exporter, log}))
	return &traces{provider: provider, tracer: provider.Tracer("homestore")}, nil
}

// http makes spans of requests.
func (t *traces) http() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.tracer
}

// sql makes spans of statements that are part of something else; what the queue asks all day by itself makes none.
func (t *traces) sql() pgx.QueryTracer {
	if t == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.provider))
}

// jobs carry the trace from who put a job into the queue to who does it.
func (t *traces) jobs() []rivertype.Middleware {
	if t == nil {
		return nil
	}
	return []rivertype.Middleware{&tracedJobs{tracer: t.tracer}}
}

// log adds the trace to each line that is part of one.
func (t *traces) log(log *slog.Logger) *slog.Logger {
	if t == nil {
		return log
	}
	return slog.New(traceHandler{log.Handler()})
}

// sender makes spans of messages.
func (t *traces) sender(s delivery.Sender) delivery.Sender {
	if t == nil {
		return s
	}
	return tracedSender{s, t.tracer}
}

// stop sends what is still to be sent, for five seconds at most.
func (t *traces) stop() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return t.provider.Shutdown(ctx)
}

// discreetExporter leaves out what errors say in words, which may quote a value, and logs what cannot be sent: traces that nobody
// takes are no reason to fail.
type discreetExporter struct {
	sdktrace.SpanExporter

	log *slog.Logger
}

func (e discreetExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	discreet := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		discreet[i] = wordless{s}
	}
	if err := e.SpanExporter.ExportSpans(ctx, discreet); err != nil {
		e.log.Warn("traces cannot be sent", "spans", len(spans), "error", err)
	}
	return nil
}

// wordless is a span without the texts of its errors; that it failed, and PostgreSQL's code, stay.
type wordless struct{ sdktrace.ReadOnlySpan }

func (w wordless) Events() []sdktrace.Event { return nil }
func (w wordless) Status() sdktrace.Status {
	return sdktrace.Status{Code: w.ReadOnlySpan.Status().Code}
}

// traceHandler adds trace_id to lines.
type traceHandler struct{ slog.Handler }

func (h traceHandler) Handle(ctx context.Context, r slog.Record) error {
	if s := trace.SpanContextFromContext(ctx); s.HasTraceID() {
		r.AddAttrs(slog.String("trace_id", s.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h traceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traceHandler{h.Handler.WithAttrs(attrs)}
}

func (h traceHandler) WithGroup(name string) slog.Handler {
	return traceHandler{h.Handler.WithGroup(name)}
}

// tracedSender makes each message to a phone a span, with the verdict and neither token nor text.
type tracedSender struct {
	delivery.Sender

	tracer trace.Tracer
}

func (s tracedSender) Send(ctx context.Context, m push.Message, to push.Target) (push.Outcome, error) {
	ctx, span := s.tracer.Start(ctx, "FCM send "+m.Kind, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	outcome, err := s.Sender.Send(ctx, m, to)
	span.SetAttributes(attribute.String("homestore.fcm.verdict", string(outcome.Verdict)), attribute.String("homestore.fcm.reason", outcome.Reason))
	if outcome.Verdict != push.Sent {
		span.SetStatus(otelcodes.Error, "")
	}
	return outcome, err
}
