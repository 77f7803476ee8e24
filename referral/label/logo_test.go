package label_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand"
	"strings"
	"testing"

	"homestore/referral/label"
	"homestore/referral/tag"
)

// emblem is a brand's logo: a red disc with a white bar on nothing.
func emblem(side int) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := 2*x-side, 2*y-side
			switch {
			case dx*dx+dy*dy > side*side:
			case dy > -side/6 && dy < side/6 && dx > -side*2/3 && dx < side*2/3:
				picture.Set(x, y, color.White)
			default:
				picture.Set(x, y, color.NRGBA{0xC8, 0x10, 0x2E, 0xFF})
			}
		}
	}
	return picture
}

func logoOf(t testing.TB, picture image.Image) *label.Logo {
	t.Helper()
	logo, err := label.ReadLogo(pack(t, picture))
	if err != nil {
		t.Fatal(err)
	}
	return logo
}

// branded is a design with everything on it.
func branded(t testing.TB) label.Design {
	t.Helper()
	return label.Design{
		Correction: label.High, Dark: label.Colour{R: 0x1A, G: 0x3C, B: 0x5E}, Light: label.Colour{R: 0xFF, G: 0xF5, B: 0xE0},
		Logo: logoOf(t, emblem(200)),
	}
}

func TestACodeWithALogoIsReadByTwoOtherDecoders(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"go.brand.tw", "scan.the-furniture-company.com.tw", "the-longest-name-that-bears-a-logo.furniture.com.tw"} {
		text := tag.QRText(domain, codeOf(0))
		for _, pixels := range []int{200, 480, 1111} {
			isRead(t, domain, drawPNG(t, text, branded(t), label.Size{Pixels: pixels, Margin: 4}), text)
		}
	}
}

func TestALogoStandsInTheMiddleOnLightAndInItsOwnColours(t *testing.T) {
	t.Parallel()
	picture := unpack(t, drawPNG(t, example, branded(t), label.Size{Pixels: 820, Margin: 4})) // 33 + 8 modules of 20 pixels
	colourAt := func(x, y int) color.RGBA { return color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA) }
	for _, tc := range []struct {
		why  string
		x, y int
		want color.RGBA
	}{
		{"the bar", 410, 410, color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}},
		{"the disc", 410, 370, color.RGBA{0xC8, 0x10, 0x2E, 0xFF}},
		{"its transparent corner shows the paper", 352, 352, color.RGBA{0xFF, 0xF5, 0xE0, 0xFF}},
		{"the gap around it, 7 of 33 modules from side to side", 344, 410, color.RGBA{0xFF, 0xF5, 0xE0, 0xFF}},
		{"the first module", 81, 81, color.RGBA{0x1A, 0x3C, 0x5E, 0xFF}},
	} {
		if got := colourAt(tc.x, tc.y); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.why, got, tc.want)
		}
	}
}

func TestALogoThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	wide := image.NewGray(image.Rect(0, 0, 2000, 20))
	noise := image.NewRGBA(image.Rect(0, 0, 400, 400))
	_, _ = rand.New(rand.NewSource(1)).Read(noise.Pix) //nolint:gosec // what does not compress
	for _, tc := range []struct {
		why  string
		file []byte
	}{
		{"nothing", nil},
		{"no PNG", []byte("GIF89a")},
		{"cut off", pack(t, emblem(64))[:200]},
		{"too small to be seen", pack(t, emblem(15))},
		{"too wide", pack(t, wide)},
		{"too many bytes", pack(t, noise)},
	} {
		if _, err := label.ReadLogo(tc.file); !errors.Is(err, label.ErrLogo) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
	for _, correction := range []label.Correction{label.Low, label.Medium, label.Quartile} {
		design := branded(t)
		design.Correction = correction
		if _, err := label.Draw(example, design); !errors.Is(err, label.ErrLogo) {
			t.Errorf("a logo with correction %s gave %v", correction, err)
		}
	}
	if _, err := label.Draw(example+strings.Repeat("A", 60), branded(t)); !errors.Is(err, label.ErrLogo) {
		t.Errorf("a logo on the middle that readers steer by gave %v", err)
	}
}

// A logo that looks like one of the three corners leads readers astray; nothing but reading finds that out.
func TestALogoThatHidesTheCodeFromReadersIsRefused(t *testing.T) {
	t.Parallel()
	ring := image.NewGray(image.Rect(0, 0, 140, 140))
	for _, part := range []struct {
		inset int
		ink   color.Gray
	}{{0, color.Gray{}}, {20, color.Gray{Y: 0xFF}}, {40, color.Gray{}}} {
		draw.Draw(ring, ring.Bounds().Inset(part.inset), image.NewUniform(part.ink), image.Point{}, draw.Src)
	}
	design := withCorrection(label.High)
	design.Logo = logoOf(t, ring)
	if _, err := label.Draw(example, design); !errors.Is(err, label.ErrUnreadable) {
		t.Errorf("%v", err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, emblem(100)); err != nil {
		t.Fatal(err)
	}
	if design.Logo = logoOf(t, emblem(100)); !bytes.Equal(design.Logo.File(), file.Bytes()) {
		t.Error("a logo is kept as it was read")
	}
	if _, err := label.Draw(example, design); err != nil {
		t.Errorf("a disc: %v", err)
	}
}
