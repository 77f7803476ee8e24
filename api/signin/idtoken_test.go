package signin

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"homestore/clienteling/team"
)

// idp is an issuer that somebody else runs.
type idp struct {
	t       *testing.T
	server  *httptest.Server
	issuer  team.Issuer
	keys    atomic.Value // []JWK
	answer  atomic.Value // func(http.ResponseWriter): instead of keys
	fetched atomic.Int32
	ec      *ecdsa.PrivateKey
	rsa     *rsa.PrivateKey
	ed      ed25519.PrivateKey
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	i := &idp{t: t}
	var err error
	if i.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if i.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	i.ed = ed25519.NewKeyFromSeed(make([]byte, 32))
	i.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.fetched.Add(1)
		if answer, ok := i.answer.Load().(func(http.ResponseWriter)); ok && answer != nil {
			answer(w)
			return
		}
		_ = json.NewEncoder(w).Encode(JWKS{Keys: i.keys.Load().([]JWK)})
	}))
	t.Cleanup(i.server.Close)
	i.keys.Store([]JWK{ecKey("ec", i.ec), rsaKey("rsa", i.rsa), {Type: "OKP", Curve: "Ed25519", ID: "ed", X: b64(i.ed.Public().(ed25519.PublicKey))}})
	i.issuer = team.Issuer{Provider: "oidc", Issuer: "https://id.example.test", Audience: "brand-app", JWKSURL: i.server.URL + "/keys"}
	return i
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func ecKey(kid string, key *ecdsa.PrivateKey) JWK {
	public, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return JWK{Type: "EC", Curve: "P-256", ID: kid, Use: "sig", Alg: "ES256", X: b64(public[1:33]), Y: b64(public[33:])}
}

func rsaKey(kid string, key *rsa.PrivateKey) JWK {
	return JWK{Type: "RSA", ID: kid, Use: "sig", Alg: "RS256", N: b64(key.N.Bytes()), E: b64(big.NewInt(int64(key.E)).Bytes())}
}

func (i *idp) claims(change jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": i.issuer.Issuer, "aud": i.issuer.Audience, "sub": "u-1", "iat": noon.Unix(), "exp": noon.Add(time.Minute).Unix(),
		"phone_number": "+886912345678", "phone_number_verified": true, "email": "may@example.test", "email_verified": "true", "nonce": "n",
	}
	for name, value := range change {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func (i *idp) sign(method jwt.SigningMethod, kid string, key any, change jwt.MapClaims) string {
	t := jwt.NewWithClaims(method, i.claims(change))
	if kid != "" {
		t.Header["kid"] = kid
	}
	text, err := t.SignedString(key)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// at is a provider whose clock can be moved.
func at(clock *time.Time) idTokens {
	now := func() time.Time { return *clock }
	return idTokens{provider: "oidc", keys: newKeySource(now), now: now}
}

func TestIDTokenOfARegisteredIssuerProvesWhoSheIs(t *testing.T) {
	t.Parallel()
	i := newIDP(t)
	clock := noon
	p := at(&clock)
	for kid, token := range map[string]string{
		"ec": i.sign(jwt.SigningMethodES256, "ec", i.ec, nil), "rsa": i.sign(jwt.SigningMethodRS256, "rsa", i.rsa, nil),
		"ed": i.sign(jwt.SigningMethodEdDSA, "ed", i.ed, nil),
	} {
		who, err := p.Prove(t.Context(), []team.Issuer{{Issuer: "https://other.example.test"}, i.issuer}, token, "n")
		want := Proven{Provider: "oidc", Issuer: i.issuer.Issuer, Subject: "u-1", Phone: "+886912345678", Email: "may@example.test"}
		if err != nil || who != want {
			t.Errorf("%s: %+v %v", kid, who, err)
		}
	}
	if n := i.fetched.Load(); n != 1 {
		t.Errorf("keys fetched %d times for three tokens", n)
	}
	who, err := p.Prove(t.Context(), []team.Issuer{i.issuer}, i.sign(jwt.SigningMethodES256, "ec", i.ec, jwt.MapClaims{"phone_number_verified": false, "email_verified": nil}), "")
	if err != nil || who.Phone != "" || who.Email != "" {
		t.Errorf("what the issuer has not verified proves nothing: %+v %v", who, err)
	}
}

func TestA6ForgedIDTokensAreRefused(t *testing.T) {
	t.Parallel()
	i := newIDP(t)
	clock := noon
	p := at(&clock)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	es := func(change jwt.MapClaims) string { return i.sign(jwt.SigningMethodES256, "ec", i.ec, change) }
	header := func(name string, value any) string {
		token := jwt.NewWithClaims(jwt.SigningMethodES256, i.claims(nil))
		token.Header["kid"], token.Header[name] = "ec", value
		text, err := token.SignedString(other)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	access := jwt.NewWithClaims(jwt.SigningMethodES256, i.claims(nil))
	access.Header["kid"], access.Header["typ"] = "ec", "at+jwt"
	accessToken, err := access.SignedString(i.ec)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ why, token, nonce string }{
		{"alg none", i.sign(jwt.SigningMethodNone, "ec", jwt.UnsafeAllowNoneSignatureType, nil), ""},
		{"HS256 with a public key", i.sign(jwt.SigningMethodHS256, "rsa", i.rsa.N.Bytes(), nil), ""},
		{"an algorithm that is not taken", i.sign(jwt.SigningMethodRS512, "rsa", i.rsa, nil), ""},
		{"another key under the issuer's kid", i.sign(jwt.SigningMethodES256, "ec", other, nil), ""},
		{"a key of another kind", i.sign(jwt.SigningMethodES256, "rsa", i.ec, nil), ""},
		{"a kid that the issuer has not", i.sign(jwt.SigningMethodES256, "new", i.ec, nil), ""},
		{"no kid where there are several", i.sign(jwt.SigningMethodES256, "", i.ec, nil), ""},
		{"jwk in the header", header("jwk", ecKey("ec", other)), ""},
		{"jku in the header", header("jku", i.server.URL), ""},
		{"another issuer", es(jwt.MapClaims{"iss": "https://evil.example"}), ""},
		{"another app's token", es(jwt.MapClaims{"aud": "another-app"}), ""},
		{"meant for two and given to the other", es(jwt.MapClaims{"aud": []string{"brand-app", "another"}, "azp": "another"}), ""},
		{"expired", es(jwt.MapClaims{"exp": noon.Add(-time.Minute).Unix()}), ""},
		{"no exp", es(jwt.MapClaims{"exp": nil}), ""},
		{"not yet", es(jwt.MapClaims{"nbf": noon.Add(time.Hour).Unix()}), ""},
		{"nobody's", es(jwt.MapClaims{"sub": nil}), ""},
		{"another nonce", es(nil), "m"},
		{"no nonce where one was sent", es(jwt.MapClaims{"nonce": nil}), "n"},
		{"an access token", accessToken, ""},
		{"huge", es(jwt.MapClaims{"pad": strings.Repeat("x", longestIDToken)}), ""},
		{"no token", "a.b.c", ""},
	} {
		if _, err := p.Prove(t.Context(), []team.Issuer{i.issuer}, c.token, c.nonce); !errors.Is(err, ErrIDToken) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if n := i.fetched.Load(); n > 2 {
		t.Errorf("forgeries made us fetch keys %d times", n)
	}
}

func TestNewKeyOfAnIssuerIsFetchedButNotOnDemand(t *testing.T) {
	t.Parallel()
	i := newIDP(t)
	clock := noon
	p := at(&clock)
	prove := func(kid string) error {
		_, err := p.Prove(t.Context(), []team.Issuer{i.issuer}, i.sign(jwt.SigningMethodES256, kid, i.ec, nil), "")
		return err
	}
	if err := prove("ec"); err != nil {
		t.Fatal(err)
	}
	i.keys.Store([]JWK{ecKey("next", i.ec)})
	for range 50 {
		if err := prove("next"); !errors.Is(err, ErrIDToken) {
			t.Fatal(err)
		}
	}
	if n := i.fetched.Load(); n != 1 {
		t.Errorf("fetched %d times within %s", n, refetchWait)
	}
	clock = clock.Add(refetchWait)
	if err := prove("next"); err != nil {
		t.Errorf("the issuer's new key: %v", err)
	}
}

func TestWhoeverHangsUpTakesNoKeysFromOthers(t *testing.T) {
	t.Parallel()
	i := newIDP(t)
	clock := noon
	p := at(&clock)
	token := i.sign(jwt.SigningMethodES256, "ec", i.ec, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = p.Prove(gone, []team.Issuer{i.issuer}, token, "")
	if _, err := p.Prove(t.Context(), []team.Issuer{i.issuer}, token, ""); err != nil {
		t.Errorf("the next to sign in: %v", err)
	}
}

func TestIssuerThatIsAwayOrMisbehaves(t *testing.T) {
	t.Parallel()
	for why, answer := range map[string]func(http.ResponseWriter){
		"an error page":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"a redirect":      func(w http.ResponseWriter) { w.Header().Set("Location", "/"); w.WriteHeader(http.StatusFound) },
		"not JSON":        func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
		"no key":          func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[{"kty":"oct","k":"AA"}]}`)) },
		"without an end":  func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[` + strings.Repeat(" ", mostKeySet))) },
		"a short RSA key": func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`)) },
		"a point off P256": func(w http.ResponseWriter) {
			_ = json.NewEncoder(w).Encode(JWKS{[]JWK{{Type: "EC", Curve: "P-256", X: b64(make([]byte, 32)), Y: b64(make([]byte, 32))}}})
		},
	} {
		i := newIDP(t)
		i.answer.Store(answer)
		clock := noon
		_, err := at(&clock).Prove(t.Context(), []team.Issuer{i.issuer}, i.sign(jwt.SigningMethodES256, "ec", i.ec, nil), "")
		if !errors.Is(err, ErrIssuerAway) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestKeysOfAnIssuerThatWentAwayCountForADay(t *testing.T) {
	t.Parallel()
	i := newIDP(t)
	clock := noon
	p := at(&clock)
	prove := func() error {
		token := i.sign(jwt.SigningMethodES256, "ec", i.ec, jwt.MapClaims{"exp": clock.Add(time.Minute).Unix()})
		_, err := p.Prove(context.Background(), []team.Issuer{i.issuer}, token, "")
		return err
	}
	if err := prove(); err != nil {
		t.Fatal(err)
	}
	i.server.Close()
	clock = noon.Add(keysStale - time.Minute)
	if err := prove(); err != nil {
		t.Errorf("within the day: %v", err)
	}
	clock = noon.Add(keysStale)
	if err := prove(); !errors.Is(err, ErrIssuerAway) {
		t.Errorf("after it: %v", err)
	}
}

func TestLINEIsES256WithLINEsOwnKeys(t *testing.T) {
	t.Parallel()
	i := newIDP(t)
	clock := noon
	p := at(&clock)
	p.provider, p.keysURL, p.algorithms = "line", i.server.URL, []string{"ES256"}
	line := team.Issuer{Provider: "line", Issuer: "https://access.line.me", Audience: "1234567890"}
	change := jwt.MapClaims{"iss": line.Issuer, "aud": line.Audience, "sub": "U1", "email_verified": nil, "phone_number": nil}
	who, err := p.Prove(t.Context(), []team.Issuer{line}, i.sign(jwt.SigningMethodES256, "ec", i.ec, change), "")
	if err != nil || who != (Proven{Provider: "line", Issuer: line.Issuer, Subject: "U1"}) {
		t.Errorf("%+v %v", who, err)
	}
	if _, err := p.Prove(t.Context(), []team.Issuer{line}, i.sign(jwt.SigningMethodRS256, "rsa", i.rsa, change), ""); !errors.Is(err, ErrIDToken) {
		t.Errorf("RS256: %v", err)
	}
	if err := refuseLinkLocal("tcp", "169.254.169.254:443", nil); err == nil {
		t.Error("keys may be fetched from a cloud's metadata service")
	}
}
