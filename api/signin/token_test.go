package signin

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

const (
	oldSecret = "an old secret of more than 32 bytes"
	newSecret = "a new secret of more than 32 bytes as well"
	ourselves = "https://api.example.test"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // noon in Taipei

func ring(t *testing.T, secret string) *Keyring {
	t.Helper()
	k, err := NewKeyring(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func signedIn() team.SignedIn {
	id := shop.NewID(noon)
	session := team.Session{ID: shop.NewID(noon), Brand: 7, Subject: team.SubjectStaff, SubjectID: id, Generation: 1, RotatedAt: noon}
	return team.SignedIn{Session: session, Actor: shop.Actor{Brand: 7, Role: shop.RoleStaff, ID: id}}
}

func TestServerSecretMustBeLongEnough(t *testing.T) {
	t.Parallel()
	for secret, ok := range map[string]bool{
		"": false, "short": false, oldSecret: true, newSecret + "," + oldSecret: true, newSecret + ",short": false,
		base64.StdEncoding.EncodeToString(make([]byte, 32)): true, base64.StdEncoding.EncodeToString(make([]byte, 16)): false,
	} {
		k, err := NewKeyring(secret)
		if (err == nil) != ok {
			t.Errorf("%q: %v", secret, err)
		}
		if err != nil && secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the secret is in the error: %v", err)
		}
		if said := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); ok && strings.Trim(said, "[]hiden ") != "" {
			t.Errorf("printed as %q", said)
		}
	}
}

func TestKeysAreApart(t *testing.T) {
	t.Parallel()
	set := ring(t, oldSecret).sets[0]
	seen := map[string]bool{}
	for _, key := range [][]byte{set.signing.Seed(), set.refresh, set.click, set.sealing, set.member} {
		seen[string(key)] = true
	}
	if len(seen) != 5 {
		t.Error("two uses share a key")
	}
	if again := ring(t, oldSecret).sets[0]; again.kid != set.kid || !bytes.Equal(again.signing, set.signing) {
		t.Error("the same secret gives other keys")
	}
}

func TestTokensOutliveARotationOfTheSecret(t *testing.T) {
	t.Parallel()
	before, after := ring(t, oldSecret), ring(t, newSecret+","+oldSecret)
	in := signedIn()
	access, _, err := before.signAccess(ourselves, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := after.verifyAccess(ourselves, access, noon); err != nil {
		t.Errorf("access token after rotation: %v", err)
	}
	if g, err := after.openRefresh(before.refreshToken(in.Session)); err != nil || g.session != in.Session.ID || g.brand != 7 || g.number != 1 {
		t.Errorf("refresh token after rotation: %+v %v", g, err)
	}
	if _, err := before.verifyAccess(ourselves, must(after.signAccess(ourselves, in)), noon); !errors.Is(err, ErrToken) {
		t.Errorf("a server without the new secret took its token: %v", err)
	}
	if keys := after.JWKS().Keys; len(keys) != 2 || keys[0].ID == keys[1].ID || keys[0].Alg != "EdDSA" {
		t.Errorf("published: %+v", keys)
	}
}

func must(token string, _ time.Time, err error) string {
	if err != nil {
		panic(err)
	}
	return token
}

// forge signs any header and claims, with whatever makes a signature.
func forge(header, payload string, sign func(signed string) []byte) string {
	text := base64.RawURLEncoding.EncodeToString
	signed := text([]byte(header)) + "." + text([]byte(payload))
	return signed + "." + text(sign(signed))
}

// TestA6ForgedAccessTokensAreRefused signs with the right key wherever the forgery is not about the signature, so that each is
// refused for its own reason.
func TestA6ForgedAccessTokensAreRefused(t *testing.T) {
	t.Parallel()
	k := ring(t, oldSecret)
	kid, private := k.sets[0].kid, k.sets[0].signing
	public := private.Public().(ed25519.PublicKey)
	ours := func(signed string) []byte { return ed25519.Sign(private, []byte(signed)) }
	none := func(string) []byte { return nil }
	withPublicKey := func(signed string) []byte {
		h := hmac.New(sha256.New, public)
		h.Write([]byte(signed))
		return h.Sum(nil)
	}
	stranger := ed25519.NewKeyFromSeed(make([]byte, 32))
	strangers := func(signed string) []byte { return ed25519.Sign(stranger, []byte(signed)) }
	strangersKey := base64.RawURLEncoding.EncodeToString(stranger.Public().(ed25519.PublicKey))

	header := func(change string) string {
		return fmt.Sprintf(`{"alg":"EdDSA","typ":"at+jwt","kid":%q%s}`, kid, change)
	}
	good := map[string]any{
		"iss": ourselves, "aud": audience, "sub": shop.NewID(noon).String(), "sid": shop.NewID(noon).String(), "brand": 7, "role": "staff",
		"iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(accessLives).Unix(),
	}
	payload := func(name string, value any) string {
		c := map[string]any{}
		for n, v := range good {
			c[n] = v
		}
		if c[name] = value; value == nil {
			delete(c, name)
		}
		b, _ := json.Marshal(c)
		return string(b)
	}
	plain := payload("role", "staff")
	if _, err := k.verifyAccess(ourselves, forge(header(""), plain, ours), noon); err != nil {
		t.Fatalf("the token that the forgeries are made from: %v", err)
	}
	for _, c := range []struct{ why, token string }{
		{"alg none", forge(`{"alg":"none","typ":"at+jwt","kid":"`+kid+`"}`, plain, none)},
		{"alg None, in another case", forge(`{"alg":"nOnE","typ":"at+jwt","kid":"`+kid+`"}`, plain, none)},
		{"no signature", forge(header(""), plain, none)},
		{"HS256 with the public key", forge(`{"alg":"HS256","typ":"at+jwt","kid":"`+kid+`"}`, plain, withPublicKey)},
		{"another alg than the key's", forge(`{"alg":"ES256","typ":"at+jwt","kid":"`+kid+`"}`, plain, ours)},
		{"a stranger's key under our kid", forge(header(""), plain, strangers)},
		{"kid that leads through folders", forge(`{"alg":"EdDSA","typ":"at+jwt","kid":"../../../../dev/null"}`, plain, ours)},
		{"kid that is an address", forge(`{"alg":"EdDSA","typ":"at+jwt","kid":"https://evil.example/k"}`, plain, strangers)},
		{"kid that is SQL", forge(`{"alg":"EdDSA","typ":"at+jwt","kid":"' OR 1=1 --"}`, plain, ours)},
		{"kid that is a number", forge(`{"alg":"EdDSA","typ":"at+jwt","kid":7}`, plain, ours)},
		{"no kid", forge(`{"alg":"EdDSA","typ":"at+jwt"}`, plain, ours)},
		{"jwk in the header", forge(header(`,"jwk":{"kty":"OKP","crv":"Ed25519","x":"`+strangersKey+`"}`), plain, strangers)},
		{"jwk in the header, signed by us", forge(header(`,"jwk":{"kty":"OKP"}`), plain, ours)},
		{"jku in the header", forge(header(`,"jku":"https://evil.example/jwks"`), plain, strangers)},
		{"x5u in the header", forge(header(`,"x5u":"https://evil.example/x"`), plain, strangers)},
		{"x5c in the header", forge(header(`,"x5c":["MII"]`), plain, strangers)},
		{"crit in the header", forge(header(`,"crit":["exp"]`), plain, ours)},
		{"wrong iss", forge(header(""), payload("iss", "https://evil.example"), ours)},
		{"no iss", forge(header(""), payload("iss", nil), ours)},
		{"wrong aud", forge(header(""), payload("aud", "another"), ours)},
		{"no aud", forge(header(""), payload("aud", nil), ours)},
		{"an ID token's typ", forge(`{"alg":"EdDSA","typ":"JWT","kid":"`+kid+`"}`, plain, ours)},
		{"no typ", forge(`{"alg":"EdDSA","kid":"`+kid+`"}`, plain, ours)},
		{"expired", forge(header(""), payload("exp", noon.Add(-clockSkew).Unix()), ours)},
		{"no exp", forge(header(""), payload("exp", nil), ours)},
		{"exp as text", forge(header(""), payload("exp", "2099-01-01"), ours)},
		{"not yet", forge(header(""), payload("nbf", noon.Add(time.Minute).Unix()), ours)},
		{"issued in the future", forge(header(""), payload("iat", noon.Add(time.Minute).Unix()), ours)},
		{"no session", forge(header(""), payload("sid", nil), ours)},
		{"no brand", forge(header(""), payload("brand", nil), ours)},
		{"a claim twice", forge(header(""), strings.TrimSuffix(plain, "}")+`,"brand":8}`, ours)},
		{"a header member twice", forge(header(`,"alg":"none"`), plain, ours)},
		{"something after the claims", forge(header(""), plain+`{}`, ours)},
		{"claims that are a list", forge(header(""), `[]`, ours)},
		{"huge", forge(header(""), payload("pad", strings.Repeat("x", longestToken)), ours)},
		{"deep", forge(header(""), payload("pad", json.RawMessage(strings.Repeat(`{"a":`, 20)+`1`+strings.Repeat(`}`, 20))), ours)},
		{"padded base64", strings.Replace(forge(header(""), plain, ours), ".", "=.", 1)},
		{"four parts", forge(header(""), plain, ours) + ".x"},
		{"one part", "token"},
		{"nothing", ""},
	} {
		if _, err := k.verifyAccess(ourselves, c.token, noon); !errors.Is(err, ErrToken) && !errors.Is(err, ErrTokenExpired) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestExpiredIsToldFromForged(t *testing.T) {
	t.Parallel()
	k := ring(t, oldSecret)
	token := must(k.signAccess(ourselves, signedIn()))
	for later, want := range map[time.Duration]error{0: nil, accessLives - time.Second: nil, accessLives + clockSkew: ErrTokenExpired} {
		if _, err := k.verifyAccess(ourselves, token, noon.Add(later)); !errors.Is(err, want) {
			t.Errorf("after %s: %v", later, err)
		}
	}
}

func TestSameGenerationGivesTheSameTokens(t *testing.T) {
	t.Parallel()
	k, in := ring(t, oldSecret), signedIn()
	next := in
	next.Session.Generation = 2
	access, refresh := must(k.signAccess(ourselves, in)), k.refreshToken(in.Session)
	if again := must(k.signAccess(ourselves, in)); again != access || k.refreshToken(in.Session) != refresh {
		t.Error("asked twice, answered differently")
	}
	if k.refreshToken(in.Session) == k.refreshToken(next.Session) {
		t.Error("two generations share a token")
	}
}

func TestTamperedRefreshTokenIsRefused(t *testing.T) {
	t.Parallel()
	k := ring(t, oldSecret)
	token := k.refreshToken(signedIn().Session)
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, refreshPrefix))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		if _, err := k.openRefresh(refreshPrefix + base64.RawURLEncoding.EncodeToString(changed)); !errors.Is(err, ErrRefreshToken) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for _, other := range []string{"", "x", refreshPrefix, strings.TrimPrefix(token, refreshPrefix), token + "A", ring(t, newSecret).refreshToken(signedIn().Session)} {
		if _, err := k.openRefresh(other); !errors.Is(err, ErrRefreshToken) {
			t.Errorf("%q: %v", other, err)
		}
	}
}
