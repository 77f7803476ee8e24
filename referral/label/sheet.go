package label

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/signintech/gopdf"

	"homestore/referral/label/typeface"
)

// sheet is a PDF while labels are drawn on it.
type sheet struct {
	pdf      *gopdf.GoPdf
	face     typeface.Face
	format   Format
	template Template
	logo     gopdf.ImageHolder // of the design; one object in the file, however many labels show it
}

// Print draws the labels by a template, from the first place of a sheet that is still free: skip places were used before. The
// memory it takes follows the labels, some 60 kB each. ErrTooSmall and the refusals of Draw can come back.
func Print(ctx context.Context, t Template, labels []Label, skip int, now time.Time) ([]byte, error) {
	format, ok := formatNamed(t.Format)
	if !ok {
		return nil, fmt.Errorf("there is no sheet %q", t.Format)
	}
	s := &sheet{pdf: new(gopdf.GoPdf), face: typeface.New(), format: format, template: t}
	if err := s.begin(now); err != nil {
		return nil, err
	}
	for i, l := range labels {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		place := (i + skip) % format.PerSheet()
		if i == 0 || place == 0 {
			s.pdf.AddPage()
		}
		if err := s.draw(l, place); err != nil {
			return nil, fmt.Errorf("label %d of %d: %w", i+1, len(labels), err)
		}
	}
	var out bytes.Buffer
	if _, err := s.pdf.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the PDF: %w", err)
	}
	return out.Bytes(), nil
}

func (s *sheet) begin(now time.Time) error {
	s.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: pageWidth * pointsPerMM, H: pageHeight * pointsPerMM}})
	s.pdf.SetInfo(gopdf.PdfInfo{Title: s.template.Name, Creator: "Homestore", CreationDate: now.UTC()})
	if err := typeface.Embed(s.pdf); err != nil {
		return err
	}
	d := s.template.Design
	s.pdf.SetTextColor(d.Dark.R, d.Dark.G, d.Dark.B)
	if d.Logo == nil {
		return nil
	}
	file, err := Drawing{design: d}.logoFile()
	if err != nil {
		return fmt.Errorf("put the logo on its background: %w", err)
	}
	s.logo, err = gopdf.ImageHolderByBytes(file)
	return err
}

// draw puts one label on its place of the page.
func (s *sheet) draw(l Label, place int) error {
	drawing, err := Draw(l.Text, s.template.Design)
	if err != nil {
		return err
	}
	a, err := s.template.arrange(s.format, s.face, drawing.modules(), l)
	if err != nil {
		return err
	}
	x, y := s.format.corner(place)
	x, y = float64(int(100*x*pointsPerMM))/100, float64(int(100*y*pointsPerMM))/100
	width, height := s.format.Width*pointsPerMM, s.format.Height*pointsPerMM
	if light := s.template.Design.Light; light != White {
		s.pdf.SetFillColor(light.R, light.G, light.B)
		s.pdf.RectFromUpperLeftWithStyle(x, y, width, height, "F")
	}
	if s.format.IsCut {
		s.pdf.SetStrokeColor(0xB0, 0xB0, 0xB0)
		s.pdf.SetLineWidth(0.25)
		s.pdf.RectFromUpperLeft(x, y, width, height)
	}
	if err := s.drawCode(drawing, a, x, y); err != nil {
		return err
	}
	for _, w := range a.words {
		if err := s.pdf.SetFont(typeface.Name, "", w.size); err != nil {
			return err
		}
		s.pdf.SetXY(x+w.x, y+w.y)
		if err := s.pdf.Text(w.text); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheet) drawCode(d Drawing, a arrangement, x, y float64) error {
	s.pdf.SetFillColor(d.design.Dark.R, d.design.Dark.G, d.design.Dark.B)
	left, top := x+a.code.x+MinMargin*a.module, y+a.code.y+MinMargin*a.module
	for _, r := range d.rectangles() {
		s.pdf.RectFromUpperLeftWithStyle(left+float64(r.x)*a.module, top+float64(r.y)*a.module, float64(r.w)*a.module, float64(r.h)*a.module, "F")
	}
	if hole := d.hole(); hole.side > 0 {
		at, side := (float64(hole.at)+logoGap)*a.module, (float64(hole.side)-2*logoGap)*a.module
		return s.pdf.ImageByHolder(s.logo, left+at, top+at, &gopdf.Rect{W: side, H: side})
	}
	return nil
}

// rectangle is some dark modules that touch.
type rectangle struct{ x, y, w, h int }

// rectangles are all dark modules, each in one: runs, and runs that are the same in the next rows too. That is a third of the
// shapes of single modules, and fewer seams for a viewer to show.
func (d Drawing) rectangles() []rectangle {
	out := make([]rectangle, 0, 256)
	above := map[[2]int]int{} // run that reached the row before -> its place in out
	for y := range d.modules() {
		here := make(map[[2]int]int, len(above))
		d.runs(y, func(x, length int) {
			run := [2]int{x, length}
			at, goesOn := above[run]
			if !goesOn {
				at = len(out)
				out = append(out, rectangle{x: x, y: y, w: length})
			}
			out[at].h++
			here[run] = at
		})
		above = here
	}
	return out
}
