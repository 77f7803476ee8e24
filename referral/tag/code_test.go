package tag

import (
	"strings"
	"testing"
)

func TestNewCodeIsThirteenLettersOfCrockford(t *testing.T) {
	t.Parallel()
	seen := map[Code]bool{}
	for range 20_000 {
		c := NewCode()
		if len(c) != 13 || strings.Trim(string(c), alphabet) != "" {
			t.Fatalf("%q is no code", c)
		}
		if seen[c] {
			t.Fatalf("%q was drawn twice", c)
		}
		seen[c] = true
		if back, err := Normalise(string(c)); err != nil || back != c {
			t.Fatalf("Normalise(%q) = %q, %v", c, back, err)
		}
	}
}

func TestEverySingleWrongLetterIsRefused(t *testing.T) {
	t.Parallel()
	tried := 0
	for range 500 {
		c := []byte(NewCode())
		for place := range c {
			right := c[place]
			for i := range alphabet {
				if alphabet[i] == right {
					continue
				}
				c[place] = alphabet[i]
				tried++
				if _, err := Normalise(string(c)); err == nil {
					t.Fatalf("%q passes with letter %d wrong", c, place)
				}
			}
			c[place] = right
		}
	}
	t.Logf("%d wrong letters refused", tried)
}

// The check is linear, so whether an exchange is seen depends only on the two places and the two letters: these loops are
// every case there is, not a sample.
func TestEveryExchangeOfTwoLettersIsRefused(t *testing.T) {
	t.Parallel()
	tried := 0
	for a := range codeLetters {
		for b := a + 1; b < codeLetters; b++ {
			for x := range byte(32) {
				for y := range byte(32) {
					if x == y {
						continue
					}
					before := times(weights[a], x) ^ times(weights[b], y)
					after := times(weights[a], y) ^ times(weights[b], x)
					tried++
					if before == after {
						t.Fatalf("letters %d and %d may change places unseen at %d and %d", x, y, a, b)
					}
				}
			}
		}
	}
	t.Logf("%d exchanges refused, %d of them of neighbours", tried, 12*32*31)
}

func TestExchangedNeighboursOfARealCodeAreRefused(t *testing.T) {
	t.Parallel()
	for range 2_000 {
		c := []byte(NewCode())
		for i := range codeLetters - 1 {
			if c[i] == c[i+1] {
				continue
			}
			c[i], c[i+1] = c[i+1], c[i]
			if _, err := Normalise(string(c)); err == nil {
				t.Fatalf("%q passes with neighbours %d exchanged", c, i)
			}
			c[i], c[i+1] = c[i+1], c[i]
		}
	}
}

func TestNormaliseReadsACodeAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	want := withZeroAndOne(t)
	for _, tc := range []struct{ why, typed string }{
		{"as printed", want.Grouped()},
		{"lower case", strings.ToLower(string(want))},
		{"O for 0", strings.ReplaceAll(string(want), "0", "O")},
		{"o for 0", strings.ReplaceAll(string(want), "0", "o")},
		{"I for 1", strings.ReplaceAll(string(want), "1", "I")},
		{"l for 1", strings.ReplaceAll(string(want), "1", "l")},
		{"a hyphen between all", strings.Join(strings.Split(string(want), ""), "-")},
		{"spaces around", "  " + string(want) + " "},
	} {
		if got, err := Normalise(tc.typed); err != nil || got != want {
			t.Errorf("%s: Normalise(%q) = %q, %v; want %q", tc.why, tc.typed, got, err, want)
		}
	}
}

func TestWhatCannotBeACodeIsUnknown(t *testing.T) {
	t.Parallel()
	c := string(NewCode())
	for _, tc := range []struct{ why, typed string }{
		{"nothing", ""},
		{"only hyphens", "-----"},
		{"one letter short", c[:12]},
		{"one letter long", c + "0"},
		{"U is not in the alphabet", c[:12] + "U"},
		{"full-width letter", "７" + c[1:]},
		{"NUL", c[:12] + "\x00"},
		{"a path", "../" + c},
		{"very long", strings.Repeat("-", 1000) + c},
	} {
		if got, err := Normalise(tc.typed); err == nil {
			t.Errorf("%s: Normalise(%q) = %q", tc.why, tc.typed, got)
		}
	}
}

func withZeroAndOne(t *testing.T) Code {
	t.Helper()
	for range 100_000 {
		if c := NewCode(); strings.Contains(string(c), "0") && strings.Contains(string(c), "1") {
			return c
		}
	}
	t.Fatal("no code with a 0 and a 1 was drawn")
	return ""
}

func BenchmarkNormalise(b *testing.B) {
	typed := NewCode().Grouped()
	for b.Loop() {
		if _, err := Normalise(typed); err != nil {
			b.Fatal(err)
		}
	}
}
