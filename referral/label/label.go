// Package label draws tags: as a QR code in a picture, in a terminal, or with its words on a sheet for print.
//
// Always true: a drawing has a quiet margin of at least 4 modules, as ISO/IEC 18004 asks, and is dark on light with enough
// contrast, so that every reader finds it; a code with a logo on it was read back by another program's decoder before it is
// handed out; no sheet has a code too small for a phone. It does not know where a tag leads or who scans it: see tag, scan.
package label

import (
	"strings"

	"github.com/skip2/go-qrcode"

	"homestore/clienteling/shop"
)

// Correction is how much of a code may be dirty and still be read.
type Correction string

const (
	Low      Correction = "L" // 7 %
	Medium   Correction = "M" // 15 %: the default, paper on a shelf
	Quartile Correction = "Q" // 25 %
	High     Correction = "H" // 30 %: the only one that bears a logo
)

var levels = map[Correction]qrcode.RecoveryLevel{Low: qrcode.Low, Medium: qrcode.Medium, Quartile: qrcode.High, High: qrcode.Highest}

// Refusals of a drawing.
var (
	ErrCorrection = shop.Refuse(shop.Invalid, "label_correction_unknown", "The error correction of a QR code is L, M, Q or H.")
	ErrSize       = shop.Refuse(shop.Invalid, "label_size_refused", "A QR code has a side of 1 to 8192 pixels, at least one for each module, and a margin of 4 to 32 modules.")
	ErrText       = shop.Refuse(shop.Invalid, "label_text_refused", "The text of a QR code is plain ASCII, at most as long as the correction allows.")
	ErrUnreadable = shop.Refuse(shop.Unprocessable, "label_unreadable",
		"The finished code could not be read back. Take a simpler logo without squares and rings, or none.")
)

// lastWithFreeMiddle is the largest version without an alignment pattern in its middle. Some readers steer by that pattern:
// with a logo on it zbar read none of them, of the smaller versions all.
const lastWithFreeMiddle = 6

// Design is how a code looks.
type Design struct {
	Correction Correction
	Dark       Colour // the modules, and the words beside them
	Light      Colour
	Logo       *Logo // in the middle, or nil
}

// Plain is black on white, as a shelf wants it.
func Plain() Design { return Design{Correction: Medium, Dark: Black, Light: White} }

// check refuses what readers would fail on. ErrCorrection, ErrContrast and ErrLogo can come back.
func (d Design) check() error {
	if _, ok := levels[d.Correction]; !ok {
		return ErrCorrection
	}
	if d.Logo != nil && d.Correction != High {
		return ErrLogo.Saying("A logo covers a part of the code: take error correction H with it.")
	}
	return checkContrast(d.Dark, d.Light)
}

// Drawing is the code of a text in a design, ready to be put into a picture or on paper.
type Drawing struct {
	matrix [][]bool // matrix[y][x] is dark; without the margin
	design Design
}

// Draw makes the code of a text. The encoder changes modes within the text, which is why tag.QRText is mostly upper case.
// ErrText, ErrUnreadable and the design's refusals can come back.
func Draw(text string, d Design) (Drawing, error) {
	if err := d.check(); err != nil {
		return Drawing{}, err
	}
	notPlain := func(r rune) bool { return r < ' ' || r > '~' }
	if strings.ContainsFunc(text, notPlain) { // readers guess the encoding of other text: zbar took Chinese for Shift JIS
		return Drawing{}, ErrText
	}
	code, err := qrcode.New(text, levels[d.Correction])
	if err != nil {
		return Drawing{}, ErrText.Saying("The text does not fit into a QR code: %v.", err)
	}
	code.DisableBorder = true
	drawing := Drawing{matrix: code.Bitmap(), design: d}
	switch {
	case d.Logo == nil:
	case drawing.Version() > lastWithFreeMiddle:
		return Drawing{}, ErrLogo.Saying("The text is so long that readers need the middle of its code: take a shorter domain, or no logo.")
	case !drawing.reads(text):
		return Drawing{}, ErrUnreadable
	}
	return drawing, nil
}

// Version is the standard's number for the code's size: 1 is 21 modules, each further one 4 more.
func (d Drawing) Version() int { return (d.modules() - 17) / 4 }

// modules is how many there are on a side, without the margin.
func (d Drawing) modules() int { return len(d.matrix) }

// dark says whether the module is dark; all around the code is light, and so is where the logo stands.
func (d Drawing) dark(x, y int) bool {
	if y < 0 || y >= len(d.matrix) || x < 0 || x >= len(d.matrix) {
		return false
	}
	return d.matrix[y][x] && !d.hole().has(x, y)
}

// runs are the dark modules of a row, as long as they touch.
func (d Drawing) runs(y int, each func(x, length int)) {
	for x := 0; x < d.modules(); x++ {
		length := 0
		for d.dark(x+length, y) {
			length++
		}
		if length > 0 {
			each(x, length)
			x += length
		}
	}
}
