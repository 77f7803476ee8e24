package signin

import (
	"context"
	"fmt"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Members finds or makes the customer whom a proven identity names.
type Members interface {
	Member(ctx context.Context, brand shop.BrandID, who Proven) (shop.ID, error)
}

// Proven is what a token of somebody else's proves about a customer. Phone and e-mail are empty unless the issuer says that it
// has verified them.
type Proven struct {
	Provider string // oidc, firebase or line
	Issuer   string
	Subject  string // her name at the issuer
	Phone    string // E.164
	Email    string
	Name     string // what she calls herself; proves nothing
}

// Provider checks a token of one kind of issuer. ErrIDToken and ErrIssuerAway can come back.
type Provider interface {
	Prove(ctx context.Context, issuers []team.Issuer, token, nonce string) (Proven, error)
}

// Config is what the face is built with.
type Config struct {
	Issuer  string // the public address of this server: iss of its tokens
	Keys    *Keyring
	Team    *team.Service
	Members Members
	Now     func() time.Time
	// Firebase checks Firebase's ID tokens; without one they are refused.
	Firebase Provider
}

// Face is the routes of signing in, and Authenticate for all others.
type Face struct {
	issuer    string
	keys      *Keyring
	team      *team.Service
	members   Members
	now       func() time.Time
	providers map[string]Provider
	known     *memory
}

// New makes the face.
func New(cfg Config) *Face {
	keys := newKeySource(cfg.Now)
	f := &Face{
		issuer: cfg.Issuer, keys: cfg.Keys, team: cfg.Team, members: cfg.Members, now: cfg.Now, known: newMemory(mostKnown),
		providers: map[string]Provider{
			"oidc": idTokens{provider: "oidc", keys: keys, now: cfg.Now},
			"line": idTokens{provider: "line", keys: keys, now: cfg.Now, keysURL: lineKeysURL, algorithms: []string{"ES256"}},
		},
	}
	if cfg.Firebase != nil {
		f.providers["firebase"] = cfg.Firebase
	}
	return f
}

// tokens is the answer to a sign-in and to a refresh.
type tokens struct {
	TokenType        string    `json:"token_type"`
	AccessToken      string    `json:"access_token"`
	AccessExpiresAt  time.Time `json:"access_expires_at"`
	RefreshToken     string    `json:"refresh_token"`
	RefreshExpiresAt time.Time `json:"refresh_expires_at"`
	Actor            actor     `json:"actor"`
}

// actor is who signed in, and what her app may show her.
type actor struct {
	ID      shop.ID      `json:"id"`
	Role    shop.Role    `json:"role"`
	Brand   shop.BrandID `json:"brand_id"`
	StoreID *shop.ID     `json:"store_id"` // of the enrolled device
	Stores  []shop.ID    `json:"store_ids"`
}

func (f *Face) answer(in team.SignedIn, err error) (tokens, error) {
	if err != nil {
		return tokens{}, err
	}
	access, expires, err := f.keys.signAccess(f.issuer, in)
	if err != nil {
		return tokens{}, fmt.Errorf("answer session %s: %w", in.Session.ID, err)
	}
	who := actor{ID: in.Actor.ID, Role: in.Actor.Role, Brand: in.Actor.Brand, Stores: append([]shop.ID{}, in.Actor.Stores...)}
	if !in.Actor.Store.IsZero() {
		who.StoreID = &in.Actor.Store
	}
	return tokens{
		TokenType: "Bearer", AccessToken: access, AccessExpiresAt: expires.UTC(),
		RefreshToken: f.keys.refreshToken(in.Session), RefreshExpiresAt: in.Session.ExpiresAt.UTC(), Actor: who,
	}, nil
}
