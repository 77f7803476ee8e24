package problem

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
)

// RequestID is the id of this request. The first call settles it, takes the caller's own X-Request-Id when that is
// sane, and puts it into the answer; a request that the server refused before any middleware ran gets its id here too.
func RequestID(c *fiber.Ctx) string {
	if id := c.GetRespHeader(RequestIDHeader); id != "" {
		return id
	}
	id := c.Get(RequestIDHeader)
	if !isSaneRequestID(id) {
		id = shop.NewID(time.Now()).String()
	}
	c.Set(RequestIDHeader, id)
	return id
}

// isSaneRequestID takes UUIDs and trace ids: hexadecimal digits and hyphens, with a letter among them. Anything wider would
// let a caller put a token, a name or a phone number into the log.
func isSaneRequestID(id string) bool {
	if len(id) < 16 || len(id) > 64 {
		return false
	}
	hasLetter := false
	for _, r := range id {
		isLetter := r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
		isDigit := r >= '0' && r <= '9'
		if !isLetter && !isDigit && r != '-' {
			return false
		}
		hasLetter = hasLetter || isLetter
	}
	return hasLetter
}
