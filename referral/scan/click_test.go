package scan

import (
	"bytes"
	"encoding/base64"
	"errors"
	"regexp"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func testKeys(t testing.TB, current byte, numbers ...byte) Keys {
	t.Helper()
	secrets := map[byte][]byte{}
	for _, n := range append(numbers, current) {
		secrets[n] = bytes.Repeat([]byte{n}, 32)
	}
	keys, err := NewKeys(current, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAClickIDVouchesForItsScanAndBrand(t *testing.T) {
	t.Parallel()
	keys := testKeys(t, 1)
	scan := shop.NewID(time.Now())
	click := keys.Sign(42, scan)
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{50}$`).MatchString(click) {
		t.Fatalf("%q does not travel in a URL as it is", click)
	}
	brand, got, err := keys.Verify(click)
	if err != nil || brand != 42 || got != scan {
		t.Fatalf("brand %d, scan %s, %v", brand, got, err)
	}
}

func TestEveryChangedBitOfAClickIDIsRefused(t *testing.T) {
	t.Parallel()
	keys := testKeys(t, 1, 0, 2, 3)
	raw, err := base64.RawURLEncoding.DecodeString(keys.Sign(42, shop.NewID(time.Now())))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		if _, _, err := keys.Verify(base64.RawURLEncoding.EncodeToString(raw)); !errors.Is(err, ErrUnknownClick) {
			t.Fatalf("bit %d may be changed: %v", bit, err)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	t.Logf("%d changes refused", 8*len(raw))
}

func TestWhatIsNoClickIDIsRefused(t *testing.T) {
	t.Parallel()
	keys := testKeys(t, 1)
	click := keys.Sign(42, shop.NewID(time.Now()))
	stranger := testKeys(t, 9)
	for _, tc := range []struct{ why, click string }{
		{"nothing", ""},
		{"cut off", click[:49]},
		{"longer", click + "A"},
		{"padded", click + "=="},
		{"another spelling of the last bits", click[:49] + string(nextLetter(click[49]))},
		{"a line break inside", click[:25] + "\n" + click[26:]},
		{"the other base64", "+/" + click[2:]},
		{"signed by a key that we do not have", stranger.Sign(42, shop.NewID(time.Now()))},
		{"huge", string(make([]byte, 1<<20))},
	} {
		if _, _, err := keys.Verify(tc.click); !errors.Is(err, ErrUnknownClick) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

// nextLetter differs in the lowest bit, which the 50th letter does not use: 37 bytes are 296 bits, 50 letters hold 300.
func nextLetter(b byte) byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return letters[bytes.IndexByte([]byte(letters), b)^1]
}

func TestAClickIDOutlivesAChangeOfKeys(t *testing.T) {
	t.Parallel()
	click := testKeys(t, 1).Sign(42, shop.NewID(time.Now()))
	if _, _, err := testKeys(t, 2, 1).Verify(click); err != nil {
		t.Fatalf("refused while the old key is still given: %v", err)
	}
	if _, _, err := testKeys(t, 2).Verify(click); !errors.Is(err, ErrUnknownClick) {
		t.Fatalf("%v after the old key was taken away", err)
	}
}

func TestWeakOrMissingKeysAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := NewKeys(1, map[byte][]byte{1: make([]byte, 31)}); err == nil {
		t.Error("a key of 31 bytes was taken")
	}
	if _, err := NewKeys(2, map[byte][]byte{1: make([]byte, 32)}); err == nil {
		t.Error("a current key that is not there was taken")
	}
}

func BenchmarkSign(b *testing.B) {
	keys := testKeys(b, 1)
	scan := shop.NewID(time.Now())
	for b.Loop() {
		keys.Sign(42, scan)
	}
}
