package label

import (
	"math"

	"homestore/clienteling/shop"
	"homestore/referral/label/typeface"
)

// Label is what is printed of one tag.
type Label struct {
	Text  string    // that the code says
	Code  string    // the same for people to type, in groups
	Name  shop.Text // of the product
	Price string    // as it is written; empty: none
	Store shop.Text
}

// Sizes are in points from here on, of which an inch has 72.
const (
	pointsPerMM = 72 / 25.4
	leastSize   = 5.0  // of words: the smallest Chinese that a laser printer prints legibly
	leastCode   = 4.0  // of the code for people: digits and capitals only
	largestBase = 48.0 // of words on a poster
	leading     = 1.25 // line height in sizes
	baseline    = 1.0  // from the top of a line, in sizes: the font's ascent is 0.88, and half of what leading adds
)

// row is one text of a label. Its size is factor times the sheet's base size, the same on all labels of a sheet.
type row struct {
	text   string
	factor float64
	most   int  // lines
	grows  bool // takes what the others leave over
	isCode bool // never cut, never left out
}

// rows are the texts of a label from top to bottom, those without text too: what a template shows has its place.
func (t Template) rows(f typeface.Face, l Label) []row {
	first, second := t.Languages[0], shop.Language("")
	if len(t.Languages) > 1 {
		second = t.Languages[1]
	}
	rows := []row{{text: l.Name.In(first), factor: 1.1, most: 2, grows: true}}
	if second != "" {
		rows = append(rows, row{text: unlike(l.Name, second, first), factor: 0.8, most: 1})
	}
	if t.ShowsPrice {
		rows = append(rows, row{text: l.Price, factor: 1.3, most: 1})
	}
	if t.CallToAction.In(first) != "" {
		rows = append(rows, row{text: t.CallToAction.In(first), factor: 0.9, most: 2})
	}
	if second != "" && unlike(t.CallToAction, second, first) != "" {
		rows = append(rows, row{text: t.CallToAction.In(second), factor: 0.8, most: 2})
	}
	if t.ShowsStore {
		store := l.Store.In(first)
		if second != "" {
			store += " " + unlike(l.Store, second, first)
		}
		rows = append(rows, row{text: store, factor: 0.8, most: 1})
	}
	for i := range rows {
		rows[i].text = f.Printable(rows[i].text)
	}
	if t.ShowsCode {
		rows = append(rows, row{text: l.Code, factor: 0.8, most: 1, isCode: true})
	}
	return rows
}

// unlike is the text in a second language where that says anything new.
func unlike(t shop.Text, second, first shop.Language) string {
	if t.In(second) == t.In(first) {
		return ""
	}
	return t.In(second)
}

// box is a part of a label, in points from its upper left.
type box struct{ x, y, w, h float64 }

// written is a line of words and where it stands.
type written struct {
	text string
	x, y float64 // of its baseline's beginning
	size float64
}

// arrangement is a label before it is drawn.
type arrangement struct {
	code   box     // with its margin
	module float64 // a multiple of 1/100, which is what a PDF of ours can say: so no two modules overlap or gape
	words  []written
}

// arrange places the code and the words on a label: side by side where the label is wide, else the code above.
// ErrTooSmall when a phone could not read the code, or nobody the words.
func (t Template) arrange(format Format, f typeface.Face, modules int, l Label) (arrangement, error) {
	w, h := format.Width*pointsPerMM, format.Height*pointsPerMM
	padding := min(max(0.05*min(w, h), 1.5*pointsPerMM), 8*pointsPerMM)
	inner := box{padding, padding, w - 2*padding, h - 2*padding}
	rows := t.rows(f, l)
	isBeside := inner.w >= 1.2*inner.h
	side := min(inner.w, 0.6*inner.h)
	if isBeside {
		side = min(inner.h, 0.45*inner.w)
	}
	across := modules + 2*MinMargin
	a := arrangement{module: math.Floor(100*side/float64(across)) / 100}
	if a.module < LeastModule*pointsPerMM {
		return a, tooSmall(across, side/pointsPerMM)
	}
	side = a.module * float64(across)
	a.code = box{(w - side) / 2, inner.y, side, side}
	words := box{inner.x, inner.y + side, inner.w, inner.h - side}
	if isBeside {
		a.code = box{inner.x, (h - side) / 2, side, side}
		words = box{inner.x + side, inner.y, inner.w - side, inner.h}
	}
	a.code.x, a.code.y = math.Floor(100*a.code.x)/100, math.Floor(100*a.code.y)/100
	var err error
	a.words, err = write(f, rows, words, !isBeside)
	return a, err
}

// write sets the rows into a box, in the middle of its height.
func write(f typeface.Face, rows []row, in box, isCentred bool) ([]written, error) {
	rows, base := baseOf(rows, in)
	if rows == nil {
		return nil, ErrTooSmall.Saying("The words do not fit beside the code on this label.")
	}
	lines := make([][]string, len(rows))
	sizes := make([]float64, len(rows))
	left, growing := in.h, -1
	for i, r := range rows {
		sizes[i] = max(leastSize, r.factor*base)
		if r.isCode {
			sizes[i] = min(sizes[i], in.w*typeface.Em/float64(f.Width(r.text)))
			if sizes[i] < leastCode {
				return nil, ErrTooSmall.Saying("The code for people does not fit beside the QR code on this label.")
			}
		}
		if r.grows {
			growing = i
			continue
		}
		lines[i] = f.Wrap(r.text, int(in.w*typeface.Em/sizes[i]), r.most)
		left -= float64(len(lines[i])) * sizes[i] * leading
	}
	if growing >= 0 {
		r := rows[growing]
		lines[growing] = f.Wrap(r.text, int(in.w*typeface.Em/sizes[growing]), max(1, int(left/(sizes[growing]*leading))))
		left -= float64(len(lines[growing])) * sizes[growing] * leading
	}
	var out []written
	y := in.y + left/2
	for i := range rows {
		for _, line := range lines[i] {
			x := in.x
			if isCentred {
				x += (in.w - float64(f.Width(line))*sizes[i]/typeface.Em) / 2
			}
			out = append(out, written{line, x, y + baseline*sizes[i], sizes[i]})
			y += sizes[i] * leading
		}
	}
	return out, nil
}

// baseOf is the largest base size with which all rows fit the box, whatever they say. Where that is not even the least size,
// rows lose lines, and then go, from the last but the code upwards; nil when not even the code has a place.
func baseOf(rows []row, in box) ([]row, float64) {
	height := func(base float64) (sum float64) {
		for _, r := range rows {
			sum += float64(r.most) * max(leastSize, r.factor*base) * leading
		}
		return sum
	}
	for {
		for base := min(largestBase, in.w/8); base >= leastSize; base *= 0.98 {
			if height(base) <= in.h {
				return rows, base
			}
		}
		if rows = fewer(rows); rows == nil {
			return nil, 0
		}
	}
}

// fewer takes one line from the rows, which stay as they were.
func fewer(rows []row) []row {
	out := append([]row{}, rows...)
	last := -1
	for i, r := range out {
		if !r.isCode {
			last = i
		}
		if r.most > 1 && !r.grows {
			out[i].most--
			return out
		}
	}
	if last < 0 {
		return nil
	}
	if out[last].most > 1 {
		out[last].most--
		return out
	}
	return append(out[:last], out[last+1:]...)
}
