package guard

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/api/problem"
	"homestore/clienteling/shop"
)

type localKey int

const seenLocal localKey = 0

// isSeen says whether the request came as far as the middleware.
func isSeen(c *fiber.Ctx) bool { return c.Locals(seenLocal) != nil }

// identify gives the request its id, and puts what is known about the caller into its context.
func (s *Server) identify(c *fiber.Ctx) error {
	c.Locals(seenLocal, true)
	secureHeaders(c)
	if s.isDraining.Load() {
		c.Set(fiber.HeaderConnection, "close")
	}
	c.SetUserContext(endpoint.WithCaller(c.UserContext(), &endpoint.Caller{
		RequestID: problem.RequestID(c),
		Address:   address(c),
		Language:  shop.PreferredLanguage(c.Get(fiber.HeaderAcceptLanguage), shop.TraditionalChinese),
	}))
	return c.Next()
}

// address is the client's: X-Real-IP from a trusted proxy, else the other end of the connection. X-Forwarded-For is never
// read: its leftmost entry is whatever the client wrote.
func address(c *fiber.Ctx) netip.Addr {
	if c.IsProxyTrusted() {
		if a, err := netip.ParseAddr(c.Get("X-Real-Ip")); err == nil {
			return a.Unmap()
		}
	}
	a, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return a.Unmap()
}

// access answers an error, so that the line it then writes has the status that the caller got.
func (s *Server) access(c *fiber.Ctx) error {
	began := time.Now()
	err := c.Next()
	if err != nil {
		err = c.App().ErrorHandler(c, err)
	}
	took := time.Since(began)
	s.logAccess(c, took)
	s.observe(c, took)
	return err
}

// logAccess writes one line a request. It names the route's template, never the path or the query, and the actor by her
// pseudonym.
func (s *Server) logAccess(c *fiber.Ctx, took time.Duration) {
	path, operation := unmatched, ""
	if route := endpoint.RouteOf(c); route != nil {
		path, operation = route.Path, route.Operation
	}
	actor, pseudonym := endpoint.Actor(c.UserContext()), "anonymous"
	if actor.Role != "" {
		pseudonym = actor.Pseudonym()
	}
	level := slog.LevelInfo
	if path == livezPath || path == readyzPath {
		level = slog.LevelDebug // probes come every second
	}
	ctx, to := c.UserContext(), s.cfg.Log.Handler()
	if !to.Enabled(ctx, level) {
		return
	}
	status := c.Response().StatusCode()
	line := slog.NewRecord(time.Now(), level, "request", 0) // 0: finding out which line of ours logs is a tenth of the cost
	line.AddAttrs(
		slog.String("request_id", problem.RequestID(c)),
		slog.String("method", knownMethod(c)),
		slog.String("route", path),
		slog.String("operation", operation),
		slog.String("actor", pseudonym),
		slog.Int("brand", int(actor.Brand)),
		slog.Int("status", status),
		slog.String("outcome", outcome(status)),
		slog.Float64("ms", float64(took.Microseconds())/1000))
	_ = to.Handle(ctx, line)
}

// knownMethod keeps what a caller invented out of the log.
func knownMethod(c *fiber.Ctx) string {
	for _, known := range fiber.DefaultMethods {
		if c.Method() == known {
			return known
		}
	}
	return "unknown"
}

func outcome(status int) string {
	switch {
	case status >= fiber.StatusInternalServerError:
		return "failed"
	case status >= fiber.StatusBadRequest:
		return "refused"
	}
	return "ok"
}

// recoverPanic makes a panic a 500 like any other error; the stack is taken here, since only here it is known.
func (s *Server) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = endpoint.Panicked(r)
		}
	}()
	return c.Next()
}

// ErrEncoded refuses a compressed body: 2 MB of gzip unpacked to 5.6 GB.
var ErrEncoded = shop.Refuse(shop.Unsupported, "content_encoding_unsupported", "Send the body as it is, without Content-Encoding.")

func refuseEncoding(c *fiber.Ctx) error {
	if len(c.Request().Header.Peek(fiber.HeaderContentEncoding)) > 0 {
		return ErrEncoded
	}
	return c.Next()
}
