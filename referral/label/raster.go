package label

import (
	"image"
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"homestore/clienteling/shop"
)

// Limits of a picture. 4 modules is the standard's quiet zone; 8192 pixels are a poster of 70 cm at 300 dpi.
const (
	MinMargin = 4
	MaxMargin = 32
	MaxPixels = 8192
)

// pixelsPerMillimetre is what a picture says of itself, about 300 dpi, so that a program that prints begins with a useful size.
const pixelsPerMillimetre = 12

// LeastModule is the smallest module on paper, in mm: 4 dots of a 300 dpi printer, as Denso Wave recommends for stable
// printing. A phone's preview of 1920 pixels sees it with 2 pixels at 25 cm; below that, decoders fail.
const LeastModule = 0.33

// ErrTooSmall refuses a code on paper that phones would not read.
var ErrTooSmall = shop.Refuse(shop.Unprocessable, "label_too_small", "The modules of a printed code are at least 0.33 mm wide.")

// Size is how large a code is drawn, margin included.
type Size struct {
	Pixels      int
	Millimetres int // in place of Pixels
	Margin      int // modules of white around the code, at least
}

// raster is a code on a grid of pixels: whole pixels a module, so that no edge is grey, and what is left over is margin.
type raster struct {
	Drawing
	side   int // pixels
	scale  int // pixels a module
	offset int // where the first module begins
	logo   *image.RGBA
	logoAt int
}

func (d Drawing) raster(size Size) (raster, error) {
	side := size.Pixels
	if size.Millimetres != 0 {
		side = size.Millimetres * pixelsPerMillimetre
	}
	if side < 1 || side > MaxPixels || size.Margin < MinMargin || size.Margin > MaxMargin {
		return raster{}, ErrSize
	}
	across := d.modules() + 2*size.Margin
	r := raster{Drawing: d, side: side, scale: side / across}
	if r.scale < 1 {
		return raster{}, ErrSize.Saying("This code has %d modules a side with its margin, so it needs as many pixels.", across)
	}
	if size.Millimetres != 0 && float64(size.Millimetres)/float64(across) < LeastModule {
		return raster{}, tooSmall(across, float64(size.Millimetres))
	}
	r.offset = (side - d.modules()*r.scale) / 2
	if hole := d.hole(); hole.side > 0 {
		gap := int(float64(r.scale) * logoGap)
		r.logo = d.design.Logo.on(d.design.Light, hole.side*r.scale-2*gap)
		r.logoAt = r.offset + hole.at*r.scale + gap
	}
	return r, nil
}

func tooSmall(across int, side float64) error {
	return ErrTooSmall.Saying("This code has %d modules a side with its margin. In %.1f mm they are %.2f mm wide; a phone needs %.2f, so %.1f mm in all, or less correction, or a shorter domain.",
		across, side, side/float64(across), LeastModule, LeastModule*float64(across))
}

// module is the module that a pixel lies in; outside of the code it is one of the margin's.
func (r raster) module(pixel int) int {
	if pixel < r.offset {
		return -1
	}
	return (pixel - r.offset) / r.scale
}

// hasLogo says whether the logo is on a row of pixels, which is then unlike its neighbours.
func (r raster) hasLogo(y int) bool {
	return r.logo != nil && y >= r.logoAt && y < r.logoAt+r.logo.Rect.Dy()
}

// at is the colour of a pixel.
func (r raster) at(x, y int) Colour {
	if r.hasLogo(y) && r.hasLogo(x) { // it is a square on the diagonal
		c := r.logo.RGBAAt(x-r.logoAt, y-r.logoAt)
		return Colour{c.R, c.G, c.B}
	}
	if r.dark(r.module(x), r.module(y)) {
		return r.design.Dark
	}
	return r.design.Light
}

// looks are how a code is held before the decoder, as a phone sees it in one frame after the other; one of them must read. A
// single look is not enough: of 2,000 codes without any logo this decoder missed 33 when they stood upright, since it
// took modules for a corner; turned by 20 degrees it read those.
var looks = []struct {
	scale   int // pixels a module
	degrees float64
}{{3, 0}, {5, 20}, {5, 35}}

// reads says whether a decoder that shares no line with the encoder reads the text from the picture, without any help.
func (d Drawing) reads(text string) bool {
	for _, look := range looks {
		r, err := d.raster(Size{Pixels: (d.modules() + 2*MinMargin) * look.scale, Margin: MinMargin})
		if err != nil {
			return false
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(r.seen(look.degrees))
		if err != nil {
			return false
		}
		result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
		if err == nil && result.GetText() == text {
			return true
		}
	}
	return false
}

// seen is the picture turned about its middle, by the luma of video, which decoders work on.
func (r raster) seen(degrees float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	side := int(math.Ceil(float64(r.side) * (sin + cos)))
	out := image.NewGray(image.Rect(0, 0, side, side))
	middle, half := float64(side)/2, float64(r.side)/2
	for y := range side {
		for x := range side {
			dx, dy := float64(x)+0.5-middle, float64(y)+0.5-middle
			c := r.at(int(math.Floor(cos*dx+sin*dy+half)), int(math.Floor(cos*dy-sin*dx+half)))
			out.Pix[y*out.Stride+x] = uint8((299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000)
		}
	}
	return out
}
