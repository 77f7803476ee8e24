package team

import (
	"errors"
	"sync"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

// Secrets that pass the rules.
const (
	amysPIN    = "482193"
	wrongPIN   = "918273"
	goodWords  = "correct horse battery"
	appsSecret = "an app's own secret"
)

type bundle struct {
	*Service
	postgrestest.Fixture
	pool   *postgres.Pool
	system shop.Actor
	slug   string

	mu sync.Mutex
	at time.Time
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bundle) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: postgrestest.New(t), at: noon}
	b.Fixture = postgrestest.Brand(t, b.pool)
	service, err := New(b.pool, b.clock, Config{SealingKeys: [][]byte{draw(32)}, Hashing: Hashing{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	b.Service, b.system = service, shop.System(b.Brand)
	brand, err := service.BrandByID(t.Context(), b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	b.slug = brand.Slug
	must(t, b.ResetPIN(t.Context(), b.system, b.Amy, amysPIN))
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got %v, want %v", err, target)
	}
}

// tablet enrols a device in a store and returns it with its secret.
func (b *bundle) tablet(t *testing.T, store shop.ID) (Device, string) {
	t.Helper()
	_, code, err := b.EnrolDevice(t.Context(), b.system, store, "tablet")
	must(t, err)
	d, secret, err := b.RedeemEnrolment(t.Context(), b.slug, code)
	must(t, err)
	return d, secret
}

func (b *bundle) try(t *testing.T, employeeNo, pin, secret string) (SignedIn, error) {
	return b.SignInWithPIN(t.Context(), PINSignIn{Brand: b.slug, EmployeeNo: employeeNo, PIN: pin, DeviceSecret: secret})
}
