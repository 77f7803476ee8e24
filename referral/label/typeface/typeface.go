// Package typeface is the one font of all that is printed: it measures lines, breaks them where readers of Chinese and English
// expect it, and goes along in each PDF, cut down to the characters that stand there.
//
// Always true: no character of a text is lost between two lines, and one that the font lacks is seen as a mark in its place.
package typeface

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/signintech/gopdf"
	"golang.org/x/text/unicode/norm"
)

// fontFile is Noto Sans TC Regular, of the npm package @expo-google-fonts/noto-sans-tc 0.4.3, under the SIL Open Font License
// beside it. It is a plain TrueType file: PDF libraries refuse collections.
//
//go:embed NotoSansTC-Regular.ttf
var fontFile []byte

// parsed is the font for measuring; a document parses its own, which takes 4 ms, since it notes there what it needs to embed.
var parsed = sync.OnceValue(func() *gopdf.SubsetFontObj {
	font := new(gopdf.SubsetFontObj)
	if err := font.SetTTFData(fontFile); err != nil {
		panic("typeface: the font in the program cannot be read: " + err.Error())
	}
	return font
})

const (
	// Name is what a document calls the font once it is embedded.
	Name = "NotoSansTC"
	// Em is what widths are counted in: thousandths of the font's size.
	Em = 1000
	// geta is printed for a character that the font lacks: the mark (下駄) that printers set for a missing type.
	geta = '〓'
	// ellipsis ends a text that had to be cut.
	ellipsis = '…'
)

// Embed makes the font known to a document under Name.
func Embed(pdf *gopdf.GoPdf) error {
	if err := pdf.AddTTFFontData(Name, fontFile); err != nil {
		return fmt.Errorf("embed the font: %w", err)
	}
	return nil
}

// Face measures text. It remembers what it has looked up, so it is of one document and not for two goroutines.
type Face struct{ advances map[rune]int }

// New is a face that has measured nothing yet.
func New() Face { return Face{map[rune]int{}} }

// advance is the width of a character in thousandths of the size; ok is false for one that the font lacks.
func (f Face) advance(r rune) (width int, ok bool) {
	width, known := f.advances[r]
	if !known {
		width = -1
		if glyph, err := parsed().CharCodeToGlyphIndex(r); err == nil && glyph != 0 {
			width = int(parsed().GlyphIndexToPdfWidth(glyph))
		}
		f.advances[r] = width
	}
	return width, width >= 0
}

// Width is of one line, in thousandths of the size.
func (f Face) Width(line string) int {
	sum := 0
	for _, r := range line {
		advance, _ := f.advance(r)
		sum += advance
	}
	return sum
}

// Printable is the text as the font can print it, on one line: composed (é is one character), single spaces, nothing that has
// no ink, and geta for every character that the font lacks, so that whoever looks at the paper sees that there was one.
func (f Face) Printable(text string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.Join(strings.Fields(text), " ")) {
		_, ok := f.advance(r)
		switch {
		case ok && !unicode.IsControl(r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case hasNoInk(r):
		default:
			b.WriteRune(geta)
		}
	}
	return b.String()
}

// hasNoInk is true of joiners, direction marks, variation selectors and control characters.
func hasNoInk(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector)
}

// Wrap breaks a text into lines of at most the width, in thousandths of the size. What does not fit into the most lines is cut,
// and the last line then ends with an ellipsis. Every character is on a line or behind that ellipsis; only spaces at which a
// line ends go.
func (f Face) Wrap(text string, width, most int) []string {
	var lines []string
	for rest := []rune(text); len(rest) > 0; {
		fits := max(1, f.fitting(rest, width))
		switch {
		case fits == len(rest):
			return append(lines, string(rest))
		case len(lines)+1 >= most:
			dots, _ := f.advance(ellipsis)
			kept := strings.TrimRight(string(rest[:f.fitting(rest, width-dots)]), " ")
			return append(lines, kept+string(ellipsis))
		}
		at := breakAt(rest, fits)
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		for rest = rest[at:]; len(rest) > 0 && rest[0] == ' '; rest = rest[1:] {
		}
	}
	return lines
}

// fitting is how many characters from the beginning are no wider.
func (f Face) fitting(text []rune, width int) int {
	for i, r := range text {
		advance, _ := f.advance(r)
		if width -= advance; width < 0 {
			return i
		}
	}
	return len(text)
}

// breakAt is the last place for a line to end, up to most characters; in a word that is wider than a line, most itself.
func breakAt(text []rune, most int) int {
	for at := most; at > 0; at-- {
		if mayBreak(text[at-1], text[at]) {
			return at
		}
	}
	return most
}

// Marks that do not begin a line, and that do not end one (避頭尾).
const (
	neverFirst = "，。、；：？！」』）》〉】〕｝…‥·・%％°ー々,.;:?!)]}"
	neverLast  = "「『（《〈【〔｛([{$＄"
)

// mayBreak says whether a line may end between two characters: at spaces, after hyphens, and beside any Chinese character.
func mayBreak(before, after rune) bool {
	switch {
	case after == ' ' || before == ' ':
		return true
	case strings.ContainsRune(neverFirst, after) || strings.ContainsRune(neverLast, before) || unicode.Is(unicode.M, after):
		return false
	}
	return isWide(before) || isWide(after) || before == '-' || before == '/'
}

func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF
}
