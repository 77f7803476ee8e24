// Package signin proves who is asking: it turns what people and systems present into a session or an actor, and keeps no
// secret of its own.
//
// Always true: an access token lives 15 minutes and is taken only when this server signed it (EdDSA, a kid of the keyring, iss,
// aud and typ as expected); a refresh token is derived from the session and the server's secret, so none is stored; whoever was
// revoked, and whatever changed about her stores and role, is so on every route within five seconds; an answer tells nobody
// whether a name exists.
//
// Sessions, locks and hashes are kept by clienteling/team. Finding or making the customer whom a foreign token names is left to
// Members.
package signin

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Keyring is every key of the server, derived from its one secret. With "new,old" both are good and the new one makes.
type Keyring struct{ sets []keySet }

type keySet struct {
	kid     string
	signing ed25519.PrivateKey // access tokens
	refresh []byte             // refresh tokens
	click   []byte             // click ids
	sealing []byte             // AES-256: secrets kept in the database
	member  []byte             // the hash of member codes
}

// leastSecret is in bytes: 256 bits, as much as the strongest key that is derived.
const leastSecret = 32

// NewKeyring derives the keys of HOMESTORE_SECRET: at least 32 bytes, raw or in base64, or several of them with commas
// between, the newest first.
func NewKeyring(secret string) (*Keyring, error) {
	k := &Keyring{}
	for part := range strings.SplitSeq(secret, ",") {
		raw := decodeSecret(strings.TrimSpace(part))
		if len(raw) < leastSecret {
			return nil, errors.New("HOMESTORE_SECRET needs at least 32 bytes, such as the output of: openssl rand -base64 32")
		}
		set, err := derive(raw)
		if err != nil {
			return nil, err
		}
		k.sets = append(k.sets, set)
	}
	return k, nil
}

// decodeSecret takes base64 of enough bytes as such, and anything else as it is.
func decodeSecret(text string) []byte {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(text); err == nil && len(raw) >= leastSecret {
			return raw
		}
	}
	return []byte(text)
}

// The labels separate the keys (RFC 5869, info). A changed label is a changed key.
func derive(secret []byte) (keySet, error) {
	var failed error
	key := func(label string, length int) []byte {
		b, err := hkdf.Key(sha256.New, secret, nil, "homestore "+label, length)
		failed = errors.Join(failed, err)
		return b
	}
	set := keySet{
		kid:     base64.RawURLEncoding.EncodeToString(key("kid", 8)),
		refresh: key("refresh token", 32),
		click:   key("click id", 32),
		sealing: key("sealing", 32),
		member:  key("member code", 32),
	}
	seed := key("access token", ed25519.SeedSize)
	if failed != nil {
		return keySet{}, fmt.Errorf("derive keys: %w", failed)
	}
	set.signing = ed25519.NewKeyFromSeed(seed)
	return set, nil
}

// String keeps the keys out of logs.
func (k *Keyring) String() string { return "[hidden]" }

// GoString keeps them out of %#v.
func (k *Keyring) GoString() string { return "[hidden]" }

// ClickKeys sign click ids, newest first.
func (k *Keyring) ClickKeys() [][]byte {
	var keys [][]byte
	for _, set := range k.sets {
		keys = append(keys, set.click)
	}
	return keys
}

// SealingKeys are AES-256 keys for secrets that must be read again, newest first.
func (k *Keyring) SealingKeys() [][]byte {
	var keys [][]byte
	for _, set := range k.sets {
		keys = append(keys, set.sealing)
	}
	return keys
}

// MemberCodeKey hashes member codes. A code lives minutes, so the newest key alone is used.
func (k *Keyring) MemberCodeKey() []byte { return k.sets[0].member }

// verification is the public key of a kid: one of ours or none. A kid is compared, never used as a path or an address.
func (k *Keyring) verification(kid string) (ed25519.PublicKey, bool) {
	for _, set := range k.sets {
		if set.kid == kid {
			return set.signing.Public().(ed25519.PublicKey), true
		}
	}
	return nil, false
}

// JWKS is a set of public keys (RFC 7517), as others fetch it.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWK is one public key. Which of the members it has depends on its type.
type JWK struct {
	Type  string `json:"kty"`
	Use   string `json:"use,omitempty"`
	Alg   string `json:"alg,omitempty"`
	ID    string `json:"kid,omitempty"`
	Curve string `json:"crv,omitempty"`
	X     string `json:"x,omitempty"`
	Y     string `json:"y,omitempty"`
	N     string `json:"n,omitempty"`
	E     string `json:"e,omitempty"`
}

// JWKS are the public keys with which anybody can check an access token.
func (k *Keyring) JWKS() JWKS {
	var out JWKS
	for _, set := range k.sets {
		public := set.signing.Public().(ed25519.PublicKey)
		out.Keys = append(out.Keys, JWK{
			Type: "OKP", Use: "sig", Alg: "EdDSA", ID: set.kid, Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(public),
		})
	}
	return out
}
