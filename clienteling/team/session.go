package team

import (
	"time"

	"homestore/clienteling/shop"
)

// Subject says what kind of person is signed in.
type Subject string

const (
	SubjectStaff    Subject = "staff"
	SubjectCustomer Subject = "customer"
)

// Method says how somebody signed in.
type Method string

const (
	ByPIN      Method = "pin"
	ByPassword Method = "password"
	ByToken    Method = "token" // of the brand's own identity provider
)

// Session is one sign-in and the family of refresh tokens that continues it. Tokens are derived from its id and generation,
// so none is kept.
type Session struct {
	ID         shop.ID
	Brand      shop.BrandID
	Subject    Subject
	SubjectID  shop.ID
	Method     Method
	Device     shop.ID // the enrolled device, with a PIN
	DeviceHash []byte  // SHA-256 of the secret of the app that signed in
	Generation int
	RotatedAt  time.Time
	ExpiresAt  time.Time
	RevokedAt  time.Time // zero: alive
	CreatedAt  time.Time
}

// How long a session lasts without being refreshed.
const (
	staffIdle    = 12 * time.Hour // a shift
	customerIdle = 60 * 24 * time.Hour
)

// retryWithin is how long the app that has not heard the answer to a refresh may ask again with the same token.
const retryWithin = 10 * time.Second

// Refusals of a session.
var (
	ErrSessionOver = shop.Refuse(shop.Unauthenticated, "session_over", "This session is over. Sign in again.")
	ErrReused      = shop.Refuse(shop.Unauthenticated, "refresh_token_reused", "This refresh token was used before, so the session was ended. Sign in again.")
)

func (s Session) idle() time.Duration {
	if s.Subject == SubjectCustomer {
		return customerIdle
	}
	return staffIdle
}

// verdict is what a refresh that did not rotate the session gets.
type verdict struct {
	sameAnswer bool   // a retry: the present generation again
	revoke     string // why the family ends now; empty: it does not
	refusal    error
}

// judge looks at a session that a refresh named with a generation and from an app, and that did not rotate.
func (s Session) judge(generation int, deviceHash []byte, now time.Time) verdict {
	isSameApp := sameDigest(s.DeviceHash, deviceHash)
	switch {
	case !s.RevokedAt.IsZero() || !now.Before(s.ExpiresAt):
		return verdict{refusal: ErrSessionOver}
	case generation > s.Generation:
		// Only a database restored to an earlier time forgets a generation that it gave out.
		return verdict{refusal: ErrSessionOver}
	case generation == s.Generation && !isSameApp:
		return verdict{revoke: "other_device", refusal: ErrReused}
	case generation == s.Generation-1 && isSameApp && now.Sub(s.RotatedAt) <= retryWithin:
		return verdict{sameAnswer: true}
	}
	return verdict{revoke: "reuse", refusal: ErrReused}
}
