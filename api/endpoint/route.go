package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
)

// DefaultDeadline is how long a request may take: no request over 5 s, whatever breaks behind it (quality.md, Faults), with
// what it takes to notice and to answer.
const DefaultDeadline = 4500 * time.Millisecond

// Route is one line of a face's table of contents. The contract test and the matrix of who may do what read it.
type Route struct {
	Method    string
	Path      string // whole, as in openapi.yaml: /v1/manager/tags/{id}
	Operation string // operationId in openapi.yaml
	Roles     []shop.Role
	Public    bool // anybody may call: no Roles. Each route has one of the two
	// Scope is what an integration key must carry, where Roles has RoleIntegration.
	Scope string
	// Creates says that calling twice would make two: an Idempotency-Key is required, and the answer is 201.
	Creates bool
	// TakesKey says that what is created is named by the caller, as a system names its orders: calling twice makes one all the
	// same, so an Idempotency-Key is heeded and not required.
	TakesKey bool
	// ShowsOnce says that the answer tells a secret which is stored nowhere, so that the answer is not kept under its
	// Idempotency-Key either: the same request again is ErrShownOnce.
	ShowsOnce bool
	// ShowsAnew says that the answer tells of a person what the caller may see now, so that it is made anew when the same request
	// comes again: Handler is HandleAnew's.
	ShowsAnew bool
	Answers   int           // status of success, where it is neither 200, nor 201 of Creates, nor 204 of None
	Within    time.Duration // deadline, where it is not the frame's
	Handler   fiber.Handler

	fail func(requestID string, err error) []byte // the frame's
}

// Frame is what all routes share.
type Frame struct {
	Deadline time.Duration // zero: DefaultDeadline
	Keys     *Keys         // needed as soon as one route creates
	// Fail is what an error is to the caller where the answer has begun already: the body of the answer that it would have been,
	// logged as that would have been. Needed as soon as one route is a Stream.
	Fail func(requestID string, err error) []byte
}

// Refusals before a handler runs.
var (
	ErrUnauthenticated = shop.Refuse(shop.Unauthenticated, "unauthenticated", "Sign in and send the access token as a bearer token.")
	ErrScopeMissing    = shop.Refuse(shop.Forbidden, "scope_missing", "This key does not carry the scope that the path needs.")
)

type localKey int

const (
	routeLocal localKey = iota
	doneLocal           // what HandleAnew's act did
)

// RouteOf is the route that a request reached, for the access log; nil when it reached none.
func RouteOf(c *fiber.Ctx) *Route {
	route, _ := c.Locals(routeLocal).(*Route)
	return route
}

func statusOfRoute(c *fiber.Ctx) int {
	route := RouteOf(c)
	switch {
	case route != nil && route.Answers != 0:
		return route.Answers
	case route != nil && route.Creates:
		return http.StatusCreated
	}
	return http.StatusOK
}

// Mount registers the routes. It panics, when the program starts, on a route that says neither who may call nor that
// anybody may, and on a POST that creates without somebody to keep its key for.
func Mount(router fiber.Router, routes []Route, frame Frame) {
	if frame.Deadline == 0 {
		frame.Deadline = DefaultDeadline
	}
	for i := range routes {
		route := routes[i]
		route.check(frame)
		if route.Within == 0 {
			route.Within = frame.Deadline
		}
		route.fail = frame.Fail
		router.Add(route.Method, fiberPath(route.Path), route.enter(frame))
	}
}

func (r *Route) check(frame Frame) {
	switch {
	case r.Handler == nil || r.Operation == "" || r.Path == "":
		panic(fmt.Sprintf("endpoint: route %s %s lacks its path, operation or handler", r.Method, r.Path))
	case r.Public == (len(r.Roles) > 0):
		panic(fmt.Sprintf("endpoint: route %s %s is either public or for roles", r.Method, r.Path))
	case r.Creates && r.TakesKey:
		panic(fmt.Sprintf("endpoint: route %s %s either needs a key or takes one", r.Method, r.Path))
	case (r.Creates || r.TakesKey) && (r.Public || r.Method != http.MethodPost || frame.Keys == nil):
		panic(fmt.Sprintf("endpoint: route %s %s creates: it is a POST of somebody known, and keys are kept", r.Method, r.Path))
	case (r.ShowsOnce || r.ShowsAnew) && !r.Creates:
		panic(fmt.Sprintf("endpoint: route %s %s shows once, or anew, what it does not create", r.Method, r.Path))
	case r.Scope != "" && !slices.Contains(r.Roles, shop.RoleIntegration):
		panic(fmt.Sprintf("endpoint: route %s %s has a scope and no integration to carry it", r.Method, r.Path))
	}
}

// enter is everything between the router and the handler: who may, how long, and once.
func (r *Route) enter(frame Frame) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Locals(routeLocal, r)
		if err := r.admit(CallerOf(c.UserContext())); err != nil {
			return err
		}
		// Fiber's own context has no deadline, and a caller that hangs up cancels nothing. The time runs from when the
		// request was read, so that finding out who asks is part of it.
		ctx, cancel := context.WithDeadline(c.UserContext(), c.Context().Time().Add(r.Within))
		defer cancel()
		c.SetUserContext(ctx)
		if r.Creates || r.TakesKey && len(c.Request().Header.PeekAll(IdempotencyKeyHeader)) > 0 {
			return frame.Keys.once(c, r)
		}
		return r.Handler(c)
	}
}

func (r *Route) admit(caller *Caller) error {
	switch {
	case r.Public:
		return nil
	case caller.Actor.Role == "" && caller.Unproven != nil:
		return caller.Unproven
	case caller.Actor.Role == "":
		return ErrUnauthenticated
	}
	if err := caller.Actor.Allow(r.Roles...); err != nil {
		return err
	}
	if r.Scope != "" && caller.Actor.Role == shop.RoleIntegration && !caller.Actor.MayScope(r.Scope) {
		return ErrScopeMissing
	}
	return nil
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// fiberPath turns the contract's way to write a path into the router's: {id} becomes :id.
func fiberPath(path string) string {
	if strings.ContainsAny(path, ":*+?") {
		panic(fmt.Sprintf("endpoint: path %s has a sign that the router reads in its own way", path))
	}
	return pathParameter.ReplaceAllString(path, ":$1")
}
