package statement

import (
	"fmt"
	"io"

	"github.com/signintech/gopdf"

	"homestore/referral/label/typeface"
)

// A4 in points, of which an inch has 72, and what is left free of it.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 42.0
	inner      = pageWidth - 2*margin
	lowest     = pageHeight - margin - 18 // above the page number
)

const (
	small   = 7.5
	normal  = 8.5
	large   = 11.0
	huge    = 19.0
	leading = 1.38 // line height in sizes
	padding = 5.0
)

type colour struct{ r, g, b uint8 }

var (
	ink   = colour{0x1F, 0x23, 0x28}
	faint = colour{0x6B, 0x72, 0x80}
	rule  = colour{0xD0, 0xD5, 0xDB}
	shade = colour{0xF1, 0xF3, 0xF5}
	blue  = colour{0x0B, 0x57, 0xA4}
	red   = colour{0xB4, 0x23, 0x18}
)

// document is a PDF while a statement is set.
type document struct {
	*gopdf.GoPdf
	face  typeface.Face
	s     *Statement
	y     float64 // where the next block begins
	pages int
	err   error // the first that the library returned; nothing is set after it
}

func writePDF(w io.Writer, s *Statement) error {
	d := &document{GoPdf: new(gopdf.GoPdf), face: typeface.New(), s: s}
	d.Start(gopdf.Config{PageSize: gopdf.Rect{W: pageWidth, H: pageHeight}})
	d.SetInfo(gopdf.PdfInfo{Title: s.say("title") + " " + month(s.Month) + " " + s.To.Code, Creator: "Homestore", CreationDate: s.ClosedAt.UTC()})
	if err := typeface.Embed(d.GoPdf); err != nil {
		return err
	}
	if err := d.SetFont(typeface.Name, "", normal); err != nil { // once: it looks through all that was set before
		return err
	}
	d.page()
	d.letterhead()
	d.balance()
	d.box(s.say("terms"), s.terms())
	if err := d.table(); err != nil {
		return err
	}
	d.box(s.say("seal"), s.seal())
	d.number()
	if d.err != nil {
		return d.err
	}
	_, err := d.WriteTo(w)
	return err
}

// page begins a page. All after the first say whose they are, since pages get lost.
func (d *document) page() {
	d.AddPage()
	d.pages++
	d.y = margin
	if d.pages > 1 {
		line := fmt.Sprintf("%s　%s　%s", d.s.say("title"), month(d.s.Month), d.s.party())
		d.words(margin, d.y, inner, small, faint, line)
		d.y += 2 * small
	}
	d.try(d.SetFontSize(small))
	d.SetXY(margin, pageHeight-margin)
	d.try(d.PlaceHolderText(fmt.Sprint("page ", d.pages), inner))
}

// number writes on each page which of how many it is.
func (d *document) number() {
	for page := range d.pages {
		d.try(d.FillInPlaceHoldText(fmt.Sprint("page ", page+1), d.s.sayf("page", page+1, d.pages), gopdf.Right))
	}
}

func (d *document) try(err error) {
	if d.err == nil {
		d.err = err
	}
}

// room begins a page unless there is so much left of this one, and says whether it did.
func (d *document) room(height float64) bool {
	if d.y+height <= lowest {
		return false
	}
	d.page()
	return true
}

// set sets a line that was measured before. Its top is at y.
func (d *document) set(x, y, size float64, in colour, line string) {
	d.try(d.SetFontSize(size))
	d.SetTextColor(in.r, in.g, in.b)
	d.SetXY(x, y+size)
	d.try(d.Text(line))
}

// words sets a text on one line, cut to the width.
func (d *document) words(x, y, width, size float64, in colour, text string) {
	for _, line := range d.lines(text, width, size, 1) {
		d.set(x, y, size, in, line)
	}
}

// rightwards sets one line that ends at x.
func (d *document) rightwards(x, y, size float64, in colour, text string) {
	text = d.face.Printable(text)
	d.set(x-d.width(text, size), y, size, in, text)
}

func (d *document) width(line string, size float64) float64 {
	return float64(d.face.Width(line)) * size / typeface.Em
}

// lines are the text as it is set in the width, at most so many.
func (d *document) lines(text string, width, size float64, most int) []string {
	return d.face.Wrap(d.face.Printable(text), int(width*typeface.Em/size), most)
}

// paragraph sets a text in as many lines as it takes and returns its height.
func (d *document) paragraph(x, y, width, size float64, in colour, text string) float64 {
	lines := d.lines(text, width, size, 99)
	for i, line := range lines {
		d.set(x, y+float64(i)*size*leading, size, in, line)
	}
	return float64(len(lines)) * size * leading
}

func (d *document) fill(x, y, width, height float64, in colour) {
	d.SetFillColor(in.r, in.g, in.b)
	d.RectFromUpperLeftWithStyle(x, y, width, height, "F")
}

func (d *document) rule(y float64) {
	d.SetStrokeColor(rule.r, rule.g, rule.b)
	d.SetLineWidth(0.5)
	d.Line(margin, y, margin+inner, y)
}

// money is an amount in the colour that it has: red below zero.
func (d *document) money(x, y, size float64, minor int64) {
	in := ink
	if minor < 0 {
		in = red
	}
	d.rightwards(x, y, size, in, d.s.Currency.Figure(minor))
}
