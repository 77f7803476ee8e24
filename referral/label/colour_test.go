package label_test

import (
	"errors"
	"testing"

	"homestore/referral/label"
)

func TestColoursOfACodeHaveContrast(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		dark, light string
		isGood      bool
		why         string
	}{
		{"#000000", "#FFFFFF", true, "21 : 1"},
		{"#1A3C5E", "#FFF5E0", true, "navy on cream"},
		{"#767676", "#FFFFFF", true, "4.54 : 1, the grey that WCAG's own examples end at"},
		{"#787878", "#FFFFFF", false, "4.42 : 1"},
		{"#000000", "#707070", false, "4.2 : 1, and a sixth of the light"},
		{"#000000", "#808080", false, "5.3 : 1, but a fifth of the light between them"},
		{"#000000", "#C8C8C8", true, "0.58 of the light"},
		{"#000000", "#C0C0C0", false, "0.53 of the light"},
		{"#FFFFFF", "#000000", false, "inverted"},
		{"#FFCC00", "#FFFFFF", false, "yellow on white"},
		{"#CC0000", "#CC0000", false, "nothing to see"},
	} {
		design := label.Plain()
		var err error
		if design.Dark, err = label.ParseColour(tc.dark); err != nil {
			t.Fatal(err)
		}
		if design.Light, err = label.ParseColour(tc.light); err != nil {
			t.Fatal(err)
		}
		switch _, err := label.Draw(example, design); {
		case tc.isGood && err != nil, !tc.isGood && !errors.Is(err, label.ErrContrast):
			t.Errorf("%s on %s (%s): %v", tc.dark, tc.light, tc.why, err)
		case tc.isGood:
			isRead(t, tc.why, drawPNG(t, example, design, label.Size{Pixels: 300, Margin: 4}), example)
		}
	}
}

func TestAColourIsSixHexadecimalDigits(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "#", "#12345", "#1234567", "123456", "#12345G", "#+12345", "red", "#１２３４５６"} {
		if _, err := label.ParseColour(s); !errors.Is(err, label.ErrColour) {
			t.Errorf("%q gave %v", s, err)
		}
	}
	if c, err := label.ParseColour("#1a3C5e"); err != nil || c != (label.Colour{R: 0x1A, G: 0x3C, B: 0x5E}) || c.String() != "#1A3C5E" {
		t.Errorf("%v %v", c, err)
	}
}
