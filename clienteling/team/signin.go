package team

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// PINSignIn is what a staff member gives on an enrolled device.
type PINSignIn struct {
	Brand        string // slug
	EmployeeNo   string
	PIN          string
	DeviceSecret string
}

// PasswordSignIn is what a manager, head office or finance gives.
type PasswordSignIn struct {
	Brand        string // slug
	Email        string
	Password     string
	TOTP         string // where an authenticator app is set up
	DeviceSecret string // the app's own, so that only it can refresh
}

// SignedIn is a new session and who it is of.
type SignedIn struct {
	Session Session
	Actor   shop.Actor
}

type tallyName struct {
	scope scope
	id    shop.ID
}

// attempt is one sign-in on its way: what it counts under, and what it is compared with.
type attempt struct {
	brand  Brand
	names  []tallyName
	known  credentials
	device Device
	now    time.Time
}

// SignInWithPIN signs a staff member in. The device must be enrolled (ErrDevice). The attempt is counted as a failure before the
// PIN is compared, in a transaction of its own, and taken back when it fits; so parallel guesses are not free either. ErrSignIn
// for an unknown number, a wrong PIN and a person who may not; ErrSignInLocked and ErrPINExhausted as A7 says, for numbers that
// nobody has too.
func (s *Service) SignInWithPIN(ctx context.Context, in PINSignIn) (SignedIn, error) {
	brand, err := s.BrandBySlug(ctx, in.Brand)
	if errors.Is(err, shop.ErrNotFound) {
		return SignedIn{}, ErrDevice
	}
	if err != nil {
		return SignedIn{}, err
	}
	a := attempt{brand: brand, now: shop.Millis(s.now())}
	err = s.begin(ctx, &a, func(tx pgx.Tx) error {
		if a.device, err = deviceOf(ctx, tx, brand.ID, in.DeviceSecret); err != nil {
			return err
		}
		a.names = []tallyName{
			{scopePIN, nameID(scopePIN, brand.ID, in.EmployeeNo)}, {scopeDevice, a.device.ID}, {scopeStore, a.device.Store},
		}
		a.known, err = credentialsOf(ctx, tx, brand.ID, in.EmployeeNo, "")
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	fits, err := s.hasher.fits(ctx, in.PIN, a.known.PINHash)
	if err != nil {
		return SignedIn{}, err
	}
	if !fits {
		return SignedIn{}, ErrSignIn
	}
	return s.finish(ctx, a, Session{Method: ByPIN, Device: a.device.ID, DeviceHash: digest(in.DeviceSecret)}, 0)
}

// SignInWithPassword signs in who has a password. ErrSignIn and ErrSignInLocked as with a PIN; ErrTOTPRequired when the
// password fits and a code is missing. An app from which she has signed in before is counted by itself: anybody who knows her
// address can lock it, and that must not lock her out.
func (s *Service) SignInWithPassword(ctx context.Context, in PasswordSignIn) (SignedIn, error) {
	brand, err := s.BrandBySlug(ctx, in.Brand)
	if errors.Is(err, shop.ErrNotFound) {
		return SignedIn{}, ErrSignIn
	}
	if err != nil {
		return SignedIn{}, err
	}
	email := foldEmail(in.Email)
	a := attempt{brand: brand, now: shop.Millis(s.now())}
	err = s.begin(ctx, &a, func(tx pgx.Tx) error {
		if a.known, err = credentialsOf(ctx, tx, brand.ID, "", email); err != nil {
			return err
		}
		name := email
		isHers, err := hasSignedInFrom(ctx, tx, brand.ID, a.known.Staff, digest(in.DeviceSecret))
		if isHers {
			name += " " + in.DeviceSecret
		}
		a.names = []tallyName{{scopePassword, nameID(scopePassword, brand.ID, name)}}
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	fits, err := s.hasher.fits(ctx, in.Password, a.known.PasswordHash)
	if err != nil {
		return SignedIn{}, err
	}
	if !fits {
		return SignedIn{}, ErrSignIn
	}
	step, err := s.secondFactor(ctx, a, in.TOTP)
	if err != nil {
		return SignedIn{}, err
	}
	return s.finish(ctx, a, Session{Method: ByPassword, DeviceHash: digest(in.DeviceSecret)}, step)
}

// secondFactor is the step whose code was given; 0 without an authenticator app. A missing code is no failure, a wrong one is.
func (s *Service) secondFactor(ctx context.Context, a attempt, code string) (step int64, err error) {
	if len(a.known.TOTPSecret) == 0 {
		return 0, nil
	}
	if code == "" {
		err := s.pool.Brand(ctx, a.brand.ID, func(tx pgx.Tx) error { return s.correct(ctx, tx, a, tally.undone) })
		return 0, errors.Join(ErrTOTPRequired, err)
	}
	secret, err := s.sealer.open(a.known.TOTPSecret, a.brand.ID, a.known.Staff)
	if err != nil {
		return 0, err
	}
	step, ok := totpStepOf(secret, code, a.now)
	if !ok {
		return 0, ErrSignIn
	}
	return step, nil
}

// begin refuses an attempt that is locked out, and counts one that is not.
func (s *Service) begin(ctx context.Context, a *attempt, look func(tx pgx.Tx) error) error {
	return s.pool.Brand(ctx, a.brand.ID, func(tx pgx.Tx) error {
		if err := look(tx); err != nil {
			return err
		}
		tallies, err := lockTallies(ctx, tx, a.brand.ID, a.names, a.now)
		if err != nil {
			return err
		}
		for i, t := range tallies {
			if err := t.refusal(a.now); err != nil {
				return err
			}
			tallies[i] = t.failed(a.now)
		}
		return updateTallies(ctx, tx, a.brand.ID, tallies)
	})
}

// correct takes back what begin counted.
func (s *Service) correct(ctx context.Context, tx pgx.Tx, a attempt, how func(tally) tally) error {
	tallies, err := lockTallies(ctx, tx, a.brand.ID, a.names, a.now)
	if err != nil {
		return err
	}
	for i, t := range tallies {
		tallies[i] = how(t)
	}
	return updateTallies(ctx, tx, a.brand.ID, tallies)
}

// finish starts the session of somebody whose secret fitted and who may sign in.
func (s *Service) finish(ctx context.Context, a attempt, session Session, totpStep int64) (SignedIn, error) {
	session.ID, session.Brand = shop.NewID(a.now), a.brand.ID
	session.Subject, session.SubjectID = SubjectStaff, a.known.Staff
	var out SignedIn
	err := s.pool.Brand(ctx, a.brand.ID, func(tx pgx.Tx) error {
		if totpStep != 0 {
			fresh, err := spendTOTP(ctx, tx, a.brand.ID, a.known.Staff, totpStep)
			if err == nil && !fresh {
				err = ErrSignIn
			}
			if err != nil {
				return err
			}
		}
		started, err := startSession(ctx, tx, session, a.now)
		if err != nil {
			return err
		}
		actor, err := actorOfSession(ctx, tx, started, a.now)
		if errors.Is(err, ErrSessionOver) {
			return ErrSignIn // revoked, or no longer with us
		}
		if err != nil {
			return err
		}
		out = SignedIn{started, actor}
		if err := s.correct(ctx, tx, a, tally.succeeded); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, a.now, audit.Entry{
			Act: "signed_in", Subject: started.ID, Detail: map[string]any{"method": started.Method},
		})
	})
	if err != nil {
		return SignedIn{}, err
	}
	return out, nil
}
