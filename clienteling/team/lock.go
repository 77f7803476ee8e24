package team

import (
	"crypto/sha256"
	"fmt"
	"math"
	"time"

	"homestore/clienteling/shop"
)

// scope says under what failed sign-ins are counted.
type scope string

const (
	scopePIN      scope = "pin"      // an employee number
	scopePassword scope = "password" // an e-mail address
	scopeDevice   scope = "device"
	scopeStore    scope = "store"
)

// Numbers of A7 in quality.md. The limits of a device and a store are ours: a till with ten people mistypes a few times a day;
// a spray over all employees gets one guess in three minutes after the first twenty.
const (
	failuresToLock = 5
	firstLock      = 15 * time.Minute
	longestLock    = 24 * time.Hour
	longestWait    = 4 * time.Hour // of a password: whoever knows an address can lock it from anywhere, so not for a day
	mostGuesses    = 20

	deviceFailures = 20
	deviceDrain    = 3 * time.Minute
	storeFailures  = 60
	storeDrain     = time.Minute
)

// Refusals of a sign-in. ErrSignIn is the one answer to an unknown name, a wrong secret and a person who may not sign in.
var (
	ErrSignIn       = shop.Refuse(shop.Unauthenticated, "sign_in_refused", "These do not fit together. Check them and try again.")
	ErrSignInLocked = shop.Refuse(shop.TooMany, "sign_in_locked", "Too many wrong attempts. Wait as long as Retry-After says.")
	ErrPINExhausted = shop.Refuse(shop.Forbidden, "pin_exhausted", "Too many wrong PINs. A manager must set a new one.")
)

// tally is the failures under one scope.
type tally struct {
	Scope       scope
	ID          shop.ID
	Failures    int
	Guesses     int
	Locks       int
	LastAt      time.Time
	LockedUntil time.Time // zero: not locked
}

// refusal says why nobody may try now; nil when somebody may.
func (t tally) refusal(now time.Time) error {
	switch {
	case t.Scope == scopePIN && t.Guesses >= mostGuesses:
		return ErrPINExhausted
	case now.Before(t.LockedUntil):
		return ErrSignInLocked.After(seconds(t.LockedUntil.Sub(now)))
	}
	if limit, every := t.bucket(); limit > 0 && t.drained(now).Failures >= limit {
		return ErrSignInLocked.After(seconds(t.drained(now).LastAt.Add(every).Sub(now)))
	}
	return nil
}

// failed is the tally with one more failure. It is taken before the secret is compared and given back by succeeded.
func (t tally) failed(now time.Time) tally {
	t = t.drained(now)
	t.Failures++
	if limit, _ := t.bucket(); limit > 0 {
		if t.Failures == 1 {
			t.LastAt = now
		}
		return t
	}
	t.Guesses++
	t.LastAt = now
	if t.Failures >= failuresToLock {
		t.LockedUntil = now.Add(t.lock())
		t.Failures = 0
		t.Locks++
	}
	return t
}

// lock doubles with each one in a row.
func (t tally) lock() time.Duration {
	longest := longestLock
	if t.Scope == scopePassword {
		longest = longestWait
	}
	return min(longest, firstLock<<min(t.Locks, 10))
}

// succeeded takes the failure back that was counted in advance. A name starts afresh; its guesses stay, since only a manager
// resets those; what a device or store had failed before stays too, so that one who knows a PIN cannot spray others between.
func (t tally) succeeded() tally {
	if limit, _ := t.bucket(); limit > 0 {
		t.Failures = max(0, t.Failures-1)
		return t
	}
	t.Failures, t.Locks, t.LockedUntil = 0, 0, time.Time{}
	t.Guesses = max(0, t.Guesses-1)
	return t
}

// undone is the tally without the failure that was counted in advance, for an attempt that was neither: unlike a success it
// does not start afresh, or whoever knows a password could guess codes for ever.
func (t tally) undone() tally {
	switch {
	case t.Failures > 0:
		t.Failures--
	case !t.LockedUntil.IsZero(): // this very attempt would have been the last
		t.Failures, t.Locks, t.LockedUntil = failuresToLock-1, t.Locks-1, time.Time{}
	}
	t.Guesses = max(0, t.Guesses-1)
	return t
}

// bucket is how many failures a device or store may have, and how long one of them counts.
func (t tally) bucket() (limit int, every time.Duration) {
	switch t.Scope {
	case scopeDevice:
		return deviceFailures, deviceDrain
	case scopeStore:
		return storeFailures, storeDrain
	}
	return 0, 0
}

// drained forgets a device's or store's failures with time. LastAt moves by whole steps, so that nothing is forgotten twice.
func (t tally) drained(now time.Time) tally {
	_, every := t.bucket()
	if every == 0 || t.LastAt.IsZero() || now.Before(t.LastAt) {
		return t
	}
	steps := int(now.Sub(t.LastAt) / every)
	t.Failures = max(0, t.Failures-steps)
	t.LastAt = t.LastAt.Add(time.Duration(steps) * every)
	return t
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// nameID is under which id a name's failures are counted. It is from a hash, so that a name nobody bears is counted and
// locked like one that somebody does.
func nameID(s scope, brand shop.BrandID, name string) shop.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", s, brand, name))
	return shop.ID(sum[:16])
}
