package statement

import (
	"strings"

	"homestore/clienteling/shop"
)

// letterhead says whose statement it is.
func (d *document) letterhead() {
	s := d.s
	d.words(margin, d.y, inner, normal, faint, s.Brand)
	d.y += normal * leading
	d.words(margin, d.y, inner/2, huge, ink, s.say("title"))
	d.rightwards(margin+inner, d.y, huge, ink, month(s.Month))
	d.y += huge * leading
	d.rule(d.y)
	d.y += padding
	width := inner / 2
	for i, f := range s.heading()[2:] { // the brand and the month stand above
		x := margin + float64(i%2)*width
		d.words(x, d.y, 70, normal, faint, f.what)
		d.words(x+75, d.y, width-80, normal, ink, f.text)
		if i%2 == 1 {
			d.y += normal * leading
		}
	}
	d.y += 2 * padding
}

// balance sets opening, movement and closing as what they are: the two sides of an equation.
func (d *document) balance() {
	s := d.s
	width := (inner - 2*padding) / 2
	left := append(s.opening(), s.amount("movement", s.Movement))
	right := s.closing()
	height := 2*padding + large*leading + float64(len(right)+1)*normal*1.7
	d.fill(margin, d.y, inner, height, shade)
	d.side(margin+padding, width-3*padding, s.say("opening"), left)
	d.side(margin+padding+width, width, s.say("closing"), right)
	d.y += height + padding
	d.words(margin, d.y, inner, small, faint, equation(s.Currency, left)+"  =  "+equation(s.Currency, right))
	d.y += small*leading + 2*padding
}

// side sets one side of the balance with its sum.
func (d *document) side(x, width float64, head string, facts []fact) {
	y := d.y + padding
	d.words(x, y, width, large, ink, head+"　"+string(d.s.Currency))
	y += large * leading
	sum := int64(0)
	for _, f := range facts {
		d.words(x, y, width-80, normal, ink, f.what)
		d.money(x+width, y, normal, f.minor)
		sum += f.minor
		y += normal * 1.7
	}
	d.SetStrokeColor(faint.r, faint.g, faint.b)
	d.SetLineWidth(0.5)
	d.Line(x+width-80, y-1, x+width, y-1)
	d.money(x+width, y, normal, sum)
}

// equation writes what is added: 1,000 + (-50) + 2,000.
func equation(c shop.Currency, facts []fact) string {
	parts := make([]string, len(facts))
	for i, f := range facts {
		parts[i] = c.Figure(f.minor)
		if f.minor < 0 {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " + ")
}

// box sets facts below a head, the longer ones in several lines, on one page.
func (d *document) box(head string, facts []fact) {
	const names = 130.0
	width := inner - names
	height := large*leading + 3*padding
	texts := make([]string, len(facts))
	for i, f := range facts {
		if texts[i] = f.text; f.isAmount {
			texts[i] = string(d.s.Currency) + " " + d.s.Currency.Figure(f.minor)
		}
		height += float64(max(1, len(d.lines(texts[i], width, normal, 99)))) * normal * leading
	}
	d.room(height)
	d.words(margin, d.y, inner, large, ink, head)
	d.y += large * leading
	d.rule(d.y)
	d.y += padding
	for i, f := range facts {
		d.words(margin, d.y, names-padding, normal, faint, f.what)
		d.y += max(normal*leading, d.paragraph(margin+names, d.y, width, normal, ink, texts[i]))
	}
	d.y += 2 * padding
}
