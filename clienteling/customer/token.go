package customer

import (
	"slices"
	"strings"
	"unicode"
)

// Names are searched by tokens: every pair of neighbouring characters, and single characters where one means something:
// each of a Chinese, Japanese or Korean name, and the first letter of each word of another. A search compares tokens with =,
// which is all that an index serves under row-level security.

// nameTokens are the tokens under which a name is found, each once, sorted.
func nameTokens(name string) []string {
	words := nameWords(name)
	var out []string
	for _, w := range words {
		runes := []rune(w)
		for i, r := range runes {
			if i == 0 || isIdeogram(r) {
				out = append(out, string(r))
			}
		}
	}
	out = append(out, pairs(strings.Join(words, ""))...) // also over the gaps: 林 小美 is found as 林小美
	slices.Sort(out)
	return slices.Compact(out)
}

// queryTokens are the tokens that a name must have, all of them, to contain every word of the query.
func queryTokens(query string) []string {
	var out []string
	for _, w := range nameWords(query) {
		if p := pairs(w); len(p) > 0 {
			out = append(out, p...)
		} else {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nameContains is what tokens cannot say: that the pairs stand next to one another. A single letter must begin a word.
func nameContains(name, query string) bool {
	words := nameWords(name)
	whole := strings.Join(words, "")
	return !slices.ContainsFunc(nameWords(query), func(w string) bool {
		r := []rune(w)
		if len(r) == 1 && !isIdeogram(r[0]) {
			return !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, w) })
		}
		return !strings.Contains(whole, w)
	})
}

// nameWords are the runs of letters, marks and digits, in lower case.
func nameWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

func pairs(s string) []string {
	runes := []rune(s)
	var out []string
	for i := 1; i < len(runes); i++ {
		out = append(out, string(runes[i-1:i+1]))
	}
	return out
}

func isIdeogram(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo)
}
