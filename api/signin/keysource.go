package signin

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"homestore/clienteling/team"
)

const (
	keysFresh   = time.Hour        // an issuer that rotates publishes the next key for longer than that before
	keysStale   = 24 * time.Hour   // while the issuer is away its old keys still count
	refetchWait = 30 * time.Second // an unknown kid may be a new key, or somebody who makes us fetch
	fetchWithin = 3 * time.Second
	mostKeySet  = 256 << 10
	mostSources = 1000
	leastRSA    = 2048
)

// keySource fetches issuers' keys and remembers them.
type keySource struct {
	now    func() time.Time
	client *http.Client

	mu      sync.Mutex
	sources map[string]*source
}

// source is one address. Its lock is held while it is fetched, so that a crowd fetches once.
type source struct {
	mu        sync.Mutex
	keys      map[string]publicKey
	fetchedAt time.Time // of keys
	triedAt   time.Time
}

// publicKey is an issuer's key and the one algorithm that it is for.
type publicKey struct {
	public    crypto.PublicKey
	algorithm string
}

func newKeySource(now func() time.Time) *keySource {
	dialer := &net.Dialer{Timeout: fetchWithin, Control: refuseLinkLocal}
	return &keySource{now: now, sources: map[string]*source{}, client: &http.Client{
		Timeout:   fetchWithin,
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: fetchWithin, MaxResponseHeaderBytes: 32 << 10, MaxIdleConnsPerHost: 1},
		// A redirect would lead to an address that nobody has checked.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// refuseLinkLocal keeps an address that head office registered from reaching the metadata service of a cloud.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || to.Addr().IsLinkLocalUnicast() || to.Addr().IsMulticast() || to.Addr().IsUnspecified() {
		return errors.New("an issuer's keys are not fetched from this address")
	}
	return nil
}

// key is the issuer's key of a kid; without a kid, the only one that there is. ErrIDToken when there is none, ErrIssuerAway when
// that cannot be known.
func (k *keySource) key(ctx context.Context, address, kid string) (publicKey, error) {
	s, err := k.source(address)
	if err != nil {
		return publicKey{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := k.now()
	key, known := s.find(kid)
	isFresh := now.Sub(s.fetchedAt) < keysFresh
	mayFetch := s.triedAt.IsZero() || now.Sub(s.triedAt) >= refetchWait
	if (!known || !isFresh) && mayFetch {
		s.triedAt = now
		// Whoever asks first may hang up, and the others would be refused for as long as nobody may fetch again.
		if keys, err := k.fetch(context.WithoutCancel(ctx), address); err == nil {
			s.keys, s.fetchedAt = keys, now
			key, known = s.find(kid)
		}
	}
	switch {
	case s.fetchedAt.IsZero() || now.Sub(s.fetchedAt) >= keysStale:
		return publicKey{}, ErrIssuerAway
	case !known:
		return publicKey{}, ErrIDToken
	}
	return key, nil
}

func (k *keySource) source(address string) (*source, error) {
	if !team.IsKeyURL(address) {
		return nil, ErrIDToken
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.sources[address]
	if !ok {
		if len(k.sources) >= mostSources {
			k.sources = map[string]*source{}
		}
		s = &source{}
		k.sources[address] = s
	}
	return s, nil
}

func (s *source) find(kid string) (publicKey, bool) {
	if kid == "" && len(s.keys) == 1 {
		for _, only := range s.keys {
			return only, true
		}
	}
	key, ok := s.keys[kid]
	return key, ok
}

func (k *keySource) fetch(ctx context.Context, address string) (map[string]publicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, mostKeySet+1))
	if err != nil {
		return nil, err
	}
	if len(body) > mostKeySet {
		return nil, errors.New("the key set is too large")
	}
	return parseKeys(body)
}

// parseKeys reads a key set. Keys of another kind or use are left out, as RFC 7517 has it.
func parseKeys(body []byte) (map[string]publicKey, error) {
	var set JWKS
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	keys := map[string]publicKey{}
	for _, jwk := range set.Keys {
		if key, ok := jwk.parse(); ok && (jwk.Use == "" || jwk.Use == "sig") && (jwk.Alg == "" || jwk.Alg == key.algorithm) {
			keys[jwk.ID] = key
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the key set has no key that is taken")
	}
	return keys, nil
}

func (j JWK) parse() (publicKey, bool) {
	switch {
	case j.Type == "RSA":
		n, e := number(j.N), number(j.E)
		if n.BitLen() < leastRSA || n.BitLen() > 8192 || e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0 {
			return publicKey{}, false
		}
		return publicKey{&rsa.PublicKey{N: n, E: int(e.Int64())}, "RS256"}, true
	case j.Type == "EC" && j.Curve == "P-256":
		x, y := octets(j.X), octets(j.Y)
		if len(x) != 32 || len(y) != 32 {
			return publicKey{}, false
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		return publicKey{key, "ES256"}, err == nil
	case j.Type == "OKP" && j.Curve == "Ed25519":
		x := octets(j.X)
		return publicKey{ed25519.PublicKey(x), "EdDSA"}, len(x) == ed25519.PublicKeySize
	}
	return publicKey{}, false
}

func octets(text string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(text)
	return b
}

func number(text string) *big.Int { return new(big.Int).SetBytes(octets(text)) }
