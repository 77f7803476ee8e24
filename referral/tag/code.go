package tag

import (
	"crypto/rand"
	"strings"

	"homestore/clienteling/shop"
)

// Code is what is printed: 13 letters of Crockford's 32, upper case, without hyphens. Twelve are random (60 bits, so a
// guesser who tries a thousand codes a second against a million tags waits about 36 years for one), the last is a check.
//
// The check is a linear code over the field of 32 elements with a different weight at each place. It refuses every single
// wrong letter and every two letters that changed places, neighbours or not.
type Code string

const (
	codeLetters = 13
	alphabet    = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford: no I, L, O, U; all in QR's alphanumeric mode
)

// ErrUnknown is the answer to a code that no tag has, and to a text that cannot be a code: nobody learns which.
var ErrUnknown = shop.Refuse(shop.NotFound, "tag_unknown", "No tag has this code.")

// weights are the powers of the field's generator x modulo x^5 + x^2 + 1. It has order 31, so thirteen in a row differ,
// and that difference is what catches exchanged letters.
var weights = func() (w [codeLetters]byte) {
	w[codeLetters-1] = 1
	for i := codeLetters - 2; i >= 0; i-- {
		w[i] = times(w[i+1], 2)
	}
	return w
}()

// times multiplies in the field of 32 elements.
func times(a, b byte) byte {
	var product byte
	for ; b != 0; b >>= 1 {
		if b&1 != 0 {
			product ^= a
		}
		a <<= 1
		if a&0x20 != 0 {
			a ^= 0x25 // x^5 = x^2 + 1
		}
	}
	return product
}

// values maps a letter, as people write it, to its place in the alphabet; 0xFF is none.
var values = func() (v [256]byte) {
	for i := range v {
		v[i] = 0xFF
	}
	for i := range alphabet {
		v[alphabet[i]] = byte(i)
		v[alphabet[i]|0x20] = byte(i) // lower case; a digit has this bit already
	}
	for _, same := range []string{"Oo0", "IiLl1"} {
		for i := range same {
			v[same[i]] = v[same[len(same)-1]]
		}
	}
	return v
}()

// NewCode draws a code. Two calls never return the same one in practice; the database refuses the second if they do.
func NewCode() Code {
	var random [codeLetters - 1]byte
	rand.Read(random[:]) // documented never to fail
	var code [codeLetters]byte
	var check byte
	for i, b := range random {
		value := b & 31
		code[i] = alphabet[value]
		check ^= times(weights[i], value)
	}
	code[codeLetters-1] = alphabet[check]
	return Code(code[:])
}

// Normalise reads a code as a person types it: any case, O for 0, I or L for 1, hyphens and spaces anywhere. ErrUnknown
// when it cannot be a code, which costs no look-up.
func Normalise(typed string) (Code, error) {
	if len(typed) > 4*codeLetters {
		return "", ErrUnknown
	}
	var code [codeLetters]byte
	var n int
	var sum byte
	for i := range len(typed) {
		if typed[i] == '-' || typed[i] == ' ' {
			continue
		}
		value := values[typed[i]]
		if value == 0xFF || n == codeLetters {
			return "", ErrUnknown
		}
		code[n] = alphabet[value]
		sum ^= times(weights[n], value)
		n++
	}
	if n != codeLetters || sum != 0 {
		return "", ErrUnknown
	}
	return Code(code[:]), nil
}

// Grouped is the code as it is printed for people: 7K3Q-XMTWB-A2D9.
func (c Code) Grouped() string {
	if len(c) != codeLetters {
		return string(c)
	}
	return strings.Join([]string{string(c[:4]), string(c[4:9]), string(c[9:])}, "-")
}
