package team

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's default, and the only hash that all authenticator apps know
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"

	"homestore/clienteling/shop"
)

// Refusals of the second factor.
var (
	ErrTOTPRequired = shop.Refuse(shop.Unauthenticated, "totp_required", "Send the code of your authenticator app too.")
	ErrTOTPSet      = shop.Refuse(shop.Conflict, "totp_set", "An authenticator app is set up already. Head office can remove it.")
	ErrTOTPCode     = shop.Refuse(shop.Unprocessable, "totp_code_wrong", "This is not the code that the authenticator app shows now.")
)

const (
	totpStep   = 30 // seconds, RFC 6238
	totpDigits = 6
	totpBytes  = 20 // RFC 4226, 4: as long as the hash
)

// TOTPSecret is a new shared secret: Base32 for people, URL for a QR code.
type TOTPSecret struct{ Base32, URL string }

// NewTOTPSecret draws a secret for an account; nothing is kept until ConfirmTOTP proves that the app has it.
func NewTOTPSecret(issuer, account string) TOTPSecret {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(draw(totpBytes))
	q := url.Values{"secret": {text}, "issuer": {issuer}}
	return TOTPSecret{text, "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + q.Encode()}
}

// totpCode is the code of one step (RFC 4226, 5.3).
func totpCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpStepOf is the step whose code this is, the present one or a neighbour: phones' clocks differ.
func totpStepOf(secret []byte, code string, now time.Time) (step int64, ok bool) {
	present := now.Unix() / totpStep
	for _, s := range []int64{present, present - 1, present + 1} {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

func parseTOTPSecret(text string) ([]byte, bool) {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	return b, err == nil && len(b) == totpBytes
}
