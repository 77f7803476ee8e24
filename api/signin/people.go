package signin

import (
	"context"
	"errors"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// The app's own secret is drawn by it once, at install: 256 bits are 43 characters of base64url, 64 of hex.
const (
	leastAppSecret = 32
	mostAppSecret  = 200
)

func checkBrand(c *shop.Check, slug string) {
	c.That(slug != "" && len(slug) <= 40, "brand", "brand_required", "The brand's short name, such as in its address.")
}

func checkAppSecret(c *shop.Check, secret string) {
	c.That(len(secret) >= leastAppSecret && len(secret) <= mostAppSecret, "device_secret", "device_secret_invalid",
		"32 to 200 characters, drawn at random when the app was installed, or given at enrolment.")
}

type enrolDeviceRequest struct {
	Brand string `json:"brand"`
	Code  string `json:"code"`
}

// Validate checks the shape.
func (r *enrolDeviceRequest) Validate() error {
	var c shop.Check
	checkBrand(&c, r.Brand)
	c.That(len(r.Code) >= 10 && len(r.Code) <= 20, "code", "code_required", "The code that a manager's page shows, such as 7F3KQ-2M9XD.")
	return c.Err()
}

type enrolledDevice struct {
	DeviceID     shop.ID `json:"device_id"`
	DeviceSecret string  `json:"device_secret"`
	StoreID      shop.ID `json:"store_id"`
	Name         string  `json:"name"`
}

func (f *Face) enrolDevice(ctx context.Context, in enrolDeviceRequest) (enrolledDevice, error) {
	d, secret, err := f.team.RedeemEnrolment(ctx, in.Brand, in.Code)
	if err != nil {
		return enrolledDevice{}, err
	}
	return enrolledDevice{DeviceID: d.ID, DeviceSecret: secret, StoreID: d.Store, Name: d.Name}, nil
}

type signInStaffRequest struct {
	Brand        string `json:"brand"`
	EmployeeNo   string `json:"employee_no"`
	PIN          string `json:"pin"`
	DeviceSecret string `json:"device_secret"`
}

// Validate checks the shape. What a PIN must be like is not told here: a wrong one is wrong.
func (r *signInStaffRequest) Validate() error {
	var c shop.Check
	checkBrand(&c, r.Brand)
	c.That(r.EmployeeNo != "" && len(r.EmployeeNo) <= 160, "employee_no", "employee_no_required", "The employee number.")
	c.That(r.PIN != "" && len(r.PIN) <= 12, "pin", "pin_required", "The PIN, at most 12 digits.")
	c.That(r.DeviceSecret != "" && len(r.DeviceSecret) <= mostAppSecret, "device_secret", "device_secret_required", "The secret given when the device was enrolled.")
	return c.Err()
}

func (f *Face) signInStaff(ctx context.Context, in signInStaffRequest) (tokens, error) {
	return f.answer(f.team.SignInWithPIN(ctx, team.PINSignIn{
		Brand: in.Brand, EmployeeNo: in.EmployeeNo, PIN: in.PIN, DeviceSecret: in.DeviceSecret,
	}))
}

type signInManagerRequest struct {
	Brand        string `json:"brand"`
	Email        string `json:"email"`
	Password     string `json:"password"`
	TOTPCode     string `json:"totp_code"`
	DeviceSecret string `json:"device_secret"`
}

// Validate checks the shape.
func (r *signInManagerRequest) Validate() error {
	var c shop.Check
	checkBrand(&c, r.Brand)
	checkAppSecret(&c, r.DeviceSecret)
	c.That(r.Email != "" && len(r.Email) <= 254, "email", "email_required", "The e-mail address.")
	c.That(r.Password != "" && len(r.Password) <= 512, "password", "password_required", "The password, at most 512 bytes.")
	c.That(r.TOTPCode == "" || len(r.TOTPCode) == 6, "totp_code", "totp_code_invalid", "Six digits, or nothing.")
	return c.Err()
}

func (f *Face) signInManager(ctx context.Context, in signInManagerRequest) (tokens, error) {
	return f.answer(f.team.SignInWithPassword(ctx, team.PasswordSignIn{
		Brand: in.Brand, Email: in.Email, Password: in.Password, TOTP: in.TOTPCode, DeviceSecret: in.DeviceSecret,
	}))
}

type signInCustomerRequest struct {
	Brand        string `json:"brand"`
	Provider     string `json:"provider"`
	IDToken      string `json:"id_token"`
	Nonce        string `json:"nonce"`
	DeviceSecret string `json:"device_secret"`
}

// Validate checks the shape.
func (r *signInCustomerRequest) Validate() error {
	var c shop.Check
	checkBrand(&c, r.Brand)
	checkAppSecret(&c, r.DeviceSecret)
	c.That(r.Provider == "oidc" || r.Provider == "firebase" || r.Provider == "line", "provider", "provider_unknown", "oidc, firebase or line.")
	c.That(r.IDToken != "" && len(r.IDToken) <= longestIDToken, "id_token", "id_token_required", "The ID token, at most 16 kB.")
	c.That(len(r.Nonce) <= 200, "nonce", "nonce_invalid", "At most 200 characters.")
	return c.Err()
}

func (f *Face) signInCustomer(ctx context.Context, in signInCustomerRequest) (tokens, error) {
	brand, err := f.team.BrandBySlug(ctx, in.Brand)
	if errors.Is(err, shop.ErrNotFound) {
		return tokens{}, ErrIDToken
	}
	if err != nil {
		return tokens{}, err
	}
	provider, ok := f.providers[in.Provider]
	if !ok {
		return tokens{}, ErrIDToken
	}
	issuers, err := f.team.Issuers(ctx, brand.ID, in.Provider)
	if err != nil {
		return tokens{}, err
	}
	who, err := provider.Prove(ctx, issuers, in.IDToken, in.Nonce)
	if err != nil {
		return tokens{}, err
	}
	customer, err := f.members.Member(ctx, brand.ID, who)
	if err != nil {
		return tokens{}, err
	}
	return f.answer(f.team.StartCustomerSession(ctx, brand.ID, customer, in.DeviceSecret))
}

type refreshRequest struct {
	RefreshToken string `json:"refresh_token"`
	DeviceSecret string `json:"device_secret"`
}

// Validate checks the shape.
func (r *refreshRequest) Validate() error {
	var c shop.Check
	c.That(r.RefreshToken != "" && len(r.RefreshToken) <= 200, "refresh_token", "refresh_token_required", "The refresh token of the last answer.")
	c.That(r.DeviceSecret != "" && len(r.DeviceSecret) <= mostAppSecret, "device_secret", "device_secret_required", "The secret that was sent at sign-in.")
	return c.Err()
}

func (f *Face) refreshSession(ctx context.Context, in refreshRequest) (tokens, error) {
	g, err := f.keys.openRefresh(in.RefreshToken)
	if err != nil {
		return tokens{}, err
	}
	return f.answer(f.team.Refresh(ctx, g.brand, g.session, g.number, in.DeviceSecret))
}

func (f *Face) signOut(ctx context.Context, _ endpoint.None) (endpoint.None, error) {
	return endpoint.None{}, f.team.SignOut(ctx, endpoint.Actor(ctx))
}

func (f *Face) getKeys(context.Context, endpoint.None) (JWKS, error) { return f.keys.JWKS(), nil }
