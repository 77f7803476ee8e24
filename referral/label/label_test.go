package label_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"homestore/referral/label"
	"homestore/referral/tag"
)

const example = "https://GO.BRAND.TW/Q/7K3QXMTWBA2D9"

func TestEverySizeAndCorrectionIsReadByAnotherDecoder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why  string
		text string
		ecc  label.Correction
		size label.Size
	}{
		{"the usual", example, label.Medium, label.Size{Scale: 8, Margin: 4}},
		{"small", example, label.Low, label.Size{Scale: 2, Margin: 4}},
		{"odd scale, so that rows end within a byte", example, label.Quartile, label.Size{Scale: 3, Margin: 5}},
		{"large", example, label.High, label.Size{Scale: 20, Margin: 10}},
		{"the demo", "http://127.0.0.1:8080/Q/7K3QXMTWBA2D9", label.Medium, label.Size{Scale: 6, Margin: 4}},
		{"all lower case", strings.ToLower(example), label.Medium, label.Size{Scale: 4, Margin: 4}},
	} {
		drawn, err := matrix(t, tc.text, tc.ecc).PNG(tc.size)
		if err != nil {
			t.Fatalf("%s: %v", tc.why, err)
		}
		if got := decode(t, drawn); !slices.Equal(got, []string{tc.text}) {
			t.Errorf("%s: decoded %q, want %q", tc.why, got, tc.text)
		}
	}
}

func TestASheetOfAHundredCodesIsReadCompletely(t *testing.T) {
	t.Parallel()
	const across, cell = 10, 200
	sheet := image.NewGray(image.Rect(0, 0, across*cell, across*cell))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	var want []string
	for i := range across * across {
		text := tag.QRText("go.brand.tw", tag.NewCode())
		want = append(want, text)
		drawn, err := matrix(t, text, label.Medium).PNG(label.Size{Scale: 4, Margin: 4})
		if err != nil {
			t.Fatal(err)
		}
		one, err := png.Decode(bytes.NewReader(drawn))
		if err != nil {
			t.Fatal(err)
		}
		corner := image.Pt(i%across*cell, i/across*cell)
		draw.Draw(sheet, one.Bounds().Add(corner), one, image.Point{}, draw.Src)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, sheet); err != nil {
		t.Fatal(err)
	}
	got := decode(t, file.Bytes())
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
		if got := matrix(t, tag.QRText(tc.domain, tag.NewCode()), tc.ecc).Version(); got > tc.want {
			t.Errorf("%s: version %d, want at most %d", tc.why, got, tc.want)
		}
	}
}

func TestPNGHasOneBitAPixelAndItsMargin(t *testing.T) {
	t.Parallel()
	m := matrix(t, example, label.Medium)
	size := label.Size{Scale: 3, Margin: 4}
	drawn, err := m.PNG(size)
	if err != nil {
		t.Fatal(err)
	}
	if bits, colour := drawn[24], drawn[25]; bits != 1 || colour != 0 {
		t.Fatalf("%d bits, colour type %d", bits, colour)
	}
	picture, err := png.Decode(bytes.NewReader(drawn)) // checks the CRC of each chunk
	if err != nil {
		t.Fatal(err)
	}
	if side := (len(m) + 8) * 3; picture.Bounds() != image.Rect(0, 0, side, side) {
		t.Fatalf("bounds %v, want a side of %d", picture.Bounds(), side)
	}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			mx, my := x/3-4, y/3-4
			dark := mx >= 0 && my >= 0 && mx < len(m) && my < len(m) && m[my][mx]
			if grey, _, _, _ := picture.At(x, y).RGBA(); (grey == 0) != dark {
				t.Fatalf("pixel %d,%d is %d, dark should be %t", x, y, grey, dark)
			}
		}
	}
}

func TestSVGPaintsExactlyTheDarkModules(t *testing.T) {
	t.Parallel()
	m := matrix(t, example, label.Medium)
	drawn, err := m.SVG(label.Size{Scale: 5, Margin: 4}, `沙發 <"&">`)
	if err != nil {
		t.Fatal(err)
	}
	var svg struct {
		Title string `xml:"title"`
		Paths []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(drawn, &svg); err != nil {
		t.Fatal(err)
	}
	if svg.Title != `沙發 <"&">` || len(svg.Paths) != 2 {
		t.Fatalf("title %q, %d paths", svg.Title, len(svg.Paths))
	}
	painted := paint(t, svg.Paths[1].D, len(m)+8)
	for y := range painted {
		for x := range painted {
			mx, my := x-4, y-4
			dark := mx >= 0 && my >= 0 && mx < len(m) && my < len(m) && m[my][mx]
			if painted[y][x] != dark {
				t.Fatalf("module %d,%d is painted %t", mx, my, painted[y][x])
			}
		}
	}
}

func TestTerminalArtIsReadByAnotherDecoder(t *testing.T) {
	t.Parallel()
	art := matrix(t, example, label.Medium).Terminal()
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
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	if got := decode(t, file.Bytes()); !slices.Equal(got, []string{example}) {
		t.Fatalf("decoded %q", got)
	}
}

func TestADrawingOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	m := matrix(t, example, label.Medium)
	for _, tc := range []struct {
		why  string
		size label.Size
	}{
		{"no pixels", label.Size{Scale: 0, Margin: 4}},
		{"negative", label.Size{Scale: -1, Margin: 4}},
		{"margin that readers stumble over", label.Size{Scale: 4, Margin: 3}},
		{"a picture that fills the memory", label.Size{Scale: 100_000, Margin: 4}},
		{"all margin", label.Size{Scale: 4, Margin: 100_000}},
	} {
		if _, err := m.PNG(tc.size); !errors.Is(err, label.ErrSize) {
			t.Errorf("%s: PNG gave %v", tc.why, err)
		}
		if _, err := m.SVG(tc.size, ""); !errors.Is(err, label.ErrSize) {
			t.Errorf("%s: SVG gave %v", tc.why, err)
		}
	}
	if _, err := label.New(example, "X"); !errors.Is(err, label.ErrCorrection) {
		t.Errorf("correction X gave %v", err)
	}
	for _, text := range []string{strings.Repeat("x", 3000), "https://www.brand.tw/沙發", "a\nb"} {
		if _, err := label.New(text, label.Low); !errors.Is(err, label.ErrText) {
			t.Errorf("%.20q gave %v", text, err)
		}
	}
}

func matrix(t testing.TB, text string, ecc label.Correction) label.Matrix {
	t.Helper()
	m, err := label.New(text, ecc)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// decode reads a picture with zbar, which shares no line with what drew it.
func decode(t *testing.T, picture []byte) []string {
	t.Helper()
	if _, err := exec.LookPath("zbarimg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("zbarimg is not installed (apt-get install zbar-tools)")
		}
		t.Skip("SKIP: zbarimg is not installed (apt-get install zbar-tools), so no code is decoded")
	}
	cmd := exec.Command("zbarimg", "--raw", "-q", "-Sdisable", "-Sqrcode.enable", "-")
	cmd.Stdin = bytes.NewReader(picture)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}

// paint plays the path commands that SVG uses: Mx yhNv1h-Nz.
func paint(t *testing.T, d string, side int) [][]bool {
	t.Helper()
	painted := make([][]bool, side)
	for i := range painted {
		painted[i] = make([]bool, side)
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(d, "z"), "z") {
		var x, y, run, back int
		if _, err := fmt.Sscanf(part, "M%d %dh%dv1h-%d", &x, &y, &run, &back); err != nil || run != back {
			t.Fatalf("path %q: %v", part, err)
		}
		for i := range run {
			if painted[y][x+i] {
				t.Fatalf("module %d,%d is painted twice", x+i, y)
			}
			painted[y][x+i] = true
		}
	}
	return painted
}

func BenchmarkPNG(b *testing.B) {
	m := matrix(b, example, label.Medium)
	for b.Loop() {
		if _, err := m.PNG(label.Size{Scale: 8, Margin: 4}); err != nil {
			b.Fatal(err)
		}
	}
}
