package team

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// PlatformAPI is the platform of a key that a brand's own program calls with; every other name is that of an adapter.
const PlatformAPI = "api"

// KeyPrefix begins every API key, so that one which leaked into a repository or a log is found by a search.
const KeyPrefix = "hs_live_"

// Scopes that an API key may carry: each route of the systems asks for one. What a platform sends is taken by its signature alone.
const (
	ScopeOrders    = "orders:write"
	ScopeCatalogue = "catalogue:write"
	ScopeCustomers = "customers:write"
	ScopeReadInbox = "inbox:read"
	ScopeReplay    = "inbox:write"
)

var scopes = []string{ScopeOrders, ScopeCatalogue, ScopeCustomers, ScopeReadInbox, ScopeReplay}

// Integration is one system of the brand: a program with an API key, or a platform whose webhooks are signed with a secret.
type Integration struct {
	ID        shop.ID
	Brand     shop.BrandID
	Name      string
	Platform  string
	Store     shop.ID // the web store whose orders it brings
	Scopes    []string
	CreatedAt time.Time
	RevokedAt time.Time // zero: in use
}

// NewIntegration is what is needed to let a system in.
type NewIntegration struct {
	ID       shop.ID // zero: a new one
	Name     string
	Platform string
	Store    shop.ID
	Scopes   []string
	// Of a platform: by what its messages are known (a shop's domain) and the secret they are signed with.
	Lookup        string
	WebhookSecret string
}

// WebhookKey is what a platform's message is checked with.
type WebhookKey struct {
	Integration
	Secret      []byte
	Former      []byte // the secret before, nil when there was none
	FormerUntil time.Time
}

// Secrets are those with which a message may be signed at an instant.
func (k WebhookKey) Secrets(now time.Time) [][]byte {
	switch {
	case len(k.Secret) == 0:
		return nil
	case len(k.Former) > 0 && now.Before(k.FormerUntil):
		return [][]byte{k.Secret, k.Former}
	}
	return [][]byte{k.Secret}
}

// Issuer is somebody whose tokens a customer may exchange for a session.
type Issuer struct {
	Provider string // oidc, firebase or line
	Issuer   string // the token's iss
	Audience string // the token's aud
	JWKSURL  string // where an oidc issuer publishes its keys
}

var providers = []string{"oidc", "firebase", "line"}

// Refusals about other systems.
var (
	ErrIntegrationExists = shop.Refuse(shop.Conflict, "integration_exists", "This platform's shop is connected already.")
	ErrAPIKey            = shop.Refuse(shop.Unauthenticated, "api_key_invalid", "This API key is not valid.")
	_                    = postgres.RefuseOn("integration_directory_pkey", ErrIntegrationExists)
)

var platformForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

func (n NewIntegration) check() error {
	var c shop.Check
	c.That(storable(n.Name, 80), "name", "name_invalid", "1 to 80 characters without line breaks.")
	c.That(platformForm.MatchString(n.Platform), "platform", "platform_invalid", "api, or a platform's name in small letters.")
	for _, scope := range n.Scopes {
		c.That(slices.Contains(scopes, scope), "scopes", "scope_unknown", "One of "+strings.Join(scopes, ", ")+".")
	}
	if n.Platform == PlatformAPI {
		c.That(n.Lookup == "" && n.WebhookSecret == "", "webhook_secret", "webhook_of_platform_only", "An API key has no webhooks.")
	} else {
		c.That(storable(n.Lookup, 200), "lookup", "lookup_required", "By what the platform's messages are known, such as its shop domain.")
		c.That(len(n.WebhookSecret) >= 16 && len(n.WebhookSecret) <= 512, "webhook_secret", "webhook_secret_invalid", "16 to 512 characters.")
	}
	return c.Err()
}

func newAPIKey() string { return KeyPrefix + base64.RawURLEncoding.EncodeToString(draw(32)) }

// keyLookup is under which an API key stands in the directory: its digest, since the directory is no place for a key.
func keyLookup(key string) string { return hex.EncodeToString(digest(key)) }

func (i Issuer) check() error {
	var c shop.Check
	c.That(slices.Contains(providers, i.Provider), "provider", "provider_unknown", "oidc, firebase or line.")
	c.That(storable(i.Issuer, 300), "issuer", "issuer_required", "The token's iss.")
	c.That(storable(i.Audience, 300), "audience", "audience_required", "The token's aud.")
	if i.Provider == "oidc" {
		c.That(IsKeyURL(i.JWKSURL), "jwks_url", "jwks_url_invalid", "An https address; http on this machine only.")
	} else {
		c.That(i.JWKSURL == "", "jwks_url", "jwks_url_of_oidc_only", "This provider's keys are known.")
	}
	return c.Err()
}

// IsKeyURL says whether keys may be fetched from an address: by https, or by http from this machine.
func IsKeyURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	host := u.Hostname()
	isHere := host == "localhost" || host == "127.0.0.1" || host == "::1"
	return u.Scheme == "https" || (u.Scheme == "http" && isHere && !strings.HasSuffix(host, "."))
}
