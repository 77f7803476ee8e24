package team

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"homestore/clienteling/shop"
)

// Hashing is what a PIN or password costs to check. The zero value is what OWASP's Password Storage Cheat Sheet recommends for
// argon2id: 19 MiB, two passes, one lane. Tests take less.
type Hashing struct {
	MemoryKiB uint32
	Passes    uint32
}

// Hint texts of the two secrets that people choose.
const (
	pinHint      = "6 to 12 digits, neither all the same nor in sequence."
	passwordHint = "12 to 128 characters." // NIST SP 800-63B: length counts, composition rules do not
)

// isGoodPIN asks for six digits: with 20 guesses (quality.md, A7) and no obvious choices, one guesser in 50,000 succeeds.
func isGoodPIN(pin string) bool {
	if len(pin) < 6 || len(pin) > 12 {
		return false
	}
	same, up, down := true, true, true
	for i := range len(pin) {
		if pin[i] < '0' || pin[i] > '9' {
			return false
		}
		if i > 0 {
			step := int(pin[i]) - int(pin[i-1])
			same, up, down = same && step == 0, up && step == 1, down && step == -1
		}
	}
	return !same && !up && !down
}

func isGoodPassword(password string) bool {
	n := utf8.RuneCountInString(password)
	return utf8.ValidString(password) && n >= 12 && n <= 128 && strings.TrimSpace(password) != ""
}

// hasher makes and checks argon2id hashes, a bounded number at a time: each takes its memory.
type hasher struct {
	params *argon2id.Params
	slots  chan struct{}
	dummy  func() string
}

func newHasher(h Hashing) *hasher {
	if h.MemoryKiB == 0 {
		h = Hashing{MemoryKiB: 19 * 1024, Passes: 2}
	}
	params := &argon2id.Params{Memory: h.MemoryKiB, Iterations: h.Passes, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	return &hasher{
		params: params,
		slots:  make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		dummy: sync.OnceValue(func() string {
			hash, _ := argon2id.CreateHash("nobody", params)
			return hash
		}),
	}
}

func (h *hasher) make(ctx context.Context, secret string) (string, error) {
	if secret == "" {
		return "", nil
	}
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return argon2id.CreateHash(secret, h.params)
}

// fits says whether the secret made the hash. Without a hash it works as long and says no: whether somebody exists cannot be
// told from the time.
func (h *hasher) fits(ctx context.Context, secret, hash string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	known := hash != ""
	if !known {
		hash = h.dummy()
	}
	ok, err := argon2id.ComparePasswordAndHash(secret, hash)
	if err != nil {
		return false, errors.New("a stored hash cannot be read") // not wrapped: nothing of the hash belongs in a log
	}
	return ok && known, nil
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) leave() { <-h.slots }

// digest is what is kept of a secret that a machine drew: with its 256 bits nothing slower is needed.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// draw is n random bytes.
func draw(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // documented never to fail
	return b
}

// sealer keeps secrets that must be read again: AES-256-GCM. The first key seals, all of them open.
type sealer struct{ aeads []cipher.AEAD }

func newSealer(keys [][]byte) (*sealer, error) {
	s := &sealer{}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("sealing key: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("sealing key: %w", err)
		}
		s.aeads = append(s.aeads, aead)
	}
	if len(s.aeads) == 0 {
		return nil, errors.New("no sealing key")
	}
	return s, nil
}

// seal binds the secret to the row it is kept in, so that it opens nowhere else.
func (s *sealer) seal(secret []byte, brand shop.BrandID, row shop.ID) []byte {
	return s.aeads[0].Seal(nil, nil, secret, rowName(brand, row))
}

func (s *sealer) open(sealed []byte, brand shop.BrandID, row shop.ID) ([]byte, error) {
	secret, _, err := s.openWith(sealed, brand, row)
	return secret, err
}

// openWith says too which of the keys it was: 0 is the one that seals.
func (s *sealer) openWith(sealed []byte, brand shop.BrandID, row shop.ID) (secret []byte, key int, err error) {
	for key, aead := range s.aeads {
		if secret, err := aead.Open(nil, nil, sealed, rowName(brand, row)); err == nil {
			return secret, key, nil
		}
	}
	return nil, 0, errors.New("a sealed secret cannot be opened: was HOMESTORE_SECRET changed without keeping the old one?")
}

func rowName(brand shop.BrandID, row shop.ID) []byte { return fmt.Appendf(nil, "%d/%s", brand, row) }
