package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// refreshPrefix makes a leaked token findable.
const refreshPrefix = "hs_refresh_"

// ErrRefreshToken refuses what this server never gave out.
var ErrRefreshToken = shop.Refuse(shop.Unauthenticated, "refresh_token_invalid", "This refresh token is not valid. Sign in again.")

// generation is what a refresh token says.
type generation struct {
	brand   shop.BrandID
	session shop.ID
	number  int
}

// The token is brand, session and generation, and the HMAC over them: 4 + 16 + 4 + 32 bytes.
const (
	saidBytes    = 4 + 16 + 4
	refreshBytes = saidBytes + sha256.Size
)

func (g generation) bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(g.brand))
	b = append(b, g.session[:]...)
	return binary.BigEndian.AppendUint32(b, uint32(g.number))
}

// refreshToken derives the token of a session's present generation: the same one each time.
func (k *Keyring) refreshToken(s team.Session) string {
	said := generation{s.Brand, s.ID, s.Generation}.bytes()
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(append(said, sum(k.sets[0].refresh, said)...))
}

// openRefresh reads a token that this server derived, with any secret that it still has, or ErrRefreshToken.
func (k *Keyring) openRefresh(token string) (generation, error) {
	text, ok := strings.CutPrefix(token, refreshPrefix)
	if !ok {
		return generation{}, ErrRefreshToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != refreshBytes {
		return generation{}, ErrRefreshToken
	}
	said, mac := b[:saidBytes], b[saidBytes:]
	for _, set := range k.sets {
		if hmac.Equal(mac, sum(set.refresh, said)) {
			return generation{
				brand: shop.BrandID(binary.BigEndian.Uint32(said)), session: shop.ID(said[4:20]), number: int(binary.BigEndian.Uint32(said[20:])),
			}, nil
		}
	}
	return generation{}, ErrRefreshToken
}

func sum(key, said []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(said)
	return h.Sum(nil)
}
