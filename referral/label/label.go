// Package label draws tags: as a QR code in a picture, on a page, or in a terminal.
//
// Always true: a drawing has a quiet margin of at least 4 modules, as ISO/IEC 18004 asks, and dark on light, so that every
// reader finds it. It knows nothing of tags: it is given the text, see tag.QRText.
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
	High     Correction = "H" // 30 %
)

// Limits of a drawing. 4 modules is the standard's quiet zone; 64 pixels a module is a poster at 600 dpi.
const (
	MinMargin = 4
	MaxMargin = 32
	MaxScale  = 64
)

// Refusals of this package.
var (
	ErrCorrection = shop.Refuse(shop.Invalid, "label_correction_unknown", "The error correction of a QR code is L, M, Q or H.")
	ErrSize       = shop.Refuse(shop.Invalid, "label_size_refused", "A QR code has 1 to 64 pixels a module and a margin of 4 to 32 modules.")
	ErrText       = shop.Refuse(shop.Invalid, "label_text_refused", "The text of a QR code is plain ASCII, at most as long as the correction allows.")
)

// Size is how a code is drawn.
type Size struct {
	Scale  int // pixels a module
	Margin int // modules of white around the code
}

func (s Size) check() error {
	if s.Scale < 1 || s.Scale > MaxScale || s.Margin < MinMargin || s.Margin > MaxMargin {
		return ErrSize
	}
	return nil
}

// Matrix is a QR code without its margin: Matrix[y][x] is dark.
type Matrix [][]bool

// New makes the code of a text. The encoder changes modes within the text, which is why tag.QRText is mostly upper case. ErrText
// and ErrCorrection can come back.
func New(text string, correction Correction) (Matrix, error) {
	levels := map[Correction]qrcode.RecoveryLevel{Low: qrcode.Low, Medium: qrcode.Medium, Quartile: qrcode.High, High: qrcode.Highest}
	level, ok := levels[correction]
	if !ok {
		return nil, ErrCorrection
	}
	notPlain := func(r rune) bool { return r < ' ' || r > '~' }
	if strings.ContainsFunc(text, notPlain) { // readers guess the encoding of other text: zbar took Chinese for Shift JIS
		return nil, ErrText
	}
	code, err := qrcode.New(text, level)
	if err != nil {
		return nil, ErrText.Saying("The text does not fit into a QR code: %v.", err)
	}
	code.DisableBorder = true
	return code.Bitmap(), nil
}

// Version is the standard's number for the code's size: 1 is 21 modules, each further one 4 more.
func (m Matrix) Version() int { return (len(m) - 17) / 4 }

// dark says whether the module is dark; all around the code is light.
func (m Matrix) dark(x, y int) bool {
	return y >= 0 && y < len(m) && x >= 0 && x < len(m) && m[y][x]
}
