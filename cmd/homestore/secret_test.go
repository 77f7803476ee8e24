package main

import (
	"crypto/sha256"
	"strings"
	"testing"
)

func TestSecretsWhoseClickIDsShareANumberAreRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	newest := make([]byte, 32)
	var other, clash []byte
	for n := byte(1); other == nil || clash == nil; n++ {
		for m := range 256 {
			key := append(make([]byte, 30), n, byte(m))
			if sha256.Sum256(key)[0] == sha256.Sum256(newest)[0] {
				clash = key
			} else {
				other = key
			}
		}
	}
	for why, keys := range map[string][][]byte{"one": {newest}, "one and another": {newest, other}, "one twice": {newest, newest}} {
		if _, err := clickKeys(keys); err != nil {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := clickKeys([][]byte{newest, other, clash}); err == nil || !strings.Contains(err.Error(), "HOMESTORE_SECRET") {
		t.Errorf("one number for two: %v", err)
	}
}
