package scan

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// macBytes is how much of an HMAC-SHA256 is used: 128 bits, which nobody guesses in the life of a click.
const macBytes = 16

// macKey makes HMACs of one key. Preparing the key costs more than hashing a click id, and a scan needs three of them, so
// prepared ones are used again.
type macKey struct{ prepared sync.Pool }

type macState struct {
	hash hash.Hash
	text []byte
	sum  []byte
}

func newMACKey(secret []byte) *macKey {
	k := &macKey{}
	k.prepared.New = func() any {
		return &macState{hash: hmac.New(sha256.New, secret), text: make([]byte, 0, 512), sum: make([]byte, 0, sha256.Size)}
	}
	return k
}

// of is the HMAC of a value for one purpose, which keeps the key from vouching for anything else by mistake.
func (k *macKey) of(purpose, value string) [macBytes]byte {
	s := k.prepared.Get().(*macState) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	defer k.prepared.Put(s)
	s.text = append(append(s.text[:0], purpose...), value...)
	s.hash.Reset()
	s.hash.Write(s.text) // documented never to fail
	s.sum = s.hash.Sum(s.sum[:0])
	return [macBytes]byte(s.sum)
}
