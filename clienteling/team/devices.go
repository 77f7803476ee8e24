package team

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// EnrolDevice makes a device of a store and the code that turns a tablet into it, once and within 15 minutes. The code is
// returned here and nowhere else.
func (s *Service) EnrolDevice(ctx context.Context, actor shop.Actor, store shop.ID, name string) (Device, string, error) {
	return s.EnrolDeviceOnce(ctx, actor, shop.NewID(s.now()), store, name)
}

// EnrolDeviceOnce is EnrolDevice under the id that the device gets: under the same id again there is no second device, and its
// code is another, since nobody has heard the first. ErrDeviceEnrolled when somebody has, after all.
func (s *Service) EnrolDeviceOnce(ctx context.Context, actor shop.Actor, id, store shop.ID, name string) (Device, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Device{}, "", err
	}
	if store.IsZero() || !actor.WorksAt(store) {
		return Device{}, "", ErrStoreUnknown
	}
	if err := checkDevice(name); err != nil {
		return Device{}, "", err
	}
	now := shop.Millis(s.now())
	code := newEnrolmentCode()
	d := Device{
		ID: id, Brand: actor.Brand, Store: store, Name: name, EnrolUntil: now.Add(enrolWithin), CreatedBy: actor.ID, CreatedAt: now,
	}
	entry := audit.Entry{Act: "device_code_made", Subject: d.ID, Detail: map[string]any{"store": store}}
	err := s.act(ctx, actor, now, entry, func(tx pgx.Tx) error { return insertDevice(ctx, tx, d, digest(foldCode(code))) })
	if err != nil {
		return Device{}, "", err
	}
	return d, code, nil
}

// RedeemEnrolment spends a code and returns the device with the secret that it proves itself with from now on, here and
// nowhere else. ErrEnrolmentCode for any code that is not waiting.
func (s *Service) RedeemEnrolment(ctx context.Context, brandSlug, code string) (Device, string, error) {
	brand, err := s.BrandBySlug(ctx, brandSlug)
	if errors.Is(err, shop.ErrNotFound) {
		return Device{}, "", ErrEnrolmentCode
	}
	if err != nil {
		return Device{}, "", err
	}
	now := shop.Millis(s.now())
	var d Device
	var secret string
	err = s.pool.Brand(ctx, brand.ID, func(tx pgx.Tx) error {
		var err error
		d, err = lockEnrolment(ctx, tx, brand.ID, digest(foldCode(code)), now)
		if errors.Is(err, shop.ErrNotFound) {
			return ErrEnrolmentCode
		}
		if err != nil {
			return err
		}
		d.EnrolledAt = now
		secret = newDeviceSecret(d.ID)
		if err := updateEnrolled(ctx, tx, d, digest(secret)); err != nil {
			return err
		}
		return audit.Note(ctx, tx, shop.System(brand.ID), now, audit.Entry{Act: "device_enrolled", Subject: d.ID})
	})
	if err != nil {
		return Device{}, "", err
	}
	return d, secret, nil
}

// RevokeDevice ends every session on a device within five seconds and lets nobody sign in on it again.
func (s *Service) RevokeDevice(ctx context.Context, actor shop.Actor, id shop.ID) error {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "device_revoked", Subject: id}, func(tx pgx.Tx) error {
		d, err := deviceByID(ctx, tx, actor.Brand, id)
		if err != nil {
			return err
		}
		if !actor.WorksAt(d.Store) {
			return shop.ErrNotFound
		}
		if err := updateDeviceRevoked(ctx, tx, actor.Brand, id, now); err != nil {
			return err
		}
		return endSessionsOnDevice(ctx, tx, actor.Brand, id, now)
	})
}

// ListDevices is the devices of the actor's stores, newest first; head office sees all.
func (s *Service) ListDevices(ctx context.Context, actor shop.Actor, page shop.Page) ([]Device, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var all []Device
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfDevices(ctx, tx, actor.Brand, storesSeen(actor), page)
		return err
	})
	all, next := shop.Cut(page, all, func(d Device) shop.ID { return d.ID })
	return all, next, err
}

// deviceOf is the enrolled device whose secret this is, or ErrDevice.
func deviceOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, secret string) (Device, error) {
	id, ok := deviceOfSecret(secret)
	if !ok {
		return Device{}, ErrDevice
	}
	d, hash, err := enrolledDevice(ctx, tx, brand, id)
	if errors.Is(err, shop.ErrNotFound) || (err == nil && !sameDigest(hash, digest(secret))) {
		return Device{}, ErrDevice
	}
	return d, err
}
