package team

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"homestore/clienteling/shop"
)

// Device is a shop's tablet or till. It exists once a manager has made a code for it, and may sign people in from when the
// code was redeemed until it is revoked.
type Device struct {
	ID         shop.ID
	Brand      shop.BrandID
	Store      shop.ID
	Name       string
	EnrolUntil time.Time // of a code that was not redeemed yet
	EnrolledAt time.Time // zero: not yet
	RevokedAt  time.Time // zero: in use
	CreatedBy  shop.ID
	CreatedAt  time.Time
}

// enrolWithin is how long a manager's code may be redeemed: the way from the office to the till.
const enrolWithin = 15 * time.Minute

// Refusals about devices. An unknown, a used and an outdated code are the same answer.
var (
	ErrDeviceEnrolled = shop.Refuse(shop.Conflict, "device_enrolled", "This device is in use, or was let go. Make another, with a new Idempotency-Key.")
	ErrEnrolmentCode  = shop.Refuse(shop.Unauthenticated, "enrolment_code_invalid", "This code is not valid, or no longer. Ask a manager for a new one.")
	ErrDevice         = shop.Refuse(shop.Unauthenticated, "device_not_enrolled", "This device is not enrolled. Ask a manager for an enrolment code.")
)

// codeLetters is Crockford's base 32, without the letters that are read as digits.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newEnrolmentCode is ten letters, 50 bits: typed by hand, good for minutes, and once.
func newEnrolmentCode() string {
	b := draw(10)
	for i := range b {
		b[i] = codeLetters[b[i]%32] // 256 is a multiple of 32: no letter is likelier
	}
	return string(b[:5]) + "-" + string(b[5:])
}

// foldCode takes a code as people type it.
func foldCode(code string) string {
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(code)
}

// devicePrefix makes a leaked secret findable.
const devicePrefix = "hs_device_"

// newDeviceSecret is what a device proves itself with: its id, to find it by, and 256 random bits.
func newDeviceSecret(id shop.ID) string {
	return devicePrefix + base64.RawURLEncoding.EncodeToString(append(id[:], draw(32)...))
}

// deviceOfSecret is the id that a secret names; ok is false for what is no device secret at all.
func deviceOfSecret(secret string) (id shop.ID, ok bool) {
	text, ok := strings.CutPrefix(secret, devicePrefix)
	if !ok {
		return shop.ID{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(id)+32 {
		return shop.ID{}, false
	}
	return shop.ID(b[:len(id)]), true
}

func sameDigest(a, b []byte) bool { return len(a) > 0 && subtle.ConstantTimeCompare(a, b) == 1 }

func checkDevice(name string) error {
	var c shop.Check
	c.That(storable(name, 80), "name", "name_invalid", "1 to 80 characters without line breaks.")
	return c.Err()
}
