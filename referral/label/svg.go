package label

import (
	"fmt"
	"html"
	"strings"
)

// SVG draws the code for print: one path, in modules, so that it is sharp at any size. The size attributes are pixels.
// title is what a screen reader says. ErrSize for a size out of bounds.
func (m Matrix) SVG(size Size, title string) ([]byte, error) {
	if err := size.check(); err != nil {
		return nil, err
	}
	modules := len(m) + 2*size.Margin
	side := modules * size.Scale
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" shape-rendering="crispEdges">`,
		side, side, modules, modules)
	fmt.Fprintf(&b, `<title>%s</title><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`, html.EscapeString(title), modules, modules)
	for y := range m {
		for x := 0; x < len(m); x++ {
			run := 0
			for m.dark(x+run, y) {
				run++
			}
			if run == 0 {
				continue
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+size.Margin, y+size.Margin, run, run)
			x += run
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}

// Terminal draws the code with half blocks, two rows of modules a line, light modules as ink: readable on a dark terminal,
// where the ink is bright. The reset of colours at both ends keeps a themed prompt from leaking into it.
func (m Matrix) Terminal() string {
	var b strings.Builder
	for y := -MinMargin; y < len(m)+MinMargin; y += 2 {
		b.WriteString("\x1b[97;40m")
		for x := -MinMargin; x < len(m)+MinMargin; x++ {
			upper := !m.dark(x, y)
			lower := !m.dark(x, y+1) && y+1 < len(m)+MinMargin
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
