package guard

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

// Prove says whose bearer token this is. Its refusal is what the caller is told where a route asks for somebody.
type Prove func(ctx context.Context, bearer string) (shop.Actor, error)

// Authenticate lets a group's requests prove who asks. A token that proves nothing does not stop a request here: the
// route does when it has roles, and a public one, such as renewing an expired token, goes on without an actor.
func Authenticate(prove Prove) fiber.Handler {
	return func(c *fiber.Ctx) error {
		header := c.Get(fiber.HeaderAuthorization)
		scheme, bearer, _ := strings.Cut(header, " ")
		if header == "" {
			return c.Next()
		}
		caller := endpoint.CallerOf(c.UserContext())
		if !strings.EqualFold(scheme, "Bearer") || bearer == "" {
			caller.Unproven = endpoint.ErrUnauthenticated
			return c.Next()
		}
		ctx, cancel := context.WithDeadline(c.UserContext(), c.Context().Time().Add(endpoint.DefaultDeadline))
		defer cancel()
		actor, err := prove(ctx, strings.TrimSpace(bearer))
		if err != nil {
			caller.Unproven = err
		} else {
			caller.Actor = actor
		}
		return c.Next()
	}
}
