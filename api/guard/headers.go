package guard

import "github.com/gofiber/fiber/v2"

// PagePolicy is the Content-Security-Policy of our own pages: their own files, and nothing from anywhere else.
const PagePolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// secureHeaders are on every answer, set first, so that a route can loosen what it must.
func secureHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000") // browsers heed it over TLS only
}

// Pages is the middleware of a group that answers HTML: it lets the policy's sources load.
func Pages(policy string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, policy)
		return c.Next()
	}
}
