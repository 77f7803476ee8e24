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
	ReadTimeout    time.Duration // a whole request, from the opening of the connection or the request's first byte
	WriteTimeout   time.Duration // a whole answer
	IdleTimeout    time.Duration // between two requests
	BodyLimit      int           // bytes
	// BodyLimits are the paths with a limit of their own: webhooks of platforms, files.
	BodyLimits []BodyLimit
	// DrainFor is how long answers say `Connection: close` before the listener is closed, so that clients with open
	// connections move to the next process.
	DrainFor time.Duration
	// StopWithin is how long requests in flight may take to end once the listener is closed.
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

// The defaults.
const (
	// slowClient ends who sends or reads slowly, so that all of them are gone within 10 s (quality.md, Faults). An honest
	// client has the whole time for a megabyte, and what fits into the kernel's buffers counts as read.
	slowClient  = 7 * time.Second
	idleTimeout = 60 * time.Second // above the 30 s of usual proxies, so that it is they who close
	drainFor    = time.Second      // a proxy uses each of its connections more often under load
	stopWithin  = 10 * time.Second // twice what any request may take
)

const (
	megabyte = 1 << 20 // of JSON is far above any body of the contract; also the default of BodyLimit
	// headerBuffer holds the request line and all headers. Fiber's 4 kB is less than a browser with a few cookies sends.
	headerBuffer = 16 << 10
)

func (cfg Config) withDefaults() Config {
	orElse := func(d *time.Duration, fallback time.Duration) {
		if *d == 0 {
			*d = fallback
		}
	}
	orElse(&cfg.ReadTimeout, slowClient)
	orElse(&cfg.WriteTimeout, slowClient)
	orElse(&cfg.IdleTimeout, idleTimeout)
	orElse(&cfg.DrainFor, drainFor)
	orElse(&cfg.StopWithin, stopWithin)
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

// limitsOf gives a path its own body limit before the body is read. It is for bodies that say how large they are: of the
// others the buffer is doubled again and again, and who sends much knows how much.
func (cfg Config) limitsOf(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path := string(header.RequestURI())
	for _, limit := range cfg.BodyLimits {
		if strings.HasPrefix(path, limit.Prefix) && header.ContentLength() >= 0 {
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
