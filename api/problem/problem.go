// Package problem turns every "no" of Homestore into one shape of answer: problem+json of RFC 9457.
//
// It is always true that a caller reads only what a shop.Refusal says; any other error becomes a 500 that says nothing,
// and is logged here, once, with the request id. Status codes are written nowhere else. The router's own errors (unknown
// path, body too large, headers too large) pass through here too and look the same. Which refusal a rule gives is left to
// the package that owns the rule.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// ContentType is what every problem is sent as.
const ContentType = "application/problem+json"

// RequestIDHeader carries the id of a request, in the answer always.
const RequestIDHeader = "X-Request-Id"

// Problem is the body of every answer that is not a success.
type Problem struct {
	Type      string       `json:"type"`   // stable relative URI, /problems/{code}
	Title     string       `json:"title"`  // the status in words
	Status    int          `json:"status"` // as in the status line
	Code      string       `json:"code"`   // stable, for programs
	Detail    string       `json:"detail"` // what to do, for people
	Fields    []shop.Field `json:"fields,omitempty"`
	RequestID string       `json:"request_id"`
}

// statusOf is the only map from kinds of refusal to HTTP.
var statusOf = map[shop.Kind]int{
	shop.Invalid:         http.StatusBadRequest,
	shop.Unauthenticated: http.StatusUnauthorized,
	shop.Forbidden:       http.StatusForbidden,
	shop.NotFound:        http.StatusNotFound,
	shop.Gone:            http.StatusGone,
	shop.Conflict:        http.StatusConflict,
	shop.Unprocessable:   http.StatusUnprocessableEntity,
	shop.TooMany:         http.StatusTooManyRequests,
	shop.TooLarge:        http.StatusRequestEntityTooLarge,
	shop.Unsupported:     http.StatusUnsupportedMediaType,
	shop.Unavailable:     http.StatusServiceUnavailable,
}

// Refusals of the frame itself; what the router and the server say becomes one of these or of routerRefusals.
var (
	ErrDatabaseAway = shop.Refuse(shop.Unavailable, "database_away", "The database cannot be reached. Nothing was changed; try again.").After(5)
	ErrDeadline     = shop.Refuse(shop.Unavailable, "deadline_exceeded", "This took too long and was given up. Try again with the same Idempotency-Key.").After(1)
	errInternal     = shop.Refuse("", "internal", "Something went wrong on our side. Tell us the request_id.")
)

// routerRefusals are the statuses that come from Fiber and fasthttp before a handler has the request. Their own texts
// repeat the path or the parser's words, so none of them is sent. 405, 408 and 431 have no kind: no rule says them.
var routerRefusals = map[int]*shop.Refusal{
	http.StatusBadRequest:                  shop.Refuse(shop.Invalid, "request_malformed", "This is not a well-formed HTTP request."),
	http.StatusNotFound:                    shop.ErrNotFound,
	http.StatusMethodNotAllowed:            shop.Refuse("", "method_not_allowed", "This path does not take this method; see Allow."),
	http.StatusRequestTimeout:              shop.Refuse("", "request_timeout", "The request did not arrive in time."),
	http.StatusRequestEntityTooLarge:       shop.Refuse(shop.TooLarge, "body_too_large", "The body is over the limit of this path."),
	http.StatusRequestHeaderFieldsTooLarge: shop.Refuse("", "headers_too_large", "Address and headers together are over 16 kB."),
}

// Of says what an error is to the caller. known is false when the caller may not read what happened, which is then for
// the log.
func Of(err error) (refusal *shop.Refusal, status int, known bool) {
	var fromRouter *fiber.Error
	switch {
	case errors.As(err, &refusal):
		status, known = statusOf[refusal.Kind]
		if !known {
			return errInternal, http.StatusInternalServerError, false
		}
		return refusal, status, true
	case errors.As(err, &fromRouter):
		if refusal, known = routerRefusals[fromRouter.Code]; known {
			return refusal, fromRouter.Code, true
		}
		// fasthttp says 502 when the caller's own connection broke while the request was read.
		if fromRouter.Code < http.StatusInternalServerError || fromRouter.Code == http.StatusBadGateway {
			return routerRefusals[http.StatusBadRequest], http.StatusBadRequest, true
		}
		return errInternal, http.StatusInternalServerError, false
	case postgres.IsDown(err):
		return ErrDatabaseAway, http.StatusServiceUnavailable, false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// Not 504: there is no gateway here, and 503 with Retry-After is what clients already repeat on.
		return ErrDeadline, http.StatusServiceUnavailable, false
	}
	return errInternal, http.StatusInternalServerError, false
}

// Handler is the ErrorHandler of the whole application. It answers every error as a Problem and logs, once, those that
// the caller may not read.
func Handler(log *slog.Logger) fiber.ErrorHandler {
	return func(c *fiber.Ctx, err error) error {
		requestID := RequestID(c)
		refusal, status := told(c.UserContext(), log, requestID, err)
		return answer(c, refusal, status, requestID)
	}
}

// Late is the body of the Problem that an error would have been, for an answer that has begun already. It logs like Handler.
func Late(log *slog.Logger, requestID string, err error) []byte {
	refusal, status := told(context.Background(), log, requestID, err)
	body, err := bodyOf(refusal, status, requestID)
	if err != nil {
		return []byte("null") // texts and numbers can always be written
	}
	return body
}

// told is what the caller is told of an error; what she may not read is logged.
func told(ctx context.Context, log *slog.Logger, requestID string, err error) (*shop.Refusal, int) {
	refusal, status, known := Of(err)
	if !known {
		attrs := []slog.Attr{slog.String("request_id", requestID), slog.String("code", refusal.Code), slog.String("error", Scrub(err))}
		var panicked interface{ Stack() string }
		if errors.As(err, &panicked) {
			attrs = append(attrs, slog.String("stack", panicked.Stack()))
		}
		log.LogAttrs(ctx, slog.LevelError, "request failed", attrs...)
	}
	return refusal, status
}

func bodyOf(refusal *shop.Refusal, status int, requestID string) ([]byte, error) {
	return json.Marshal(Problem{
		Type: "/problems/" + refusal.Code, Title: http.StatusText(status), Status: status,
		Code: refusal.Code, Detail: refusal.Message, Fields: refusal.Fields, RequestID: requestID,
	})
}

func answer(c *fiber.Ctx, refusal *shop.Refusal, status int, requestID string) error {
	body, err := bodyOf(refusal, status, requestID)
	if err != nil {
		return err
	}
	if refusal.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(refusal.RetryAfter))
	} else if status == http.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	if status == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="homestore"`) // RFC 9110, 11.6.1: a 401 names the scheme
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, ContentType)
	return c.Status(status).Send(body) // not c.JSON, which would write application/json over the type
}
