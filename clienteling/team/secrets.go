package team

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// Refusals of a new secret.
var (
	ErrPINWeak      = shop.Refuse(shop.Unprocessable, "pin_weak", "A PIN is "+pinHint)
	ErrPasswordWeak = shop.Refuse(shop.Unprocessable, "password_weak", "A password is "+passwordHint)
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

// SetPassword gives somebody who has an e-mail address a new password, unlocks it, and ends her sessions by the old one.
func (s *Service) SetPassword(ctx context.Context, actor shop.Actor, staff shop.ID, password string) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	if !isGoodPassword(password) {
		return ErrPasswordWeak
	}
	hash, err := s.hasher.make(ctx, password)
	if err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "password_set", Subject: staff}, func(tx pgx.Tx) error {
		p, err := StaffByID(ctx, tx, actor.Brand, staff)
		if err != nil {
			return err
		}
		if err := updatePassword(ctx, tx, actor.Brand, staff, hash); err != nil {
			return err
		}
		if err := deleteTally(ctx, tx, actor.Brand, tallyName{scopePassword, nameID(scopePassword, actor.Brand, p.Email)}); err != nil {
			return err
		}
		return endSessionsByMethod(ctx, tx, actor.Brand, staff, ByPassword, now)
	})
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
	return s.act(ctx, actor, now, entry, func(tx pgx.Tx) error { return deleteTOTP(ctx, tx, actor.Brand, staff) })
}
