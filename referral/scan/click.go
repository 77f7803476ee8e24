package scan

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"homestore/clienteling/shop"
)

// Refusals of click ids. Of another brand's nobody learns more than of a forged one.
var (
	ErrUnknownClick = shop.Refuse(shop.Unprocessable, "unknown_click", "This click id is not one that Homestore gave out.")
	ErrExpiredClick = shop.Refuse(shop.Unprocessable, "click_expired", "This click id is too old to be used.")
)

// DefaultClickLife is how long a click id lives unless the brand's policy says otherwise.
const DefaultClickLife = 30 * 24 * time.Hour

// A click id is, in base64url without padding, 50 characters: key number (1 byte), brand (4), scan (16, a UUIDv7 with its
// instant), and the first 16 bytes of HMAC-SHA256 over them.
const (
	clickBody   = 1 + 4 + 16
	clickPrefix = "homestore click id\x00" // so that the key signs nothing else by mistake
)

// Keys sign click ids. The current key signs; all of them are accepted, so that a key can be changed while ids that the old
// one signed are still out there.
type Keys struct {
	current byte
	keys    map[byte]*macKey
}

// NewKeys refuses a key shorter than 32 bytes and a current key that is not among them.
func NewKeys(current byte, secrets map[byte][]byte) (Keys, error) {
	if _, ok := secrets[current]; !ok {
		return Keys{}, fmt.Errorf("click keys: the current key %d is not given", current)
	}
	keys := make(map[byte]*macKey, len(secrets))
	for number, secret := range secrets {
		if len(secret) < 32 {
			return Keys{}, fmt.Errorf("click keys: key %d has %d bytes and needs 32", number, len(secret))
		}
		keys[number] = newMACKey(secret)
	}
	return Keys{current: current, keys: keys}, nil
}

// Sign is the click id of a scan.
func (k Keys) Sign(brand shop.BrandID, scan shop.ID) string {
	var token [clickBody + macBytes]byte
	token[0] = k.current
	binary.BigEndian.PutUint32(token[1:], uint32(brand))
	copy(token[5:], scan[:])
	sum := k.keys[k.current].of(clickPrefix, string(token[:clickBody]))
	copy(token[clickBody:], sum[:])
	return base64.RawURLEncoding.EncodeToString(token[:])
}

// Verify is the scan and the brand that a click id vouches for, or ErrUnknownClick. Each click id has one spelling only.
func (k Keys) Verify(click string) (shop.BrandID, shop.ID, error) {
	var token [clickBody + macBytes]byte
	if len(click) != base64.RawURLEncoding.EncodedLen(len(token)) {
		return 0, shop.ID{}, ErrUnknownClick
	}
	if _, err := base64.RawURLEncoding.Strict().Decode(token[:], []byte(click)); err != nil {
		return 0, shop.ID{}, ErrUnknownClick
	}
	key, known := k.keys[token[0]]
	if !known {
		return 0, shop.ID{}, ErrUnknownClick
	}
	sum := key.of(clickPrefix, string(token[:clickBody]))
	if !hmac.Equal(sum[:], token[clickBody:]) { // in constant time
		return 0, shop.ID{}, ErrUnknownClick
	}
	return shop.BrandID(binary.BigEndian.Uint32(token[1:])), shop.ID(token[5:clickBody]), nil
}
