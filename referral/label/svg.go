package label

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image/png"
	"strings"
)

// logoPixels are enough for a logo of 2 cm at 300 dpi.
const logoPixels = 240

// SVG draws the code for print: one path, in modules, so that it is sharp at any size. title is what a screen reader says.
// ErrSize for a size out of bounds.
func (d Drawing) SVG(size Size, title string) ([]byte, error) {
	if _, err := d.raster(size); err != nil {
		return nil, err
	}
	side := fmt.Sprint(size.Pixels)
	if size.Millimetres != 0 {
		side = fmt.Sprintf("%dmm", size.Millimetres)
	}
	box := d.modules() + 2*size.Margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %d %d" role="img" shape-rendering="crispEdges">`,
		side, side, box, box)
	fmt.Fprintf(&b, `<title>%s</title><path fill="%s" d="M0 0h%dv%dH0z"/><path fill="%s" d="`,
		html.EscapeString(title), d.design.Light, box, box, d.design.Dark)
	for y := range d.modules() {
		d.runs(y, func(x, length int) {
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+size.Margin, y+size.Margin, length, length)
		})
	}
	b.WriteString(`"/>`)
	if hole := d.hole(); hole.side > 0 {
		logo, err := d.logoFile()
		if err != nil {
			return nil, err
		}
		at, across := float64(hole.at+size.Margin)+logoGap, float64(hole.side)-2*logoGap
		fmt.Fprintf(&b, `<image x="%g" y="%g" width="%g" height="%g" href="data:image/png;base64,%s"/>`,
			at, at, across, across, base64.StdEncoding.EncodeToString(logo))
	}
	b.WriteString(`</svg>`)
	return []byte(b.String()), nil
}

// logoFile is the logo as it stands in the code: a square, opaque PNG.
func (d Drawing) logoFile() ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, d.design.Logo.on(d.design.Light, logoPixels))
	return out.Bytes(), err
}

// Terminal draws the code with half blocks, two rows of modules a line, light modules as ink: readable on a dark terminal,
// where the ink is bright. The reset of colours at both ends keeps a themed prompt from leaking into it.
func (d Drawing) Terminal() string {
	var b strings.Builder
	for y := -MinMargin; y < d.modules()+MinMargin; y += 2 {
		b.WriteString("\x1b[97;40m")
		for x := -MinMargin; x < d.modules()+MinMargin; x++ {
			upper := !d.dark(x, y)
			lower := !d.dark(x, y+1) && y+1 < d.modules()+MinMargin
			switch {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}
