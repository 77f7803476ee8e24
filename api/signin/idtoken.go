package signin

import (
	"context"
	"crypto"
	"errors"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

const (
	longestIDToken = 16 << 10 // an ID token with a picture's address and groups is 3 kB
	issuerSkew     = 30 * time.Second
	// lineKeysURL is where LINE publishes the keys of its ID tokens: ES256, as apps and LIFF get them. Tokens of a web channel are
	// signed with the channel's secret (HS256) and are not taken.
	lineKeysURL = "https://api.line.me/oauth2/v2.1/certs"
)

// Refusals of a foreign token. ErrIDToken says the same whatever is wrong with it, and of a brand that is unknown.
var (
	ErrIDToken    = shop.Refuse(shop.Unauthenticated, "id_token_invalid", "This ID token is not one that the brand takes. Sign in with the provider again.")
	ErrIssuerAway = shop.Refuse(shop.Unavailable, "issuer_unreachable", "The provider's keys cannot be fetched now. Try again.").After(5)
)

// idTokens checks the ID tokens of issuers that publish their keys.
type idTokens struct {
	provider   string
	keys       *keySource
	now        func() time.Time
	keysURL    string   // instead of the registered one
	algorithms []string // empty: all that we take
}

// taken are the algorithms of ID tokens: asymmetric, so that none can be made with a public key.
var taken = []string{"RS256", "ES256", "EdDSA"}

type idClaims struct {
	jwt.RegisteredClaims
	Nonce         string `json:"nonce"`
	Authorised    string `json:"azp"`
	Name          string `json:"name"`
	Phone         string `json:"phone_number"`
	PhoneVerified truth  `json:"phone_number_verified"`
	Email         string `json:"email"`
	EmailVerified truth  `json:"email_verified"`
}

// truth is a JSON true, or "true": some issuers write it as a text.
type truth bool

// UnmarshalJSON takes whatever is not true as false.
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "true" || string(b) == `"true"`
	return nil
}

// Prove finds the issuer among the brand's, and checks the token with that issuer's keys.
func (p idTokens) Prove(ctx context.Context, issuers []team.Issuer, token, nonce string) (Proven, error) {
	if checkForm(token, longestIDToken, nil) != nil {
		return Proven{}, ErrIDToken
	}
	// The unproven iss only chooses among the registered issuers; the parser then demands it of the proven token.
	var said idClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &said); err != nil {
		return Proven{}, ErrIDToken
	}
	for _, issuer := range issuers {
		if issuer.Issuer != said.Issuer || !slices.Contains(said.Audience, issuer.Audience) {
			continue
		}
		c, err := p.verify(ctx, issuer, token)
		if err != nil {
			return Proven{}, err
		}
		if nonce != "" && c.Nonce != nonce {
			return Proven{}, ErrIDToken
		}
		return c.proven(p.provider), nil
	}
	return Proven{}, ErrIDToken
}

func (p idTokens) verify(ctx context.Context, issuer team.Issuer, token string) (idClaims, error) {
	algorithms := p.algorithms
	if len(algorithms) == 0 {
		algorithms = taken
	}
	address := p.keysURL
	if address == "" {
		address = issuer.JWKSURL
	}
	var c idClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods(algorithms), jwt.WithStrictDecoding(), jwt.WithIssuer(issuer.Issuer), jwt.WithAudience(issuer.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(issuerSkew), jwt.WithTimeFunc(p.now),
	)
	_, err := parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) { return p.key(ctx, address, t) })
	switch {
	case errors.Is(err, ErrIssuerAway):
		return idClaims{}, ErrIssuerAway
	case err != nil, c.Subject == "", len(c.Subject) > 255:
		return idClaims{}, ErrIDToken
	case len(c.Audience) > 1 && c.Authorised != issuer.Audience: // OpenID Connect Core, 3.1.3.7
		return idClaims{}, ErrIDToken
	}
	return c, nil
}

// key is the issuer's key of the token's kid. Nothing else in the header is read: no jwk, no jku, no x5u.
func (p idTokens) key(ctx context.Context, address string, t *jwt.Token) (crypto.PublicKey, error) {
	if typ, said := t.Header["typ"]; said && typ != "JWT" {
		return nil, ErrIDToken // such as an access token
	}
	kid, _ := t.Header["kid"].(string)
	key, err := p.keys.key(ctx, address, kid)
	if err != nil {
		return nil, err
	}
	if key.algorithm != t.Method.Alg() {
		return nil, ErrIDToken // a key is for one algorithm
	}
	return key.public, nil
}

func (c idClaims) proven(provider string) Proven {
	who := Proven{Provider: provider, Issuer: c.Issuer, Subject: c.Subject, Name: c.Name}
	if c.PhoneVerified {
		who.Phone = c.Phone
	}
	if c.EmailVerified {
		who.Email = c.Email
	}
	return who
}
