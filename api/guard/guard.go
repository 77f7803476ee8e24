// Package guard is what stands between the network and the routes: the server with its limits, the middleware that every
// request passes, and the way it stops.
//
// It is always true that a request has an id, which is in its answer and its log line; that a log line holds no path,
// query, header or body; that nothing is read without a time-out or a limit of size; and that a request which was begun is
// answered, whatever panics and whenever the program is told to stop. Who somebody is, is left to api/signin, which is
// handed in; what a route asks for, to api/endpoint.
package guard

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"

	"homestore/api/problem"
)

// Config is what the operator decides; a zero field takes its default.
type Config struct {
	Log *slog.Logger
	// TrustedProxies are addresses or networks whose X-Real-IP is believed. Empty: nobody's.
	TrustedProxies []string
	ReadTimeout    time.Duration // a whole request, from the first byte of the connection; 8 s
	WriteTimeout   time.Duration // a whole answer; 30 s, for a print sheet over a slow line
	IdleTimeout    time.Duration // between two requests; 60 s, above the 30 s of usual proxies
	BodyLimit      int           // bytes; 1 MB
	// BodyLimits are the paths with a limit of their own: webhooks of platforms, files.
	BodyLimits []BodyLimit
	// DrainFor is how long answers say `Connection: close` before the listener is closed, so that clients with open
	// connections move to the next process; 1 s.
	DrainFor time.Duration
	// StopWithin is how long requests in flight may take to end once the listener is closed; 10 s.
	StopWithin time.Duration
	// Observe hears of every request once it is answered; nil: nobody does. All requests wait for it.
	Observe func(Answered)
	// Tracer makes spans of requests; nil: there are none, and nothing is paid for them.
	Tracer trace.Tracer
}

// BodyLimit is the limit of all paths that begin with Prefix.
type BodyLimit struct {
	Prefix string
	Bytes  int
}

const (
	megabyte = 1 << 20
	// headerBuffer holds the request line and all headers. Fiber's 4 kB is less than a browser with a few cookies sends.
	headerBuffer = 16 << 10
)

func (cfg Config) withDefaults() Config {
	orElse := func(d *time.Duration, fallback time.Duration) {
		if *d == 0 {
			*d = fallback
		}
	}
	orElse(&cfg.ReadTimeout, 8*time.Second) // slow clients are gone within 10 s (quality.md, Faults)
	orElse(&cfg.WriteTimeout, 30*time.Second)
	orElse(&cfg.IdleTimeout, 60*time.Second)
	orElse(&cfg.DrainFor, time.Second)
	orElse(&cfg.StopWithin, 10*time.Second)
	if cfg.BodyLimit == 0 {
		cfg.BodyLimit = megabyte
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return cfg
}

// New makes the server with the middleware that every request passes, in its order. Mount groups
// and routes, HealthRoutes among them, on App, then Serve.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg}
	answerError := problem.Handler(cfg.Log)
	s.App = fiber.New(fiber.Config{
		Immutable:                    true, // kept strings would change under us with the next request
		CaseSensitive:                true,
		StrictRouting:                true,
		DisableStartupMessage:        true,
		DisablePreParseMultipartForm: true,
		ReadTimeout:                  cfg.ReadTimeout,
		WriteTimeout:                 cfg.WriteTimeout,
		IdleTimeout:                  cfg.IdleTimeout,
		ReadBufferSize:               headerBuffer,
		BodyLimit:                    cfg.BodyLimit,
		EnableTrustedProxyCheck:      true,
		TrustedProxies:               cfg.TrustedProxies,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			failed := answerError(c, err)
			if !isSeen(c) { // the server refused it before any middleware: too large, too slow, not HTTP
				refused(c.Context().Conn())
				secureHeaders(c)
				s.logAccess(c, 0)
				s.observe(c, 0)
			}
			return failed
		},
	})
	s.App.Server().HeaderReceived = cfg.limitsOf
	s.App.Server().CloseOnShutdown = true
	s.App.Server().Handler = refuseUnknownMethods(s.App.Server().Handler, s.App.Server().ErrorHandler)
	s.App.Use(s.identify)
	if cfg.Tracer != nil {
		s.App.Use(s.trace)
	}
	s.App.Use(s.access, s.recoverPanic, refuseEncoding)
	return s
}

// limitsOf gives a path its own body limit before the body is read.
func (cfg Config) limitsOf(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path := string(header.RequestURI())
	for _, limit := range cfg.BodyLimits {
		if strings.HasPrefix(path, limit.Prefix) {
			return fasthttp.RequestConfig{MaxRequestBodySize: limit.Bytes}
		}
	}
	return fasthttp.RequestConfig{}
}

// refuseUnknownMethods answers what Fiber would answer in plain text, past its own error handler.
func refuseUnknownMethods(next fasthttp.RequestHandler, refuse func(*fasthttp.RequestCtx, error)) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if !slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			refuse(ctx, fasthttp.ErrGetOnly) // becomes a 405 like any other
			return
		}
		next(ctx)
	}
}
