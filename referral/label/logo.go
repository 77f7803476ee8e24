package label

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"homestore/clienteling/shop"
)

// Limits of a logo's file. It is drawn a quarter of a code wide, so more pixels than this nobody would see.
const (
	MaxLogoBytes = 64 << 10
	maxLogoSide  = 1024
	minLogoSide  = 16
)

// ErrLogo refuses a file that is no logo, and a logo where it may not be.
var ErrLogo = shop.Refuse(shop.Unprocessable, "label_logo_refused", "A logo is a PNG of 16 to 1024 pixels a side and at most 64 kB.")

// Logo is a small picture in the middle of a code.
type Logo struct {
	file    []byte
	picture *image.RGBA
}

// ReadLogo reads a PNG. ErrLogo when it is none, or too large or small; its size is looked at before it is unpacked.
func ReadLogo(file []byte) (*Logo, error) {
	if len(file) > MaxLogoBytes {
		return nil, ErrLogo
	}
	cfg, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil || min(cfg.Width, cfg.Height) < minLogoSide || max(cfg.Width, cfg.Height) > maxLogoSide {
		return nil, ErrLogo
	}
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, ErrLogo
	}
	logo := &Logo{file: file, picture: image.NewRGBA(image.Rect(0, 0, cfg.Width, cfg.Height))}
	draw.Draw(logo.picture, logo.picture.Rect, picture, picture.Bounds().Min, draw.Src)
	return logo, nil
}

// File is the PNG that the logo was read from.
func (l *Logo) File() []byte { return l.file }

// on is the logo as a square of so many pixels, centred on an opaque background. Each pixel is the mean of what it covers.
func (l *Logo) on(background Colour, side int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	paper := color.RGBA{background.R, background.G, background.B, 0xFF}
	draw.Draw(out, out.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	from := l.picture.Rect
	longest := max(from.Dx(), from.Dy())
	left, top := (longest-from.Dx())/2, (longest-from.Dy())/2
	for y := range side {
		for x := range side {
			cell := image.Rect(x*longest/side, y*longest/side, ceil((x+1)*longest, side), ceil((y+1)*longest, side)).
				Sub(image.Pt(left, top)).Intersect(from)
			if !cell.Empty() {
				out.SetRGBA(x, y, over(mean(l.picture, cell), paper))
			}
		}
	}
	return out
}

func ceil(a, b int) int { return (a + b - 1) / b }

// mean is the average colour of a part of a picture, premultiplied.
func mean(picture *image.RGBA, of image.Rectangle) [4]int {
	var sum [4]int
	for y := of.Min.Y; y < of.Max.Y; y++ {
		row := picture.Pix[picture.PixOffset(of.Min.X, y):picture.PixOffset(of.Max.X, y)]
		for i, v := range row {
			sum[i%4] += int(v)
		}
	}
	for i := range sum {
		sum[i] /= of.Dx() * of.Dy()
	}
	return sum
}

func over(c [4]int, paper color.RGBA) color.RGBA {
	through := 0xFF - c[3]
	mix := func(ink int, below uint8) uint8 { return uint8(min(0xFF, ink+int(below)*through/0xFF)) }
	return color.RGBA{mix(c[0], paper.R), mix(c[1], paper.G), mix(c[2], paper.B), 0xFF}
}

// logoGap is the light around a logo, in modules, so that it does not grow together with dark modules.
const logoGap = 0.5

// square is a part of a code, in modules.
type square struct{ at, side int }

func (s square) has(x, y int) bool {
	return x >= s.at && x < s.at+s.side && y >= s.at && y < s.at+s.side
}

// hole is the middle of the code that a logo takes: an odd number of modules, at most a quarter of the side. That is 1/16
// of the modules where H bears the loss of 30 %, so four fifths of the reserve stay for dirt and blur.
func (d Drawing) hole() square {
	if d.design.Logo == nil {
		return square{}
	}
	side := d.modules() / 4
	if side%2 == 0 {
		side--
	}
	return square{at: (d.modules() - side) / 2, side: side}
}
