package label_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"

	"homestore/referral/label"
)

// modulesOf is the code as its encoder gives it, before anything is drawn.
func modulesOf(t *testing.T, text string, level qrcode.RecoveryLevel) [][]bool {
	t.Helper()
	code, err := qrcode.New(text, level)
	if err != nil {
		t.Fatal(err)
	}
	code.DisableBorder = true
	return code.Bitmap()
}

func TestPNGHasOneBitAPixelAndExactlyTheSideAskedFor(t *testing.T) {
	t.Parallel()
	modules := modulesOf(t, example, qrcode.Medium)
	coloured := label.Plain()
	coloured.Dark, coloured.Light = label.Colour{R: 0x1A, G: 0x3C, B: 0x5E}, label.Colour{R: 0xFF, G: 0xF5, B: 0xE0}
	for _, tc := range []struct {
		why        string
		design     label.Design
		colourType byte
	}{
		{"black on white is grey", label.Plain(), 0},
		{"two other colours are a palette", coloured, 3},
	} {
		file := drawPNG(t, example, tc.design, label.Size{Pixels: 121, Margin: 4}) // 29 modules and 8 of margin at 3 pixels are 111
		if bits, colour := file[24], file[25]; bits != 1 || colour != tc.colourType {
			t.Fatalf("%s: %d bits, colour type %d", tc.why, bits, colour)
		}
		picture := unpack(t, file)
		if picture.Bounds() != image.Rect(0, 0, 121, 121) {
			t.Fatalf("%s: bounds %v", tc.why, picture.Bounds())
		}
		for y := range 121 {
			for x := range 121 {
				mx, my := (x-17+3)/3-1, (y-17+3)/3-1 // 17 pixels of margin: 12 and half of what is left over
				want := tc.design.Light
				if mx >= 0 && my >= 0 && mx < len(modules) && my < len(modules) && modules[my][mx] {
					want = tc.design.Dark
				}
				if r, g, b, _ := picture.At(x, y).RGBA(); (label.Colour{R: uint8(r), G: uint8(g), B: uint8(b)}) != want {
					t.Fatalf("%s: pixel %d,%d is not %s", tc.why, x, y, want)
				}
			}
		}
	}
}

// svg is what a drawing program finds in ours.
type svg struct {
	Width string `xml:"width,attr"`
	Title string `xml:"title"`
	Paths []struct {
		D    string `xml:"d,attr"`
		Fill string `xml:"fill,attr"`
	} `xml:"path"`
	Images []struct {
		X    float64 `xml:"x,attr"`
		Side float64 `xml:"width,attr"`
		Href string  `xml:"href,attr"`
	} `xml:"image"`
}

func readSVG(t *testing.T, file []byte) svg {
	t.Helper()
	var s svg
	if err := xml.Unmarshal(file, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSVGPaintsExactlyTheDarkModules(t *testing.T) {
	t.Parallel()
	modules := modulesOf(t, example, qrcode.Medium)
	file, err := drawn(t, example, label.Plain()).SVG(label.Size{Millimetres: 30, Margin: 4}, `沙發 <"&">`)
	if err != nil {
		t.Fatal(err)
	}
	s := readSVG(t, file)
	if s.Title != `沙發 <"&">` || len(s.Paths) != 2 || s.Width != "30mm" {
		t.Fatalf("title %q, %d paths, %s wide", s.Title, len(s.Paths), s.Width)
	}
	painted := paint(t, s.Paths[1].D, len(modules)+8)
	for y := range painted {
		for x := range painted {
			mx, my := x-4, y-4
			dark := mx >= 0 && my >= 0 && mx < len(modules) && my < len(modules) && modules[my][mx]
			if painted[y][x] != dark {
				t.Fatalf("module %d,%d is painted %t", mx, my, painted[y][x])
			}
		}
	}
}

func TestSVGWithColoursAndLogoIsReadByTwoOtherDecoders(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		design label.Design
	}{
		{"plain", label.Plain()},
		{"coloured, with a logo", branded(t)},
	} {
		file, err := drawn(t, example, tc.design).SVG(label.Size{Pixels: 600, Margin: 4}, "x")
		if err != nil {
			t.Fatal(err)
		}
		isRead(t, tc.why, pack(t, rasterise(t, readSVG(t, file))), example)
	}
}

// rasterise draws an SVG of ours at 8 pixels a module.
func rasterise(t *testing.T, s svg) image.Image {
	t.Helper()
	const module = 8
	var side int
	if _, err := fmt.Sscanf(s.Paths[0].D, "M0 0h%d", &side); err != nil {
		t.Fatal(err)
	}
	picture := image.NewRGBA(image.Rect(0, 0, side*module, side*module))
	fill := func(at image.Rectangle, with string) {
		var c color.RGBA
		if _, err := fmt.Sscanf(with, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
			t.Fatal(err)
		}
		c.A = 0xFF
		draw.Draw(picture, at, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(picture.Bounds(), s.Paths[0].Fill)
	for y, row := range paint(t, s.Paths[1].D, side) {
		for x, dark := range row {
			if dark {
				fill(image.Rect(x*module, y*module, (x+1)*module, (y+1)*module), s.Paths[1].Fill)
			}
		}
	}
	for _, i := range s.Images {
		file, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(i.Href, "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		logo, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		at, across := int(i.X*module), int(i.Side*module)
		for y := range across {
			for x := range across {
				picture.Set(at+x, at+y, logo.At(x*logo.Bounds().Dx()/across, y*logo.Bounds().Dy()/across))
			}
		}
	}
	return picture
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
	drawing := drawn(b, example, label.Plain())
	for b.Loop() {
		if _, err := drawing.PNG(label.Size{Pixels: 296, Margin: 4}); err != nil {
			b.Fatal(err)
		}
	}
}
