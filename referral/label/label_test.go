package label_test

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strings"
	"testing"

	"homestore/referral/label"
	"homestore/referral/tag"
)

func TestEverySizeAndCorrectionIsReadByTwoOtherDecoders(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why  string
		text string
		ecc  label.Correction
		size label.Size
	}{
		{"the usual", example, label.Medium, label.Size{Pixels: 480, Margin: 4}},
		{"small", example, label.Low, label.Size{Pixels: 80, Margin: 4}},
		{"odd side, so that rows end within a byte", example, label.Quartile, label.Size{Pixels: 131, Margin: 5}},
		{"large", example, label.High, label.Size{Pixels: 1500, Margin: 10}},
		{"4 cm on paper", example, label.Medium, label.Size{Millimetres: 40, Margin: 4}},
		{"the demo", "http://127.0.0.1:8080/Q/7K3QXMTWBA2D9", label.Medium, label.Size{Pixels: 240, Margin: 4}},
		{"all lower case", strings.ToLower(example), label.Medium, label.Size{Pixels: 160, Margin: 4}},
	} {
		isRead(t, tc.why, drawPNG(t, tc.text, withCorrection(tc.ecc), tc.size), tc.text)
	}
}

func TestASheetOfAHundredCodesIsReadCompletely(t *testing.T) {
	t.Parallel()
	const across, cell = 10, 200
	sheet := image.NewGray(image.Rect(0, 0, across*cell, across*cell))
	var want []string
	for i := range across * across {
		text := tag.QRText("go.brand.tw", codeOf(i))
		want = append(want, text)
		one := unpack(t, drawPNG(t, text, label.Plain(), label.Size{Pixels: cell, Margin: 4}))
		draw.Draw(sheet, one.Bounds().Add(image.Pt(i%across*cell, i/across*cell)), one, image.Point{}, draw.Src)
	}
	got := zbar(t, pack(t, sheet))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("decoded %d of %d codes", len(got), len(want))
	}
}

func TestATagsQRCodeStaysAtVersionTwoOrThree(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, domain string
		ecc         label.Correction
		want        int
	}{
		{"a short domain at L", "go.brand.tw", label.Low, 2},
		{"a short domain at M", "go.brand.tw", label.Medium, 3},
		{"a long one at M", "scan.furniture.com.tw", label.Medium, 3},
		{"the demo at M", "127.0.0.1:8080", label.Medium, 3},
	} {
		if got := drawn(t, tag.QRText(tc.domain, codeOf(0)), withCorrection(tc.ecc)).Version(); got > tc.want {
			t.Errorf("%s: version %d, want at most %d", tc.why, got, tc.want)
		}
	}
}

func TestTerminalArtIsReadByTwoOtherDecoders(t *testing.T) {
	t.Parallel()
	art := drawn(t, example, label.Plain()).Terminal()
	art = strings.NewReplacer("\x1b[97;40m", "", "\x1b[0m", "").Replace(art)
	lines := strings.Split(strings.TrimRight(art, "\n"), "\n")
	const module = 4
	width := len([]rune(lines[0]))
	picture := image.NewGray(image.Rect(0, 0, width*module, 2*len(lines)*module))
	ink := map[rune][2]bool{'█': {true, true}, '▀': {true, false}, '▄': {false, true}, ' ': {false, false}}
	for row, line := range lines {
		for x, r := range []rune(line) {
			for half, bright := range ink[r] {
				if bright {
					at := image.Rect(0, 0, module, module).Add(image.Pt(x*module, (2*row+half)*module))
					draw.Draw(picture, at, image.NewUniform(color.White), image.Point{}, draw.Src)
				}
			}
		}
	}
	isRead(t, "on a dark terminal", pack(t, picture), example)
}

func TestADrawingOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	drawing := drawn(t, example, label.Plain())
	for _, tc := range []struct {
		why  string
		size label.Size
		want error
	}{
		{"no pixels", label.Size{Margin: 4}, label.ErrSize},
		{"negative", label.Size{Pixels: -1, Margin: 4}, label.ErrSize},
		{"fewer pixels than modules", label.Size{Pixels: 36, Margin: 4}, label.ErrSize},
		{"margin that readers stumble over", label.Size{Pixels: 400, Margin: 3}, label.ErrSize},
		{"a picture that fills the memory", label.Size{Pixels: 100_000, Margin: 4}, label.ErrSize},
		{"all margin", label.Size{Pixels: 4000, Margin: 100_000}, label.ErrSize},
		{"paper too small for a phone", label.Size{Millimetres: 12, Margin: 4}, label.ErrTooSmall},
	} {
		if _, err := drawing.PNG(tc.size); !errors.Is(err, tc.want) {
			t.Errorf("%s: PNG gave %v", tc.why, err)
		}
		if _, err := drawing.SVG(tc.size, ""); !errors.Is(err, tc.want) {
			t.Errorf("%s: SVG gave %v", tc.why, err)
		}
	}
	if _, err := label.Draw(example, withCorrection("X")); !errors.Is(err, label.ErrCorrection) {
		t.Errorf("correction X gave %v", err)
	}
	for _, text := range []string{strings.Repeat("x", 3000), "https://www.brand.tw/沙發", "a\nb"} {
		if _, err := label.Draw(text, withCorrection(label.Low)); !errors.Is(err, label.ErrText) {
			t.Errorf("%.20q gave %v", text, err)
		}
	}
}
