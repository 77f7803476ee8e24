package team

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// Refusals of a new secret.
var (
	ErrPINWeak      = shop.Refuse(shop.Unprocessable, "pin_weak", "A PIN is "+pinHint)
	ErrPasswordWeak = shop.Refuse(shop.Unprocessable, "password_weak", "A password is "+passwordHint)

	ErrPasswordWrong = shop.Refuse(shop.Unprocessable, "password_wrong", "This is not your password.")
)

// ResetPIN gives a staff member a new PIN and 20 new guesses, unlocks her number, and ends her sessions by the old one. A
// manager may for who works in her stores today.
func (s *Service) ResetPIN(ctx context.Context, actor shop.Actor, staff shop.ID, pin string) error {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	if !isGoodPIN(pin) {
		return ErrPINWeak
	}
	hash, err := s.hasher.make(ctx, pin)
	if err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "pin_reset", Subject: staff}, func(tx pgx.Tx) error {
		if err := s.mayManage(ctx, tx, actor, staff, now); err != nil {
			return err
		}
		p, err := StaffByID(ctx, tx, actor.Brand, staff)
		if err != nil {
			return err
		}
		if err := updatePIN(ctx, tx, actor.Brand, staff, hash); err != nil {
			return err
		}
		if err := deleteTally(ctx, tx, actor.Brand, tallyName{scopePIN, nameID(scopePIN, actor.Brand, p.EmployeeNo)}); err != nil {
			return err
		}
		return endSessionsByMethod(ctx, tx, actor.Brand, staff, ByPIN, now)
	})
}

// SetPassword gives somebody who has an e-mail address a new password, unlocks it, and ends her sessions by the old one. Who gives
// it knows it, and is no second person beside her from then on.
func (s *Service) SetPassword(ctx context.Context, actor shop.Actor, staff shop.ID, password string) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	hash, err := s.hashOf(ctx, password)
	if err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "password_set", Subject: staff}, func(tx pgx.Tx) error {
		if err := setPassword(ctx, tx, actor.Brand, staff, hash, now); err != nil {
			return err
		}
		return leaveHands(ctx, tx, actor, staff, now)
	})
}

// ChangePassword is SetPassword of the actor's own, who knows the old one. ErrPasswordWrong when she does not, and ErrSignInLocked
// after as many guesses as when signing in: a session that was left open must not become hers who found it.
func (s *Service) ChangePassword(ctx context.Context, actor shop.Actor, old, password string) error {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance); err != nil {
		return err
	}
	hash, err := s.hashOf(ctx, password)
	if err != nil {
		return err
	}
	brand, err := s.BrandByID(ctx, actor.Brand)
	if err != nil {
		return err
	}
	// Counted apart from signing in, which the guesses of a stolen session must not lock.
	a := attempt{brand: brand, now: shop.Millis(s.now()), names: []tallyName{{scopePassword, nameID(scopePassword, actor.Brand, "change "+actor.ID.String())}}}
	err = s.begin(ctx, &a, func(tx pgx.Tx) error {
		p, err := StaffByID(ctx, tx, actor.Brand, actor.ID)
		if err == nil {
			a.known, err = credentialsOf(ctx, tx, actor.Brand, p.EmployeeNo, "")
		}
		return err
	})
	if err != nil {
		return err
	}
	fits, err := s.hasher.fits(ctx, old, a.known.PasswordHash)
	if err != nil {
		return err
	}
	if !fits {
		return ErrPasswordWrong
	}
	return s.act(ctx, actor, a.now, audit.Entry{Act: "password_changed", Subject: actor.ID}, func(tx pgx.Tx) error {
		if err := s.correct(ctx, tx, a, tally.succeeded); err != nil {
			return err
		}
		return setPassword(ctx, tx, actor.Brand, actor.ID, hash, a.now)
	})
}

func (s *Service) hashOf(ctx context.Context, password string) (string, error) {
	if !isGoodPassword(password) {
		return "", ErrPasswordWeak
	}
	return s.hasher.make(ctx, password)
}

func setPassword(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, hash string, now time.Time) error {
	p, err := StaffByID(ctx, tx, brand, staff)
	if err != nil {
		return err
	}
	if err := updatePassword(ctx, tx, brand, staff, hash); err != nil {
		return err
	}
	if err := deleteTally(ctx, tx, brand, tallyName{scopePassword, nameID(scopePassword, brand, p.Email)}); err != nil {
		return err
	}
	return endSessionsByMethod(ctx, tx, brand, staff, ByPassword, now)
}

// OfferTOTP draws a secret for the actor's authenticator app. Nothing is kept until ConfirmTOTP.
func (s *Service) OfferTOTP(ctx context.Context, actor shop.Actor) (offer TOTPSecret, err error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance); err != nil {
		return TOTPSecret{}, err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		p, err := StaffByID(ctx, tx, actor.Brand, actor.ID)
		if err == nil {
			offer = NewTOTPSecret("Homestore", cmp.Or(p.Email, p.EmployeeNo))
		}
		return err
	})
	return offer, err
}

// ConfirmTOTP sets the actor's own authenticator app up, once it shows the right code for the secret. ErrTOTPSet when there is
// one: otherwise a stolen session could replace it.
func (s *Service) ConfirmTOTP(ctx context.Context, actor shop.Actor, secretBase32, code string) error {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	secret, ok := parseTOTPSecret(secretBase32)
	if !ok {
		return ErrTOTPCode
	}
	step, ok := totpStepOf(secret, code, now)
	if !ok {
		return ErrTOTPCode
	}
	return s.act(ctx, actor, now, audit.Entry{Act: "totp_set", Subject: actor.ID}, func(tx pgx.Tx) error {
		set, err := insertTOTP(ctx, tx, actor.Brand, actor.ID, s.sealer.seal(secret, actor.Brand, actor.ID), step)
		if err == nil && !set {
			err = ErrTOTPSet
		}
		return err
	})
}

// DropTOTP removes somebody's authenticator app, when the phone is lost. Head office only, and not one's own: that would make
// the second factor one that a stolen session removes.
func (s *Service) DropTOTP(ctx context.Context, actor shop.Actor, staff shop.ID) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	if actor.ID == staff {
		return shop.ErrForbidden
	}
	now := shop.Millis(s.now())
	entry := audit.Entry{Act: "totp_dropped", Subject: staff}
	return s.act(ctx, actor, now, entry, func(tx pgx.Tx) error {
		if err := deleteTOTP(ctx, tx, actor.Brand, staff); err != nil || actor.Is(shop.RoleSystem) {
			return err
		}
		return leaveHands(ctx, tx, actor, staff, now)
	})
}
