package guard

import "github.com/gofiber/fiber/v2"

// PagePolicy is the Content-Security-Policy of our own pages: their own files, and nothing from anywhere else.
const PagePolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// secureHeaders are on every answer, set first, so that a route can loosen what it must. Their names are in canonical form.
func secureHeaders(c *fiber.Ctx) {
	for _, h := range secure {
		c.Response().Header.SetCanonical(h.name, h.value)
	}
}

var secure = []struct{ name, value []byte }{
	{[]byte(fiber.HeaderXContentTypeOptions), []byte("nosniff")},
	{[]byte(fiber.HeaderCacheControl), []byte("no-store")},
	{[]byte(fiber.HeaderReferrerPolicy), []byte("no-referrer")},
	{[]byte(fiber.HeaderContentSecurityPolicy), []byte("default-src 'none'; frame-ancestors 'none'")},
	{[]byte(fiber.HeaderStrictTransportSecurity), []byte("max-age=31536000")}, // browsers heed it over TLS only
}

// Pages is the middleware of a group that answers HTML: it lets the policy's sources load.
func Pages(policy string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, policy)
		return c.Next()
	}
}
