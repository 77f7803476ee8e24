package visit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"homestore/clienteling/shop"
)

// A member code is eight letters of Crockford's base 32, which has no letters that are read as digits: 40 bits. With 100,000
// codes of a brand alive and 20 guesses a minute for three minutes, one of 180,000 guessers hits one.
const codeLength = 8

// codeLife is long enough for a queue at the till and short for a photograph of somebody's screen; five minutes is the most
// that is promised (quality.md, A4).
const codeLife = 3 * time.Minute

const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func newCode() string {
	b := make([]byte, codeLength)
	if _, err := rand.Read(b); err != nil {
		panic(err) // crypto/rand.Read is documented never to fail
	}
	for i := range b {
		b[i] = codeLetters[b[i]%32] // 256 is a multiple of 32: no letter is likelier
	}
	return string(b)
}

// foldCode takes a code as a scanner reads it or people type it; ok is false for what cannot be one.
func foldCode(s string) (code string, ok bool) {
	if len(s) > 4*codeLength {
		return "", false
	}
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	return code, len(code) == codeLength && strings.Trim(code, codeLetters) == ""
}

// hashCode is keyed: 40 bits without a key are tried out in minutes by whoever reads the table.
func hashCode(key []byte, brand shop.BrandID, code string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("homestore member code\x00"))
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(brand)))
	h.Write([]byte(code))
	return h.Sum(nil)
}
