// Package localissuer is an identity provider for `make run`, demonstrations and tests: it gives an ID token to whoever asks, for
// whatever name and phone number is asked for.
//
// Always true: its key is its own, made on the first start and kept in the data directory, and its tokens are checked like any
// other issuer's. It proves nothing about anybody, so it is mounted only where no credentials of Firebase are set, and a brand
// takes its tokens only when it is registered as one of the brand's issuers, as that of the demo is.
package localissuer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Audience is the aud of its tokens.
const Audience = "homestore-local"

// KeysPath is where its keys are, below its address.
const KeysPath = "/jwks.json"

const (
	keyFile    = "local-issuer.pem"
	tokenLives = 10 * time.Minute
	mostBody   = 4 << 10
)

// Issuer makes ID tokens. Its routes are relative to its address.
type Issuer struct {
	address string
	key     *ecdsa.PrivateKey
	kid     string
	now     func() time.Time
}

// New reads the key in dir, or makes it. Address is where the issuer is reached, without a slash at its end: the iss of its tokens.
func New(dir, address string, now func() time.Time) (*Issuer, error) {
	key, err := readKey(dir)
	if err != nil {
		return nil, fmt.Errorf("key of the local issuer: %w", err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("key of the local issuer: %w", err)
	}
	sum := sha256.Sum256(public)
	return &Issuer{address: address, key: key, kid: base64.RawURLEncoding.EncodeToString(sum[:8]), now: now}, nil
}

func readKey(dir string) (*ecdsa.PrivateKey, error) {
	file := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(dir, file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key; remove it to have a new one made", keyFile)
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

// makeKey puts the key in place whole or not at all.
func makeKey(dir, file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	written := file + ".new"
	if err := os.WriteFile(written, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return key, os.Rename(written, file)
}

// JWKSURL is where its keys are.
func (i *Issuer) JWKSURL() string { return i.address + KeysPath }

// Address is the iss of its tokens.
func (i *Issuer) Address() string { return i.address }

// Person is who the token shall be of. Phone and e-mail are taken as verified: nobody is asked.
type Person struct {
	Subject string `json:"sub"`
	Phone   string `json:"phone"`
	Email   string `json:"email"`
	Name    string `json:"name"`
	Nonce   string `json:"nonce"`
}

// Token is an ID token of the person.
func (i *Issuer) Token(p Person) (string, error) {
	now := i.now()
	claims := jwt.MapClaims{
		"iss": i.address, "aud": Audience, "sub": p.Subject, "iat": now.Unix(), "exp": now.Add(tokenLives).Unix(),
	}
	for name, value := range map[string]string{"phone_number": p.Phone, "email": p.Email, "name": p.Name, "nonce": p.Nonce} {
		if value != "" {
			claims[name] = value
		}
	}
	claims["phone_number_verified"], claims["email_verified"] = p.Phone != "", p.Email != ""
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = i.kid
	return token.SignedString(i.key)
}

// Handler answers GET /.well-known/openid-configuration, GET /jwks.json and POST /token.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{
			"issuer": i.address, "jwks_uri": i.JWKSURL(), "token_endpoint": i.address + "/token",
			"id_token_signing_alg_values_supported": []string{"ES256"}, "subject_types_supported": []string{"public"},
		})
	})
	mux.HandleFunc("GET "+KeysPath, i.serveKeys)
	mux.HandleFunc("POST /token", i.serveToken)
	return mux
}

func (i *Issuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	public, err := i.key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	text := base64.RawURLEncoding.EncodeToString
	answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": i.kid, "x": text(public[1:33]), "y": text(public[33:]),
	}}})
}

func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	var p Person
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || p.Subject == "" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": `send {"sub", "phone", "email", "name", "nonce"}; sub is needed`})
		return
	}
	token, err := i.Token(p)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"id_token": token, "token_type": "Bearer", "expires_in": int(tokenLives.Seconds())})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the other end may be gone
}
