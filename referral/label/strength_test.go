package label_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand"
	"strings"
	"testing"

	"homestore/referral/label"
	"homestore/referral/tag"
)

// harm is what happens to a code between the printer and the camera.
type harm struct {
	module   float64 // pixels a module, as the camera sees it
	degrees  float64
	blur     float64 // standard deviation, modules
	contrast float64 // of the light between dark and light: 1 is all
	noise    float64 // standard deviation, of 255
	dirt     float64 // share of the code's area that is painted over
}

// photograph takes a picture of a code through the harm. random decides noise and dirt.
func photograph(t *testing.T, drawing label.Drawing, modules int, h harm, random *rand.Rand) *image.Gray {
	t.Helper()
	const fine = 8 // pixels a module of the print
	file, err := drawing.PNG(label.Size{Pixels: (modules + 8) * fine, Margin: 4})
	if err != nil {
		t.Fatal(err)
	}
	print := dirty(unpack(t, file), h.dirt*float64(modules*modules)*fine*fine, random)
	blurred := soften(print, h.blur*fine)
	side := int(math.Ceil(float64(modules+8) * h.module * 1.45))
	out := image.NewGray(image.Rect(0, 0, side, side))
	sin, cos := math.Sincos(h.degrees * math.Pi / 180)
	step := fine / h.module
	for y := range side {
		for x := range side {
			var sum float64
			const rays = 2 // a side: each pixel of the camera sees an area
			for i := range rays * rays {
				dx := (float64(x) + (float64(i%rays)+0.5)/rays - float64(side)/2) * step
				dy := (float64(y) + (float64(i/rays)+0.5)/rays - float64(side)/2) * step
				sum += light(blurred, cos*dx+sin*dy+float64(blurred.Rect.Dx())/2, cos*dy-sin*dx+float64(blurred.Rect.Dy())/2)
			}
			v := 127.5 + (sum/(rays*rays)-127.5)*h.contrast + random.NormFloat64()*h.noise
			out.SetGray(x, y, color.Gray{Y: uint8(max(0, min(255, v)))})
		}
	}
	return out
}

// light is what a place of the print sends back; around it is paper.
func light(print *image.Gray, x, y float64) float64 {
	at := image.Pt(int(math.Floor(x)), int(math.Floor(y)))
	if !at.In(print.Rect) {
		return 255
	}
	return float64(print.GrayAt(at.X, at.Y).Y)
}

// dirty paints round spots, some dark and some light, until so many pixels are covered.
func dirty(print image.Image, area float64, random *rand.Rand) *image.Gray {
	out := image.NewGray(print.Bounds())
	side := out.Rect.Dx()
	for y := range side {
		for x := range side {
			out.Set(x, y, print.At(x, y))
		}
	}
	const radius = 12 // one and a half modules
	for ; area > 0; area -= math.Pi * radius * radius {
		cx, cy, ink := 32+random.Intn(side-64), 32+random.Intn(side-64), color.Gray{Y: uint8(random.Intn(2) * 255)}
		for y := -radius; y <= radius; y++ {
			for x := -radius; x <= radius; x++ {
				if x*x+y*y <= radius*radius {
					out.SetGray(cx+x, cy+y, ink)
				}
			}
		}
	}
	return out
}

// soften is a Gaussian blur, by three box blurs each way.
func soften(print *image.Gray, deviation float64) *image.Gray {
	reach := int(math.Round((math.Sqrt(1+4*deviation*deviation) - 1) / 2)) // three boxes of 2r+1 have the variance r(r+1)
	if reach < 1 {
		return print
	}
	out := print
	for range 3 {
		out = boxed(boxed(out, reach), reach)
	}
	return out
}

// boxed is each row's running mean, transposed; twice is both ways.
func boxed(in *image.Gray, reach int) *image.Gray {
	side := in.Rect.Dx()
	out := image.NewGray(in.Rect)
	for y := range side {
		sum := 0
		at := func(x int) int { return int(in.Pix[y*in.Stride+max(0, min(side-1, x))]) }
		for x := -reach; x <= reach; x++ {
			sum += at(x)
		}
		for x := range side {
			out.Pix[x*out.Stride+y] = uint8(sum / (2*reach + 1))
			sum += at(x+reach+1) - at(x-reach)
		}
	}
	return out
}

// What a label withstands, read by two decoders. Each row says how many of 12 codes at least, with the logo's design where it
// says so; go test -v prints what was read.
func TestCodesAreReadThroughBlurTurnsFadingSmallPrintAndDirt(t *testing.T) {
	t.Parallel()
	const codes = 12
	near := harm{module: 6, contrast: 1}
	with := func(edit func(*harm)) harm {
		h := near
		edit(&h)
		return h
	}
	for _, tc := range []struct {
		what        string
		design      label.Design
		harm        harm
		zbar, zxing int // at least
	}{
		{"nothing", label.Plain(), near, 12, 11},
		{"blur of 0.2 modules", label.Plain(), with(func(h *harm) { h.blur = 0.2 }), 12, 11},
		{"blur of 0.3 modules", label.Plain(), with(func(h *harm) { h.blur = 0.3 }), 12, 11},
		{"turned by 10 degrees", label.Plain(), with(func(h *harm) { h.degrees = 10 }), 12, 11},
		{"turned by 45 degrees", label.Plain(), with(func(h *harm) { h.degrees = 45 }), 12, 11},
		{"turned by 200 degrees", label.Plain(), with(func(h *harm) { h.degrees = 200 }), 12, 11},
		{"contrast of 50 %", label.Plain(), with(func(h *harm) { h.contrast = 0.5 }), 12, 11},
		{"contrast of 25 %", label.Plain(), with(func(h *harm) { h.contrast = 0.25 }), 12, 11},
		{"contrast of 40 %, with noise", label.Plain(), with(func(h *harm) { h.contrast, h.noise = 0.4, 4 }), 12, 11},
		{"small: 3 pixels a module", label.Plain(), with(func(h *harm) { h.module = 3 }), 12, 11},
		{"small: 2 pixels a module, 0.33 mm at 25 cm", label.Plain(), with(func(h *harm) { h.module = 2 }), 11, 11},
		{"4 pixels, 15 degrees, blur 0.2, 60 %, noise", label.Plain(), harm{module: 4, degrees: 15, blur: 0.2, contrast: 0.6, noise: 3}, 12, 11},
		// Spots fall on the three corners too, which no correction helps and zxing minds more.
		{"dirt on 2 %, correction M", label.Plain(), with(func(h *harm) { h.dirt = 0.02 }), 11, 7},
		{"dirt on 4 %, correction H", withCorrection(label.High), with(func(h *harm) { h.dirt = 0.04 }), 8, 4},
		{"a brand's colours and logo, turned by 20", branded(t), with(func(h *harm) { h.degrees = 20 }), 12, 11},
		{"the same, 4 pixels, blur 0.2, 60 %, noise", branded(t), harm{module: 4, degrees: 20, blur: 0.2, contrast: 0.6, noise: 3}, 12, 11},
	} {
		t.Run(strings.ReplaceAll(tc.what, " ", "_"), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewSource(1)) //nolint:gosec // the same dirt in each run
			var pictures [][]byte
			isOurs := map[string]bool{}
			byZxing := 0
			for i := range codes {
				text := tag.QRText("go.brand.tw", tag.Code(fmt.Sprintf("7K3QXMTW%05d", i*4127)))
				drawing := drawn(t, text, tc.design)
				seen := photograph(t, drawing, 17+4*drawing.Version(), tc.harm, random)
				pictures, isOurs[text] = append(pictures, pack(t, seen)), true
				if zxing(t, seen) == text {
					byZxing++
				}
			}
			byZbar := 0
			for _, text := range zbar(t, pictures...) {
				if !isOurs[text] {
					t.Errorf("zbar reads %q, which is none of ours", text)
				}
				byZbar++
			}
			t.Logf("%-52s zbar %2d of %d, zxing %2d of %d", tc.what, byZbar, codes, byZxing, codes)
			if byZbar < tc.zbar || byZxing < tc.zxing {
				t.Errorf("%s: zbar %d of %d, want %d; zxing %d, want %d", tc.what, byZbar, codes, tc.zbar, byZxing, tc.zxing)
			}
		})
	}
}
