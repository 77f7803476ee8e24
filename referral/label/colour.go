package label

import (
	"fmt"
	"math"
	"regexp"

	"homestore/clienteling/shop"
)

// Colour is one of sRGB, without transparency: what is behind a code must not change what a reader sees.
type Colour struct{ R, G, B uint8 }

// The colours of a plain code.
var (
	Black = Colour{}
	White = Colour{0xFF, 0xFF, 0xFF}
)

// Refusals of colours.
var (
	ErrColour   = shop.Refuse(shop.Invalid, "label_colour_malformed", "A colour is # and six hexadecimal digits, as in #1A3C5E.")
	ErrContrast = shop.Refuse(shop.Unprocessable, "label_contrast_too_low", "A code is dark on light: darken the modules or lighten the background.")
)

const (
	// leastRatio is what WCAG 2.2 asks of text (1.4.3): the words of a label are printed in the same two colours.
	leastRatio = 4.5
	// leastDifference is the symbol contrast of ISO/IEC 15415's grade B. The ratio alone would pass a code that is nearly
	// black on dark grey, which has 4.5 : 1 and a third of the light.
	leastDifference = 0.55
)

var colourForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// ParseColour reads #RRGGBB. ErrColour for anything else.
func ParseColour(s string) (Colour, error) {
	var c Colour
	if !colourForm.MatchString(s) {
		return c, ErrColour
	}
	_, err := fmt.Sscanf(s, "#%02x%02x%02x", &c.R, &c.G, &c.B)
	return c, err
}

func (c Colour) String() string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// luminance is WCAG's relative luminance: 0 is black, 1 is white.
func (c Colour) luminance() float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / math.MaxUint8
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// checkContrast refuses light on dark too: many readers never find an inverted code.
func checkContrast(dark, light Colour) error {
	d, l := dark.luminance(), light.luminance()
	switch ratio := (l + 0.05) / (d + 0.05); {
	case ratio < 1:
		return ErrContrast.Saying("Readers fail on light modules on a dark background: exchange the two colours.")
	case ratio < leastRatio || l-d < leastDifference:
		return ErrContrast.Saying("%s on %s has a contrast of %.1f : 1 and %.0f %% of the light between them; a code needs %.1f : 1 and %.0f %%.",
			dark, light, ratio, 100*(l-d), leastRatio, 100*leastDifference)
	}
	return nil
}
