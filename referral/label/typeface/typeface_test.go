package typeface

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLinesBreakWhereReadersExpectIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text       string
		characters int // of Chinese, that a line holds
		most       int
		want       []string
		why        string
	}{
		{"三人座布沙發", 6, 2, []string{"三人座布沙發"}, "it fits"},
		{"三人座布沙發", 4, 2, []string{"三人座布", "沙發"}, "between any two characters"},
		{"掃描看顏色，宅配到府", 5, 3, []string{"掃描看顏", "色，宅配到", "府"}, "a comma does not begin a line"},
		{"沙發「大象」附枕", 3, 4, []string{"沙發", "「大", "象」附", "枕"}, "an opening bracket does not end one, a closing one does not begin one"},
		{"Three-seater sofa", 6, 3, []string{"Three-seater", "sofa"}, "at the space, which goes"},
		{"Three-seater sofa", 4, 3, []string{"Three-", "seater", "sofa"}, "after the hyphen, which stays"},
		{"Donaudampfschiff", 3, 9, []string{"Dona", "udam", "pfschi", "ff"}, "a word wider than the line breaks anywhere"},
		{"三人座布沙發附腳凳", 4, 2, []string{"三人座布", "沙發附…"}, "what is too long ends visibly"},
		{"紙燈 L", 2, 2, []string{"紙燈", "L"}, "a space at the end of a line goes"},
		{"", 4, 2, nil, "nothing"},
		{"燈", 0, 3, []string{"燈"}, "a line holds one character at least"},
	} {
		if got := New().Wrap(tc.text, tc.characters*Em, tc.most); !slices.Equal(got, tc.want) {
			t.Errorf("%q in %d: %q, want %q (%s)", tc.text, tc.characters, got, tc.want, tc.why)
		}
	}
}

// No character is lost at a break, which is what made another library unfit; where the text is cut, an ellipsis says so.
func TestNoCharacterIsLostBetweenLines(t *testing.T) {
	t.Parallel()
	pieces := []string{"沙", "發", "燈", "，", "「", "」", "（", "）", "A", "b", "7", " ", "-", "/", "é", "ㄅ", "の", "$", "…", "、", "１"}
	rapid.Check(t, func(t *rapid.T) {
		text := New().Printable(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "text"), ""))
		width := rapid.IntRange(Em, 20*Em).Draw(t, "width")
		most := rapid.IntRange(1, 12).Draw(t, "most")
		f := New()
		lines := f.Wrap(text, width, most)
		if len(lines) > most {
			t.Fatalf("%d lines, at most %d", len(lines), most)
		}
		for i, line := range lines {
			if f.Width(line) > width && len([]rune(line)) > 1 {
				t.Fatalf("%q is wider than its line", line)
			}
			if line == "" || strings.TrimSpace(line) != line && i < len(lines)-1 {
				t.Fatalf("%q is no line", line)
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		all := bare(strings.Join(lines, ""))
		if all == bare(text) {
			return
		}
		kept, isCut := strings.CutSuffix(all, string(ellipsis))
		if !isCut || len(lines) != most || !strings.HasPrefix(bare(text), kept) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

func TestWhatTheFontLacksIsSeen(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want, why string }{
		{"三人沙發", "三人沙發", "Chinese"},
		{"堃喆犇", "堃喆犇", "characters of names"},
		{"Café", "Café", "composed: e and its accent are one character"},
		{"燈😀", "燈〓", "no emoji in a text font"},
		{"𠮷", "〓", "outside of the font"},
		{"👨‍👩‍👧", "〓〓〓", "joiners have no ink, the people have"},
		{"紙\u200b燈\ufe0f\u2060", "紙燈", "nothing is seen of what has no ink"},
		{"  two \t\n lines\u00a0here ", "two lines here", "one line, single spaces"},
		{"100 % €5 ½ ①", "100 % €5 ½ ①", "signs"},
	} {
		if got := New().Printable(tc.text); got != tc.want {
			t.Errorf("%q is printed as %q, want %q (%s)", tc.text, got, tc.want, tc.why)
		}
	}
}
