package signin

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

const (
	accessLives  = 15 * time.Minute
	accessType   = "at+jwt" // RFC 9068: an ID token is no access token
	audience     = "homestore"
	longestToken = 4096
	// clockSkew is how far the clocks of two of our machines may be apart.
	clockSkew = 5 * time.Second
)

// Refusals of an access token.
var (
	ErrToken        = shop.Refuse(shop.Unauthenticated, "token_invalid", "This access token is not valid. Sign in again.")
	ErrTokenExpired = shop.Refuse(shop.Unauthenticated, "token_expired", "This access token has expired. Refresh it.")
)

// claims are what an access token says. Role and device are for whoever looks at the token; what the actor may is read anew.
type claims struct {
	jwt.RegisteredClaims
	Session shop.ID      `json:"sid"`
	Brand   shop.BrandID `json:"brand"`
	Role    shop.Role    `json:"role"`
	Device  shop.ID      `json:"did,omitzero"`
}

// signAccess makes the token of a session's present generation. Its times are the generation's, so the same generation gives the
// same token, byte for byte.
func (k *Keyring) signAccess(issuer string, in team.SignedIn) (token string, expires time.Time, err error) {
	issued := in.Session.RotatedAt.Truncate(time.Second)
	expires = issued.Add(accessLives)
	token, err = k.sign(claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: in.Actor.ID.String(),
			IssuedAt: jwt.NewNumericDate(issued), NotBefore: jwt.NewNumericDate(issued), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Session: in.Session.ID, Brand: in.Session.Brand, Role: in.Actor.Role, Device: in.Actor.Device,
	})
	return token, expires, err
}

func (k *Keyring) sign(c claims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["typ"], t.Header["kid"] = accessType, k.sets[0].kid
	text, err := t.SignedString(k.sets[0].signing)
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return text, nil
}

// verifyAccess takes a token that this server signed and that has not expired, and no other (RFC 8725).
func (k *Keyring) verifyAccess(issuer, token string, now time.Time) (claims, error) {
	if err := checkForm(token, longestToken, []string{"alg", "typ", "kid"}); err != nil {
		return claims{}, err
	}
	var c claims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(clockSkew), jwt.WithTimeFunc(func() time.Time { return now }),
	)
	_, err := parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if t.Header["typ"] != accessType {
			return nil, ErrToken
		}
		kid, _ := t.Header["kid"].(string)
		key, ok := k.verification(kid)
		if !ok {
			return nil, ErrToken
		}
		return key, nil
	})
	switch {
	case err == nil && !c.Session.IsZero() && c.Brand > 0:
		return c, nil
	case errors.Is(err, jwt.ErrTokenExpired): // its signature was right
		return claims{}, ErrTokenExpired
	}
	return claims{}, ErrToken // the parser's own words quote the token
}

// checkForm refuses what a library might be lenient about: size, header members that we never write (jwk, jku, x5u, crit among
// them), and members given twice, of which two readers may believe different ones. Nil members allows any header.
func checkForm(token string, longest int, members []string) error {
	parts := strings.Split(token, ".")
	if len(token) > longest || len(parts) != 3 {
		return ErrToken
	}
	for i, part := range parts[:2] {
		text, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return ErrToken
		}
		names, err := membersOnce(text)
		if err != nil {
			return err
		}
		for _, name := range names {
			if i == 0 && members != nil && !slices.Contains(members, name) {
				return ErrToken
			}
		}
	}
	return nil
}

// membersOnce reads a JSON object and returns the names of its members; ErrToken when one comes twice, at any depth.
func membersOnce(text []byte) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, ErrToken
	}
	names, err := walkObject(d, 0)
	if err != nil {
		return nil, ErrToken
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrToken
	}
	return names, nil
}

func walkObject(d *json.Decoder, depth int) ([]string, error) {
	var names []string
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if slices.Contains(names, name) || depth > 8 {
			return nil, ErrToken
		}
		names = append(names, name)
		if err := walkValue(d, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token() // the closing brace
	return names, err
}

func walkValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	switch {
	case err != nil:
		return err
	case t == json.Delim('{'):
		_, err = walkObject(d, depth+1)
		return err
	case t == json.Delim('['):
		if depth > 8 {
			return ErrToken
		}
		for d.More() {
			if err := walkValue(d, depth+1); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	}
	return nil
}
