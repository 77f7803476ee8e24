package team

import (
	"errors"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // noon in Taipei

// TestA7WrongPINsLock plays wrong PINs, each as soon as it is allowed.
func TestA7WrongPINsLock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		wrong  int
		wait   time.Duration // what Retry-After says after that many
		reason *shop.Refusal
	}{
		{"four may happen to anybody", 4, 0, nil},
		{"five lock for a quarter of an hour", 5, 15 * time.Minute, ErrSignInLocked},
		{"five more for twice that", 10, 30 * time.Minute, ErrSignInLocked},
		{"and twice that again", 15, time.Hour, ErrSignInLocked},
		{"twenty are all, until a manager resets them", 20, 0, ErrPINExhausted},
	} {
		now := noon
		pin := tally{Scope: scopePIN}
		for range c.wrong {
			if now.Before(pin.LockedUntil) {
				now = pin.LockedUntil
			}
			if err := pin.refusal(now); err != nil {
				t.Errorf("%s: refused before: %v", c.why, err)
			}
			pin = pin.failed(now)
		}
		err := pin.refusal(now)
		if c.reason == nil {
			if err != nil {
				t.Errorf("%s: %v", c.why, err)
			}
			continue
		}
		var got *shop.Refusal
		if !errors.As(err, &got) || !errors.Is(err, c.reason) || got.RetryAfter != int(c.wait.Seconds()) {
			t.Errorf("%s: got %v, wait %v", c.why, err, got)
		}
	}
}

func TestA7SuccessDoesNotGiveGuessesBack(t *testing.T) {
	t.Parallel()
	pin := tally{Scope: scopePIN}
	for range 3 {
		pin = pin.failed(noon)
	}
	pin = pin.failed(noon).succeeded() // the fourth was counted in advance and fitted
	if pin.Failures != 0 || pin.Guesses != 3 {
		t.Errorf("after three wrong and one right: %+v", pin)
	}
}

func TestA7DevicesAndStoresDrain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		scope  scope
		failed int
		later  time.Duration
		wait   time.Duration
	}{
		{"nineteen wrong PINs on a device are a busy morning", scopeDevice, 19, 0, 0},
		{"twenty are a spray", scopeDevice, 20, 0, 3 * time.Minute},
		{"then one guess in three minutes is left", scopeDevice, 20, 3 * time.Minute, 0},
		{"but not before", scopeDevice, 20, 2 * time.Minute, time.Minute},
		{"a store's devices share sixty", scopeStore, 60, 0, time.Minute},
		{"which drain one a minute", scopeStore, 60, time.Minute, 0},
	} {
		there := tally{Scope: c.scope}
		for range c.failed {
			there = there.failed(noon)
		}
		err := there.refusal(noon.Add(c.later))
		var got *shop.Refusal
		switch {
		case c.wait == 0 && err != nil:
			t.Errorf("%s: %v", c.why, err)
		case c.wait > 0 && (!errors.As(err, &got) || got.RetryAfter != int(c.wait.Seconds())):
			t.Errorf("%s: got %v", c.why, err)
		}
	}
}

func TestA7KnowingOnePINDoesNotHelpToSprayOthers(t *testing.T) {
	t.Parallel()
	device := tally{Scope: scopeDevice}
	for range 10 {
		device = device.failed(noon)                       // somebody else's PIN, guessed
		device = device.failed(noon).failed(noon)          // again, and the sprayer's own
		device = device.succeeded()                        // which fits
		if device.Failures > 20 || device.LastAt != noon { // nothing drained meanwhile
			t.Fatalf("%+v", device)
		}
	}
	if device.refusal(noon) == nil {
		t.Error("twenty wrong PINs with right ones between did not lock the device")
	}
}

func TestMissingCodeIsNoFailureAndNoFreshStart(t *testing.T) {
	t.Parallel()
	for _, before := range []int{0, 3, 4} {
		name := tally{Scope: scopePassword}
		for range before {
			name = name.failed(noon)
		}
		if after := name.failed(noon).undone(); after.Failures != before || !after.LockedUntil.IsZero() || after.Locks != 0 {
			t.Errorf("after %d failures and an attempt that was none: %+v", before, after)
		}
	}
}

func TestNamesThatNobodyBearsAreCountedApart(t *testing.T) {
	t.Parallel()
	if nameID(scopePIN, 1, "a") == nameID(scopePIN, 2, "a") || nameID(scopePIN, 1, "a") == nameID(scopePassword, 1, "a") {
		t.Error("two names share a tally")
	}
}
