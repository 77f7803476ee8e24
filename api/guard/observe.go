package guard

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"homestore/api/endpoint"
	"homestore/api/problem"
)

// Answered is a request and its answer as they may be counted: no caller can invent a value of it.
type Answered struct {
	Method string // "unknown" where there is no such method
	Route  string // the path's template, such as /q/{code}; "unmatched" where the request reached no route
	Status int
	Took   time.Duration // zero where the server refused it before any middleware
}

// unmatched is the route of requests that reached none: unknown paths, and what was refused on the way.
const unmatched = "unmatched"

// observe tells Config.Observe of a request, where its access line is written.
func (s *Server) observe(c *fiber.Ctx, took time.Duration) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(Answered{Method: knownMethod(c), Route: template(c), Status: c.Response().StatusCode(), Took: took})
	}
}

func template(c *fiber.Ctx) string {
	if route := endpoint.RouteOf(c); route != nil {
		return route.Path
	}
	return unmatched
}

// trace makes a request a span, in the trace of whoever sent a traceparent (W3C Trace Context). Probes make none: they come
// every second.
func (s *Server) trace(c *fiber.Ctx) error {
	if path := c.Path(); path == livezPath || path == readyzPath {
		return c.Next()
	}
	method := knownMethod(c)
	ctx := propagation.TraceContext{}.Extract(c.UserContext(), traceparent{c})
	ctx, span := s.cfg.Tracer.Start(ctx, method, trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.SetUserContext(ctx)
	err := c.Next()
	status := c.Response().StatusCode()
	span.SetName(method + " " + template(c))
	span.SetAttributes(
		attribute.String("http.request.method", method),
		attribute.String("http.route", template(c)),
		attribute.Int("http.response.status_code", status),
		attribute.String("homestore.request_id", problem.RequestID(c)))
	if status >= fiber.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	return err
}

// traceparent reads that header and no other: a tracestate is free text of the caller's, which would be passed on.
type traceparent struct{ c *fiber.Ctx }

func (t traceparent) Get(name string) string {
	if name != "traceparent" {
		return ""
	}
	return t.c.Get(name)
}

func (traceparent) Set(string, string) {}
func (traceparent) Keys() []string     { return nil }
